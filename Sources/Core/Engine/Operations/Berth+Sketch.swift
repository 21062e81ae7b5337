import BerthKit

extension Berth {
  /// Writes the beginnings of a plugin into a folder of its own.
  ///
  /// - Parameters:
  ///   - id: the app's id.
  ///   - folder: where the plugin's folder is made.
  ///   - source: the app whose plugin it begins as a copy of; nil for a new one of a kind.
  /// - Returns: the plugin's folder, and what the check says of it.
  /// - Throws: `bad-app-id`, `app-exists`, `path-exists`, `unknown-app`, or `built-in-plugin`.
  public func sketch(
    _ id: String, in folder: String, from source: String?, _ kind: PluginSketch.Kind
  ) throws -> (folder: String, plugin: any AppPlugin) {
    let sketch =
      try source.map { try PluginSketch(id, from: files(ofPlugin: $0), schema: schema) }
      ?? PluginSketch(id, kind, schema: schema)
    if let entry = catalog().entries.first(where: { $0.id == id }) { throw BerthError.appExists(id, entry.origin) }
    let home = try PathRules.absolute("\(folder)/\(id)", in: environment.workingFolder)
    guard !host.files.exists(home) else { throw BerthError.pathExists(home) }
    do {
      try writePlugin(sketch.files, to: home)
      return (home, try PluginLoader(files: host.files).plugin(at: home))
    } catch {
      try host.files.remove(home)
      throw error
    }
  }

  /// Writes the files of a plugin, which everybody may read.
  ///
  /// - Parameter texts: by their paths in the folder.
  func writePlugin(_ texts: [String: String], to folder: String) throws {
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      let path = "\(folder)/\(name)"
      try host.files.makeFolder(ScopePaths.folder(of: path), mode: 0o755, owner: nil)
      try host.files.write(text, to: path, mode: 0o644, owner: nil, anchor: nil)
    }
  }

  /// The texts of a plugin's folder, by their paths in it.
  private func files(ofPlugin app: String) throws -> [String: String] {
    _ = try plugin(app)
    let origin = catalog().entries.first { $0.id == app }?.origin
    guard let home = origin, host.files.isFolder(home) else { throw BerthError.builtInPlugin(app) }
    return try PluginLoader(files: host.files).files(at: home).texts
  }

  /// Where the schema for editors lies: beside the program that was installed, or in the checkout.
  private var schema: String? {
    let name = "schema/plugin.schema.json"
    return placesBeside.flatMap { ["\($0)/share/berth/\(name)", "\($0)/docs/\(name)"] }.first(where: host.files.isFile)
  }
}
