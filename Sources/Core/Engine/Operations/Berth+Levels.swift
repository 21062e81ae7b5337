import BerthKit

extension Berth {
  /// All plugins, those that are broken too, with the levels that they were shown to have.
  public func appReports() -> [AppReport] {
    let places = pluginFolders.map { ($0, ProvenLevels((try? host.files.read("\($0)/levels.json")) ?? "")) }
    return catalog().entries.map { entry in
      guard let manifest = entry.manifest else { return AppReport(entry) }
      // What is built in is tried beside those that ship.
      let near = places.first { entry.origin == PluginCatalog.builtIn || ScopePaths.folder(of: entry.origin) == $0.0 }
      let origin = entry.origin == paths.plugin(entry.id) ? origin(of: entry.id) : nil
      return AppReport(entry, level: near?.1.level(of: manifest) ?? origin?.level, from: origin)
    }
  }

  /// What the indexes have that the host knows. Of what several have, the first one's counts.
  ///
  /// - Throws: what ``indexes()`` throws.
  public func availablePlugins() async throws -> [AvailablePlugin] {
    let here = Dictionary(uniqueKeysWithValues: catalog().entries.map { ($0.id, $0.manifest?.version) })
    var seen: Set<String> = []
    return try await indexes().flatMap { place, index in
      index.plugins.filter { seen.insert($0.id).inserted }.map {
        AvailablePlugin($0, index: place.name, installed: here[$0.id] ?? nil)
      }
    }
  }
}
