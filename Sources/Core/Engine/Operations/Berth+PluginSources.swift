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
        remedy: "tell the maintainer of the index")
    }
  }
}

extension PluginSource {
  /// Makes sure that what somebody says beside the source means something for it.
  func requireOptions(of wish: PluginWish) throws {
    let isArchive = kind == .archive || kind == .address
    if wish.sha256 != nil, !isArchive { throw BerthError.optionOfAnotherSource("--sha256", "an archive", text) }
    if wish.reference != nil, kind != .repository {
      throw BerthError.optionOfAnotherSource("--ref", "a repository", text)
    }
    if wish.plugin != nil, kind == .name {
      throw BerthError.optionOfAnotherSource("--plugin", "a folder, an archive or a repository", text)
    }
  }
}

/// Fetching plugins. What comes is a text until it was checked.
extension Berth {
  /// Bytes that an archive with a plugin has at most.
  private static let largestArchive: Int64 = 64 << 20

  /// - Parameter folder: an empty one for what is fetched.
  func fetch(_ source: PluginSource, _ wish: PluginWish, in folder: String) async throws -> FoundPlugin {
    try source.requireOptions(of: wish)
    let text = source.text
    switch source.kind {
    case .folder:
      let home = wish.plugin.map { "\(text)/\($0)" } ?? text
      return FoundPlugin(files: try PluginLoader(files: host.files).files(at: home))
    case .archive:
      return try read(text, wish.plugin, sha256: wish.sha256, at: text)
    case .address:
      let path = try await download(text, to: "\(folder)/archive", atMost: Self.largestArchive)
      guard let wanted = wish.sha256 else {
        throw BerthError.noChecksum(text, found: try host.sources.archives.digest(of: path) { _, _ in })
      }
      return try read(path, wish.plugin, sha256: wanted, at: text)
    case .repository:
      let path = "\(folder)/archive.tar"
      options.notice("fetching \(text)")
      let commit = try await host.sources.repositories.pack(text, at: wish.reference, to: path, home: folder)
      var found = try read(path, wish.plugin, sha256: nil, at: text)
      // Git packs a tar anew each time.
      (found.commit, found.sha256) = (commit, nil)
      return found
    case .name:
      let (place, entry) = try await entry(named: text, in: folder)
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
}
