import BerthKit

/// What Berth has put into the scope's unit folder, by app and instance, whatever the plugins say today.
package struct UnitFolder {
  /// Unit files that all instances of an app share, by app.
  package let shared: [String: [String]]
  /// Folders of drop-ins and files of containers, by app and instance id.
  package let own: [String: [String: [String]]]

  package init(shared: [String: [String]] = [:], own: [String: [String: [String]]] = [:]) {
    self.shared = shared
    self.own = own
  }
}
