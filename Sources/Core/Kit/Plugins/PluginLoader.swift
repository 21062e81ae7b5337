/// Finds plugins: those built in, then one folder after the other.
public struct PluginLoader: Sendable {
  private let files: any FileTree

  public init(files: any FileTree) { self.files = files }

  /// Everything found.
  ///
  /// - Parameters:
  ///   - builtIn: the Swift plugins.
  ///   - folders: where `APP/plugin.yaml` may lie, in order of search. A folder that does not exist is passed over,
  ///     and one that is named twice is read once.
  ///   - remembered: the folder of an app's plugin, for apps that are in none of the others.
  ///   - app: only this app's plugin and those that may be in its way, which is a small part of the time; nil for all.
  public func catalog(
    builtIn: [any AppPlugin], folders: [String], remembered: [String: String] = [:], near app: String? = nil
  )
    -> PluginCatalog
  {
    var found = builtIn.filter { Self.isNear($0.id, app) }.map(entry)
    var seen: Set<String> = []
    for folder in folders where files.isFolder(folder) && seen.insert(files.realPath(folder)).inserted {
      for name in (try? files.list(folder)) ?? [] {
        guard Self.isNear(name, app), let entry = entry(name, in: folder) else { continue }
        found.append(entry)
      }
    }
    for (app, folder) in remembered where !found.contains(where: { $0.id == app }) {
      // Nobody names it this time, so that nobody else may have come to change it.
      if let place = files.changeable(onTheWayTo: "\(folder)/\(app)/plugin.yaml") {
        let problem = BerthError.unsafePluginFolder(folder, app: app, place)
        found.append(PluginCatalog.Entry(id: app, origin: "\(folder)/\(app)", result: .failure(problem)))
      } else if let entry = entry(app, in: folder) {
        found.append(entry)
      }
    }
    return PluginCatalog(found)
  }

  /// Whether two apps may have the same id, or meet in the name of a unit: one begins as the other and goes on with a dash.
  private static func isNear(_ name: String, _ app: String?) -> Bool {
    guard let app else { return true }
    return name == app || name.hasPrefix("\(app)-") || app.hasPrefix("\(name)-")
  }

  /// Reads one plugin from its folder or its `plugin.yaml`.
  ///
  /// - Throws: `bad-plugin`, or `no-plugin` when there is none.
  public func plugin(at path: String) throws -> any AppPlugin {
    let file = file(at: path)
    guard files.exists(file) else { throw BerthError.noPlugin(at: path, isPath: true) }
    let folder = files.realPath(file).split(separator: "/").dropLast().last.map(String.init) ?? ""
    return try requireName(folder, of: try read(file), file)
  }

  private func file(at path: String) -> String { path.hasSuffix(".yaml") ? path : "\(path)/plugin.yaml" }

  /// Reads one plugin as ``plugin(at:)`` does, and finds what of it is of no use.
  ///
  /// - Throws: what ``plugin(at:)`` throws.
  public func check(at path: String) throws -> PluginCheck {
    _ = try plugin(at: path)
    let file = file(at: path)
    let home = home(of: file)
    let (manifest, unused) = try reader(of: file).checked(text(name(of: file), in: home)) { manifest in
      try unread(in: home, manifest)
    }
    return PluginCheck(plugin: DeclarativePlugin(manifest: manifest), unused: unused)
  }

  /// What of a plugin that is built in is of no use.
  public func check(_ plugin: any AppPlugin) -> PluginCheck {
    let unused = UnusedParts(plugin.manifest, code: plugin.readsInCode).problems()
    return PluginCheck(
      plugin: plugin, unused: unused.map { BerthError.unused($0.text, at: PluginCatalog.builtIn, key: $0.key) })
  }

  /// Files in a plugin's folder that look as if they were read.
  private func unread(in home: String, _ manifest: Manifest) throws -> [BerthError] {
    func names(_ folder: String) throws -> [String] {
      files.isFolder("\(home)/\(folder)") ? try files.list("\(home)/\(folder)").sorted() : []
    }
    let templates = manifest.unread(try names("files")).map { BerthError.unreadFile(at: "\(home)/files/\($0)") }
    return templates
      + (try names("hooks").map {
        BerthError.unused("nothing runs it; a plugin has no hooks", at: "\(home)/hooks/\($0)", key: nil)
      })
  }

  /// What a plugin's folder holds, for a copy of it.
  ///
  /// - Parameter home: a folder with a `plugin.yaml`.
  /// - Throws: `no-plugin`, `bad-plugin` for a link or too much, or an error of the file system.
  public func files(at home: String) throws -> PluginFiles {
    guard files.exists("\(home)/plugin.yaml") else { throw BerthError.noPlugin(at: home, isPath: true) }
    let names = files.isFolder("\(home)/files") ? try files.list("\(home)/files").map { "files/\($0)" } : []
    var texts: [String: String] = [:]
    var size = 0
    for name in [PluginFiles.manifest] + names {
      texts[name] = try text(name, in: home)
      size += texts[name]?.utf8.count ?? 0
      guard size <= PluginFiles.largest, texts.count <= PluginFiles.mostFiles else {
        throw BerthError.badManifest(
          "a plugin has at most \(PluginFiles.mostFiles) files and \(PluginFiles.largest >> 20) MiB", at: home, key: nil
        )
      }
    }
    return PluginFiles(texts, at: home)
  }

  /// Nil means "not a plugin's folder"; a folder that is one but broken becomes a broken entry.
  private func entry(_ name: String, in folder: String) -> PluginCatalog.Entry? {
    let home = "\(folder)/\(name)"
    let file = "\(home)/plugin.yaml"
    guard files.exists(file) else { return nil }
    let result = Result { () throws(BerthError) -> any AppPlugin in
      do {
        return try requireName(name, of: try read(file), file)
      } catch let error as BerthError {
        throw error
      } catch {
        throw BerthError.badManifest("it cannot be read", at: file, key: nil, cause: "\(error)")
      }
    }
    return PluginCatalog.Entry(id: name, origin: home, result: result)
  }

  /// An app is found by its folder, so that the two names are one.
  private func requireName(_ folder: String, of plugin: any AppPlugin, _ file: String) throws -> any AppPlugin {
    guard plugin.manifest.id == folder else {
      throw BerthError.badManifest(
        "the id '\(plugin.manifest.id)' differs from the folder's name '\(folder)'", at: file, key: "id")
    }
    return plugin
  }

  /// A built-in plugin passes the same validator as a file.
  private func entry(_ plugin: any AppPlugin) -> PluginCatalog.Entry {
    let result = Result { () throws(BerthError) -> any AppPlugin in
      guard plugin.id == plugin.manifest.id else {
        throw BerthError.badManifest(
          "the id '\(plugin.manifest.id)' differs from the plugin's own '\(plugin.id)'", at: PluginCatalog.builtIn,
          key: "id")
      }
      do throws(ManifestValidator.Problem) {
        try ManifestValidator(plugin.manifest).validate()
      } catch {
        throw BerthError.badManifest(error.text, at: PluginCatalog.builtIn, key: error.key)
      }
      return plugin
    }
    return PluginCatalog.Entry(id: plugin.id, origin: PluginCatalog.builtIn, result: result)
  }

  private func read(_ file: String) throws -> any AppPlugin {
    DeclarativePlugin(manifest: try reader(of: file).manifest(from: text(name(of: file), in: home(of: file))))
  }

  private func home(of file: String) -> String { file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "." }

  private func name(of file: String) -> String { file.split(separator: "/").last.map(String.init) ?? file }

  private func reader(of file: String) -> ManifestReader {
    let home = home(of: file)
    return ManifestReader(file: file) { name in
      guard !name.contains("/"), files.exists("\(home)/files/\(name)") else { return nil }
      return try text("files/\(name)", in: home)
    }
  }

  /// A file of a plugin's. The folder itself may be reached by a link; a plugin from elsewhere brings none of its own, which
  /// would show instances what Berth alone may read.
  private func text(_ name: String, in home: String) throws -> String {
    let path = "\(home)/\(name)"
    guard files.realPath(path) == "\(files.realPath(home))/\(name)" else {
      throw BerthError.badManifest("'\(name)' is a link, and a plugin has none", at: path, key: nil)
    }
    let text = try files.read(path)
    if let line = RawText.lineOfRawByte(in: text) {
      throw BerthError.badManifest("a byte is not UTF-8", at: "\(path):\(line)", key: nil)
    }
    return text
  }
}
