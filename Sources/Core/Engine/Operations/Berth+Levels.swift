import BerthKit

extension Berth {
  /// All plugins, those that are broken too, with the levels that they were shown to have.
  public func appReports() -> [AppReport] {
    let places = pluginFolders.map { ($0, ProvenLevels((try? host.files.read("\($0)/levels.json")) ?? "")) }
    return catalog().entries.map { entry in
      guard let manifest = entry.manifest else { return AppReport(entry) }
      // What is built in is tried beside those that ship.
      let near = places.first { entry.origin == PluginCatalog.builtIn || ScopePaths.folder(of: entry.origin) == $0.0 }
      return AppReport(entry, level: near?.1.level(of: manifest))
    }
  }
}
