/// The texts that a plugin is: its `plugin.yaml` and what lies in `files/`. Nothing else of a folder, an archive or a
/// repository is a plugin's.
public struct PluginFiles: Sendable, Equatable {
  /// Bytes that all of them have together at most.
  public static let largest = 8 << 20
  public static let mostFiles = 500
  public static let manifest = "plugin.yaml"

  /// By their paths in the plugin's folder.
  public let texts: [String: String]
  /// Where they were found, for errors.
  public let place: String

  public init(_ texts: [String: String], at place: String) {
    self.texts = texts
    self.place = place
  }

  /// Whether a path, as an archive or a repository names it, may be a part of some plugin.
  public static func mayHold(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.last.map(String.init) == manifest || parts.count > 1 && parts[parts.count - 2] == "files"
  }

  /// Picks one plugin out of an archive or a repository.
  ///
  /// - Parameters:
  ///   - members: texts by their paths in it.
  ///   - name: the plugin's folder, where there are several; nil for the only one.
  ///   - place: what errors name.
  /// - Throws: `no-plugin-inside` or `several-plugins`.
  public init(members: [String: String], named name: String?, at place: String) throws {
    let folders = members.keys.filter { $0 == Self.manifest || $0.hasSuffix("/\(Self.manifest)") }
      .map { String($0.dropLast(Self.manifest.count)) }
      // A plugin's own files may be called like this.
      .filter { $0 != "files/" && !$0.hasSuffix("/files/") }.sorted()
    let wanted = name.map { name in folders.filter { $0 == "\(name)/" || $0.hasSuffix("/\(name)/") } } ?? folders
    guard let folder = wanted.first else { throw BerthError.noPluginInside(place, named: name, there: folders) }
    guard wanted.count == 1 else { throw BerthError.severalPlugins(place, there: wanted) }
    let own = members.filter { path, _ in
      guard path.hasPrefix(folder) else { return false }
      let parts = path.dropFirst(folder.count).split(separator: "/")
      return parts.count == 1 && parts[0] == Self.manifest || parts.count == 2 && parts[0] == "files"
    }
    texts = Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst(folder.count)), $0.value) })
    self.place = folder.isEmpty ? place : "\(place): \(folder.dropLast())"
  }

  /// Reads the plugin and says what of it is of no use.
  ///
  /// - Throws: `bad-plugin` with everything that is wrong.
  public func check() throws -> PluginCheck {
    let separator = place.hasPrefix("/") && !place.contains(": ") ? "/" : ": "
    for (path, text) in texts.sorted(by: { $0.key < $1.key }) {
      guard let line = RawText.lineOfRawByte(in: text) else { continue }
      throw BerthError.badManifest("a byte is not UTF-8", at: "\(place)\(separator)\(path):\(line)", key: nil)
    }
    let reader = ManifestReader(file: "\(place)\(separator)\(Self.manifest)") { texts["files/\($0)"] }
    let (manifest, unused) = try reader.checked(texts[Self.manifest] ?? "") { manifest in
      let names = texts.keys.filter { $0.hasPrefix("files/") }.map { String($0.dropFirst("files/".count)) }
      return manifest.unread(names.sorted()).map { BerthError.unreadFile(at: "\(place)\(separator)files/\($0)") }
    }
    return PluginCheck(plugin: DeclarativePlugin(manifest: manifest), unused: unused)
  }
}

extension Manifest {
  /// Those of the names in `files/` that nothing reads.
  func unread(_ names: [String]) -> [String] {
    let read = Set(config.filter { $0.format == .template }.map(\.id) + (compose.map { [$0.name] } ?? []))
    return names.filter { !read.contains($0) }
  }
}

extension BerthError {
  static func unreadFile(at path: String) -> BerthError {
    .unused(
      "nothing reads it; a file is read by 'format: template' of the same name in 'config', or by 'compose'",
      at: path, key: nil)
  }

  static func noPluginInside(_ place: String, named name: String?, there folders: [String]) -> BerthError {
    let what = name.map { "no plugin '\(printable($0))'" } ?? "no plugin"
    let others = folders.isEmpty ? "" : "; there is \(list(folders))"
    return BerthError(
      "no-plugin-inside", .badInput, "there is \(what) in '\(place)'\(others)", at: place,
      remedy: folders.isEmpty ? "name a folder or an archive with a plugin.yaml" : .again("--plugin", "NAME"))
  }

  static func severalPlugins(_ place: String, there folders: [String]) -> BerthError {
    BerthError(
      "several-plugins", .usage, "there are several plugins in '\(place)': \(list(folders))", at: place,
      remedy: .again("--plugin", "NAME"))
  }

  private static func list(_ folders: [String]) -> String {
    let names = folders.map { printable($0.split(separator: "/").last.map(String.init) ?? ".") }
    return names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }
}
