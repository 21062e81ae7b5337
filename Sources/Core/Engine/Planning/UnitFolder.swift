import BerthKit
import BerthRender

/// What Berth has put into the scope's unit folder, by app and instance, whatever the plugins say today.
struct UnitFolder {
  /// Unit files that all instances of an app share, by app.
  private(set) var shared: [String: [String]] = [:]
  /// Folders of drop-ins, by app and instance id.
  private(set) var dropIns: [String: [String: [String]]] = [:]

  init(shared: [String: [String]] = [:], dropIns: [String: [String: [String]]] = [:]) {
    self.shared = shared
    self.dropIns = dropIns
  }

  /// Reads the folder.
  ///
  /// - Parameter app: only what begins like this app's units; nil for everything.
  init(_ paths: ScopePaths, _ files: any FileTree, app: String? = nil) throws {
    guard files.isFolder(paths.units) else { return }
    for name in try files.list(paths.units) {
      guard app.map({ name.hasPrefix("\($0)@") || name.hasPrefix("\($0)-") }) ?? true,
        let at = name.firstIndex(of: "@"),
        let dot = name[at...].firstIndex(of: ".")
      else { continue }
      let id = String(name[name.index(after: at)..<dot])
      let path = paths.unit(name)
      let isDropIn = name.hasSuffix(".d")
      guard isDropIn != id.isEmpty,
        let owner = UnitRenderer.plugin(of: try? files.read(isDropIn ? "\(path)/berth.conf" : path)),
        app == nil || owner == app
      else { continue }
      if isDropIn {
        dropIns[owner, default: [:]][id, default: []].append(path)
      } else {
        shared[owner, default: []].append(path)
      }
    }
  }
}
