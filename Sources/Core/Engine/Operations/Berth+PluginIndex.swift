import BerthKit

extension Berth {
  /// Makes an index of plugins with their archives in a folder, and signs it.
  ///
  /// - Parameters:
  ///   - folders: of plugins, or with such.
  ///   - key: the file of a private key; nil for no signature.
  /// - Throws: `no-plugin`, `bad-plugin`, `bad-index` where two have one id, or an error of the file system.
  public func makeIndex(of folders: [String], to target: String, signedBy key: String?) async throws -> PluginIndex {
    let target = try PathRules.absolute(target, in: environment.workingFolder)
    let key = try key.map { try PathRules.absolute($0, in: environment.workingFolder) }
    try host.files.makeFolder(target, mode: 0o755, owner: nil)
    let index = PluginIndex(
      try folders.flatMap { folder in
        let folder = try PathRules.absolute(folder, in: environment.workingFolder)
        let levels = ProvenLevels((try? host.files.read("\(folder)/levels.json")) ?? "")
        return try pluginHomes(in: folder).map { try pack(pluginAt: $0, levels, into: target) }
      })
    let path = "\(target)/\(PluginIndex.file)"
    // Whoever reads it would refuse one that names a plugin twice.
    _ = try PluginIndex(reading: index.text, at: path)
    try host.files.write(try index.text, to: path, mode: 0o644, owner: nil, anchor: nil)
    if let key { try await host.sources.signatures.sign(path, by: key, for: PluginIndex.namespace) }
    return index
  }

  /// The folder itself where it is a plugin's, else the plugins' folders in it.
  private func pluginHomes(in folder: String) throws -> [String] {
    func isHome(_ path: String) -> Bool { host.files.exists("\(path)/\(PluginFiles.manifest)") }
    if isHome(folder) { return [folder] }
    let homes = try host.files.list(folder).map { "\(folder)/\($0)" }.filter(isHome)
    guard !homes.isEmpty else { throw BerthError.noPlugin(at: folder, isPath: true) }
    return homes
  }

  private func pack(pluginAt home: String, _ levels: ProvenLevels, into folder: String) throws -> PluginIndex.Entry {
    let loader = PluginLoader(files: host.files)
    let manifest = try loader.plugin(at: home).manifest
    let version = String(manifest.version.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "_" })
    let name = "\(manifest.id)-\(version).tar.gz"
    let path = "\(folder)/\(name)"
    try host.sources.plugins.write(try loader.files(at: home).texts, below: manifest.id, to: path)
    let digest = try host.sources.archives.digest(of: path) { _, _ in }
    return PluginIndex.Entry(manifest, level: levels.level(of: manifest), archive: name, sha256: digest)
  }
}
