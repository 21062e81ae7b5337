import BerthKit
import BerthRender

/// What Berth has put into the scope's unit folder, by app and instance, whatever the plugins say today.
struct UnitFolder {
  /// Unit files that all instances of an app share, by app.
  private(set) var shared: [String: [String]] = [:]
  /// Folders of drop-ins and files of containers, by app and instance id.
  private(set) var own: [String: [String: [String]]] = [:]

  init(shared: [String: [String]] = [:], own: [String: [String: [String]]] = [:]) {
    self.shared = shared
    self.own = own
  }

  /// Reads the folder.
  ///
  /// - Parameter app: only what begins like this app's units; nil for everything.
  init(_ paths: ScopePaths, _ files: any FileTree, app: String? = nil) throws {
    for folder in [paths.units, paths.containers] where files.isFolder(folder) {
      try look(into: folder, files, app)
    }
  }

  private mutating func look(into folder: String, _ files: any FileTree, _ app: String?) throws {
    for name in try files.list(folder) {
      guard app.map({ name.hasPrefix("\($0)@") || name.hasPrefix("\($0)-") }) ?? true,
        let at = name.firstIndex(of: "@"),
        let dot = name[at...].firstIndex(of: ".")
      else { continue }
      let id = String(name[name.index(after: at)..<dot])
      let path = "\(folder)/\(name)"
      let isDropIn = name.hasSuffix(".d")
      guard isDropIn || id.isEmpty || [".container", ".network"].contains(where: name.hasSuffix),
        let owner = UnitRenderer.plugin(of: try? files.read(isDropIn ? "\(path)/berth.conf" : path)),
        app == nil || owner == app
      else { continue }
      if !id.isEmpty {
        own[owner, default: [:]][id, default: []].append(path)
      } else {
        shared[owner, default: []].append(path)
      }
    }
  }
}
