import BerthHost
import BerthKit

/// What was fetched of a plugin.
struct FoundPlugin: Sendable {
  var files: PluginFiles
  var commit: String?
  var sha256: String?
  /// The index that has named it, and what it says of it.
  var index: String?
  var entry: PluginIndex.Entry?
}

extension PluginIndex.Entry {
  /// Makes sure that an archive has what the index says.
  func requireMeant(_ manifest: Manifest) throws {
    guard manifest.id == id, manifest.version == version else {
      throw BerthError(
        "bad-index", .badInput,
        "the index promises \(id) \(version), and the archive has \(manifest.id) \(manifest.version)", at: archive,
        remedy: "ask whoever keeps the index")
    }
  }
}

/// Fetching plugins. What comes is a text until it was checked.
extension Berth {
  /// Bytes that an archive with a plugin has at most.
  private static let largestArchive: Int64 = 64 << 20

  /// - Parameter folder: an empty one for what is fetched.
  func fetch(_ source: PluginSource, _ wish: PluginWish, in folder: String) async throws -> FoundPlugin {
    if wish.sha256 != nil {
      switch source {
      case .archive, .address: break
      case .folder, .repository, .name: throw BerthError.sumOfNoArchive(source.text)
      }
    }
    switch source {
    case .folder(let path):
      let home = wish.plugin.map { "\(path)/\($0)" } ?? path
      return FoundPlugin(files: try PluginLoader(files: host.files).files(at: home))
    case .archive(let path):
      return try read(path, wish.plugin, sha256: wish.sha256, at: path)
    case .address(let address):
      let path = try await download(address, to: "\(folder)/archive", atMost: Self.largestArchive)
      guard let wanted = wish.sha256 else {
        throw BerthError.noChecksum(address, found: try host.sources.archives.digest(of: path) { _, _ in })
      }
      return try read(path, wish.plugin, sha256: wanted, at: address)
    case .repository(let repository):
      let path = "\(folder)/archive.tar"
      options.notice("fetching \(repository)")
      let commit = try await host.sources.repositories.pack(repository, at: wish.reference, to: path, home: folder)
      var found = try read(path, wish.plugin, sha256: nil, at: repository)
      (found.commit, found.sha256) = (commit, nil)
      return found
    case .name(let name):
      let (place, entry) = try await entry(named: name, in: folder)
      let address = place.place(of: entry.archive)
      let path =
        address.hasPrefix("/")
        ? address : try await download(address, to: "\(folder)/archive", atMost: Self.largestArchive)
      var found = try read(path, nil, sha256: entry.sha256, at: address)
      (found.index, found.entry) = (place.name, entry)
      return found
    }
  }

  /// The indexes that the host knows, each as it is now.
  ///
  /// - Throws: `no-index`, `not-signed`, `bad-index`, or `download-failed`.
  public func indexes() async throws -> [(place: PluginIndexPlace, index: PluginIndex)] {
    let places = try hostConfig().indexes
    guard !places.isEmpty else { throw BerthError.noIndex(paths.hostConfig) }
    return try await TemporaryFolder.with(below: paths.temporary) { folder in
      var indexes: [(place: PluginIndexPlace, index: PluginIndex)] = []
      for place in places { indexes.append((place, try await index(place, in: folder.path))) }
      return indexes
    }
  }

  private func entry(
    named name: String, in folder: String
  ) async throws -> (PluginIndexPlace, PluginIndex.Entry) {
    let places = try hostConfig().indexes
    guard !places.isEmpty else { throw BerthError.noIndex(paths.hostConfig, for: name) }
    var known: [String] = []
    for place in places {
      let index = try await index(place, in: folder)
      if let entry = index.plugins.first(where: { $0.id == name }) { return (place, entry) }
      known += index.plugins.map(\.id)
    }
    throw BerthError.notInIndex(name, known: known)
  }

  private func index(_ place: PluginIndexPlace, in folder: String) async throws -> PluginIndex {
    let largest = Int64(PluginIndex.largest)
    let signature = "\(place.address)\(PluginIndex.signatureEnding)"
    let (path, signed) =
      place.isOnHost
      ? (place.address, signature)
      : (
        try await download(place.address, to: "\(folder)/\(place.name).json", atMost: largest),
        try await download(signature, to: "\(folder)/\(place.name).sig", atMost: 1 << 20)
      )
    if !place.keys.isEmpty {
      try await host.sources.signatures.verify(
        path, from: place.address, signature: signed, by: place.keys, for: PluginIndex.namespace, home: folder)
    }
    return try PluginIndex(reading: host.files.read(path), at: place.address)
  }

  private func download(_ address: String, to path: String, atMost limit: Int64) async throws -> String {
    options.notice("fetching \(address)")
    try await host.sources.downloads.fetch(address, to: path, atMost: limit) { _, _ in }
    return path
  }

  /// - Parameter place: what errors name.
  private func read(
    _ path: String, _ name: String?, sha256 wanted: String?, at place: String
  ) throws -> FoundPlugin {
    let digest = try host.sources.archives.digest(of: path) { _, _ in }
    if let wanted, wanted.lowercased() != digest {
      throw BerthError.wrongPluginSum(place, found: digest, wanted: wanted)
    }
    let texts = try host.sources.plugins.texts(of: path, where: PluginFiles.mayHold)
    return FoundPlugin(files: try PluginFiles(members: texts, named: name, at: place), sha256: digest)
  }

  /// Makes an index of plugins with their archives in a folder, and signs it.
  ///
  /// - Parameters:
  ///   - folders: of plugins, or with such.
  ///   - key: the file of a private key; nil for no signature.
  /// - Throws: `no-plugin`, `bad-plugin`, `two-plugins`, or an error of the file system.
  public func makeIndex(of folders: [String], to target: String, signedBy key: String?) async throws -> PluginIndex {
    let loader = PluginLoader(files: host.files)
    let target = try PathRules.absolute(target, in: environment.workingFolder)
    var entries: [PluginIndex.Entry] = []
    for folder in folders {
      let folder = try PathRules.absolute(folder, in: environment.workingFolder)
      let homes =
        host.files.exists("\(folder)/\(PluginFiles.manifest)")
        ? [folder]
        : try host.files.list(folder).map { "\(folder)/\($0)" }
          .filter { host.files.exists("\($0)/\(PluginFiles.manifest)") }
      guard !homes.isEmpty else { throw BerthError.noPlugin(at: folder, isPath: true) }
      let levels = ProvenLevels((try? host.files.read("\(folder)/levels.json")) ?? "")
      for home in homes {
        let manifest = try loader.plugin(at: home).manifest
        let version = String(
          manifest.version.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "_" })
        let name = "\(manifest.id)-\(version).tar.gz"
        try host.files.makeFolder(target, mode: 0o755, owner: nil)
        try host.sources.plugins.write(
          try loader.files(at: home).texts, below: manifest.id, to: "\(target)/\(name)")
        let digest = try host.sources.archives.digest(of: "\(target)/\(name)") { _, _ in }
        entries.append(
          PluginIndex.Entry(manifest, level: levels.level(of: manifest), archive: name, sha256: digest))
      }
    }
    let index = PluginIndex(entries)
    let path = "\(target)/\(PluginIndex.file)"
    // An index that names a plugin twice is refused where it is read.
    _ = try PluginIndex(reading: index.text, at: path)
    try host.files.write(try index.text, to: path, mode: 0o644, owner: nil, anchor: nil)
    if let key {
      let key = try PathRules.absolute(key, in: environment.workingFolder)
      try await host.sources.signatures.sign(path, by: key, for: PluginIndex.namespace)
    }
    return index
  }
}
