import BerthKit
import BerthPlanning
import BerthRender

extension UnitFolder {
  /// Reads the folders of a scope.
  ///
  /// - Parameter app: only what begins like this app's units; nil for everything.
  init(reading paths: ScopePaths, _ files: any FileTree, app: String? = nil) throws {
    var shared: [String: [String]] = [:]
    var own: [String: [String: [String]]] = [:]
    for folder in [paths.units, paths.containers] where files.isFolder(folder) {
      for name in try files.list(folder) {
        guard let (id, owner) = Self.unit(name, in: folder, files, of: app) else { continue }
        if id.isEmpty {
          shared[owner, default: []].append("\(folder)/\(name)")
        } else {
          own[owner, default: [:]][id, default: []].append("\(folder)/\(name)")
        }
      }
    }
    self.init(shared: shared, own: own)
  }

  /// Whose a file is: the id of the instance, empty for what all of an app share, and the app; nil for others' files.
  private static func unit(
    _ name: String, in folder: String, _ files: any FileTree, of app: String?
  ) -> (id: String, app: String)? {
    guard app.map({ name.hasPrefix("\($0)@") || name.hasPrefix("\($0)-") }) ?? true,
      let at = name.firstIndex(of: "@"),
      let dot = name[at...].firstIndex(of: ".")
    else { return nil }
    let id = String(name[name.index(after: at)..<dot])
    let isDropIn = name.hasSuffix(".d")
    // Beside templates and drop-ins there are files of containers, and what keeps an instance on units of its own.
    let ownEndings = [".container", ".network", ".service", ".timer", ".target", ".socket"]
    guard isDropIn || id.isEmpty || ownEndings.contains(where: name.hasSuffix) else { return nil }
    let path = "\(folder)/\(name)"
    guard let owner = UnitRenderer.plugin(of: try? files.read(isDropIn ? "\(path)/berth.conf" : path)),
      app == nil || owner == app
    else { return nil }
    return (id, owner)
  }
}
