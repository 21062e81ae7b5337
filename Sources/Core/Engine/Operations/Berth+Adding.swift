import BerthExecution
import BerthHost
import BerthKit
import Foundation

/// Plugins from elsewhere, in the scope's own folder for them.
extension Berth {
  /// Fetches a plugin, checks it, and says what it asks for. Nothing is changed.
  ///
  /// - Throws: `bad-plugin-source`, `no-checksum`, `wrong-checksum`, `not-signed`, `bad-plugin`, `app-exists`, or what
  ///   fetching it throws.
  public func offer(_ wish: PluginWish) async throws -> PluginOffer {
    try await offer(source(of: wish), wish) { manifest in
      if let origin = origin(of: manifest.id) { throw BerthError.alreadyAdded(manifest.id, from: origin.from) }
      if let entry = catalog(near: manifest.id).entries.first(where: { $0.id == manifest.id }) {
        throw BerthError.appExists(manifest.id, entry.origin)
      }
      return nil
    }
  }

  /// Fetches a plugin that was added once more, from the same place unless somebody names another one.
  ///
  /// - Parameters:
  ///   - wish: what is said anew; an empty source for the same one.
  ///   - overwrites: whether what somebody has changed in its folder may go, and an older version may come.
  /// - Throws: `not-added`, `plugin-edited`, `older-plugin`, and what ``offer(_:)`` throws.
  public func renewal(of app: String, _ wish: PluginWish, overwrites: Bool = false) async throws -> PluginOffer {
    let former = try requireAdded(app)
    if !overwrites, try isEdited(app, former) { throw BerthError.pluginEdited(app, paths.plugin(app)) }
    var wish = wish
    var source = former.source
    if wish.source.isEmpty {
      wish.plugin = wish.plugin ?? former.plugin
      wish.reference = wish.reference ?? former.reference
      // What an index names has the checksum that the index says by now.
      wish.sha256 = wish.sha256 ?? (former.index == nil ? former.sha256 : nil)
    } else {
      source = try self.source(of: wish)
    }
    return try await offer(source, wish) { manifest in
      guard manifest.id == app else { throw BerthError.otherPlugin(manifest.id, wanted: app, from: source.text) }
      if !overwrites, manifest.version.compare(former.version, options: .numeric) == .orderedAscending {
        throw BerthError.olderPlugin(app, manifest.version, than: former.version)
      }
      return former
    }
  }

  /// Puts a plugin that was looked at into the scope's folder, in one step.
  ///
  /// - Returns: its folder.
  /// - Throws: `busy`, `app-exists`, `plugin-edited` where somebody was faster, or an error of the file system.
  @discardableResult
  public func take(_ offer: PluginOffer, overwrites: Bool = false) async throws -> String {
    let app = offer.manifest.id
    let home = paths.plugin(app)
    try prepareMoving()
    return try await HostLock(host, purpose: "adding the plugin \(app)", wait: options.wait).holding {
      sweepMoving()
      guard origin(of: app) == offer.former, offer.former != nil || !host.files.exists(home) else {
        throw BerthError.appExists(app, home)
      }
      if let former = offer.former, !overwrites, try isEdited(app, former) { throw BerthError.pluginEdited(app, home) }
      try requireRoom(for: offer.check.plugin)
      let moving = paths.movingPlugin(host.clock.uuid())
      do {
        try write(offer, to: moving)
        if offer.former == nil {
          try host.files.move(moving, to: home)
        } else {
          try host.files.exchange(moving, with: home)
        }
      } catch {
        try? host.files.remove(moving)
        throw error
      }
      host.files.flush([paths.plugins, paths.config])
      try? host.files.remove(moving)
      return home
    }
  }

  /// Takes away a plugin that was added.
  ///
  /// - Throws: `not-added`, or `app-in-use` where there are instances.
  public func removePlugin(_ app: String) async throws {
    _ = try requireAdded(app)
    try prepareMoving()
    try await HostLock(host, purpose: "removing the plugin \(app)", wait: options.wait).holding {
      sweepMoving()
      let instances = try host.registry.instances().filter { $0.key.app == app }
      guard instances.isEmpty else { throw BerthError.appInUse(app, instances.map(\.title)) }
      let moving = paths.movingPlugin(host.clock.uuid())
      try host.files.move(paths.plugin(app), to: moving)
      host.files.flush([paths.plugins, paths.config])
      try? host.files.remove(moving)
    }
  }

  /// Where the plugin of an app was taken from; nil for one that was not added.
  public func origin(of app: String) -> PluginOrigin? {
    guard ManifestValidator.isIdentifier(app),
      let text = try? host.files.read("\(paths.plugin(app))/\(PluginOrigin.file)")
    else { return nil }
    return try? JSONDecoder().decode(PluginOrigin.self, from: Data(text.utf8))
  }

  /// The apps whose plugins were added, in order of id.
  public func addedPlugins() throws -> [String] {
    guard host.files.isFolder(paths.plugins) else { return [] }
    return try host.files.list(paths.plugins).filter { origin(of: $0) != nil }
  }

  /// Whether somebody has changed the files of a plugin since it was added.
  public func isEdited(_ app: String, _ origin: PluginOrigin) throws -> Bool {
    try PluginLoader(files: host.files).files(at: paths.plugin(app)).digest != origin.files
  }

  // MARK: Its parts

  /// - Throws: `not-added`, or `unknown-app`.
  func requireAdded(_ app: String) throws -> PluginOrigin {
    if let origin = origin(of: app) { return origin }
    guard let entry = catalog().entries.first(where: { $0.id == app }) else {
      throw BerthError.unknownApp(app, known: catalog().entries.map(\.id))
    }
    throw BerthError.notAdded(app, at: entry.origin)
  }

  private func source(of wish: PluginWish) throws -> PluginSource {
    try PluginSource(
      reading: wish.source, isRepository: wish.reference != nil,
      absolute: { try PathRules.absolute($0, in: environment.workingFolder) },
      isFolder: { host.files.isFolder($0) ? true : host.files.exists($0) ? false : nil })
  }

  /// - Parameter former: says which one it takes the place of, and throws where it may not be taken.
  private func offer(
    _ source: PluginSource, _ wish: PluginWish, former: (Manifest) throws -> PluginOrigin?
  ) async throws -> PluginOffer {
    let found = try await TemporaryFolder.with(below: paths.temporary) { folder in
      try await fetch(source, wish, in: folder.path)
    }
    let check = try found.files.check()
    let manifest = check.plugin.manifest
    try found.entry?.requireMeant(manifest)
    let replaced = try former(manifest)
    try requireRoom(for: check.plugin)
    let origin = PluginOrigin(
      source, plugin: wish.plugin, reference: wish.reference, commit: found.commit, sha256: found.sha256,
      index: found.index, level: found.entry?.level, files: found.files.digest, version: manifest.version,
      added: host.clock.timestamp())
    let before = replaced.flatMap { _ in try? plugin(manifest.id).manifest.asks } ?? []
    return PluginOffer(check: check, origin: origin, former: replaced, formerAsks: before, files: found.files)
  }

  /// Makes sure that an app does not meet another one in its id or its units.
  private func requireRoom(for plugin: any AppPlugin) throws {
    let others = catalog(near: plugin.id).entries.filter { $0.id != plugin.id || $0.origin != paths.plugin(plugin.id) }
    let entry = PluginCatalog.Entry(id: plugin.id, origin: paths.plugin(plugin.id), result: .success(plugin))
    let together = PluginCatalog(others + [entry])
    for entry in together.entries {
      guard let problem = entry.problem, others.first(where: { $0.id == entry.id })?.problem == nil else { continue }
      throw problem
    }
  }

  private func write(_ offer: PluginOffer, to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var texts = offer.files.texts
    texts[PluginOrigin.file] = String(decoding: try encoder.encode(offer.origin), as: UTF8.self) + "\n"
    try writePlugin(texts, to: folder)
    host.files.flush([folder, "\(folder)/files"])
  }

  private func prepareMoving() throws {
    try host.files.makeFolder(paths.plugins, mode: 0o755, owner: nil)
    try host.files.makeFolder(paths.locks, mode: 0o700, owner: nil)
  }

  /// Removes what a Berth left that was killed. Nobody else has one while the host's lock is held.
  private func sweepMoving() {
    for name in (try? host.files.list(paths.config)) ?? [] where ScopePaths.isMovingPlugin(name) {
      try? host.files.remove("\(paths.config)/\(name)")
    }
  }
}
