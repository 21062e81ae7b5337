/// Where a plugin is taken from, as somebody names it.
public struct PluginSource: Sendable, Equatable {
  public enum Kind: String, Sendable, Codable {
    /// A folder with a `plugin.yaml`.
    case folder
    /// A tar or zip archive on the host.
    case archive
    /// One on a server.
    case address
    /// A repository of Git's.
    case repository
    /// A name in the indexes that the host knows.
    case name
  }

  public let kind: Kind
  /// The path, the address or the name.
  public let text: String

  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  /// - Parameters:
  ///   - text: as it was typed.
  ///   - isRepository: whether somebody has named a branch, tag or commit of it.
  ///   - absolute: makes a path absolute.
  ///   - isFolder: whether a path leads to a folder; nil where there is nothing.
  /// - Throws: `bad-plugin-source`.
  public init(
    reading text: String, isRepository: Bool = false, absolute: (String) throws -> String,
    isFolder: (String) -> Bool?
  ) throws {
    guard !text.hasControlCharacter, !text.isEmpty, !text.hasPrefix("-") else {
      throw BerthError.badPluginSource(text, "it is neither a path, an address nor a name")
    }
    let plain = text.hasPrefix("git+") ? String(text.dropFirst("git+".count)) : text
    if let scheme = plain.firstRange(of: "://").map({ plain[..<$0.lowerBound] }) {
      let isGit = plain != text || isRepository || plain.hasSuffix(".git") || scheme == "ssh"
      guard isGit ? ["https", "http", "ssh", "file"].contains(scheme) : ["https", "http"].contains(scheme) else {
        throw BerthError.badPluginSource(text, "it takes https, http, and for repositories ssh and file")
      }
      self.init(isGit ? .repository : .address, plain)
      return
    }
    // As ssh names it: git@example.org:someone/plugins.git
    if text.wholeMatch(of: /[A-Za-z0-9._\-]+@[A-Za-z0-9.\-]+:[^:]+/) != nil {
      self.init(.repository, text)
      return
    }
    // Which folder somebody stands in must not decide whose plugin a name is.
    if !isRepository, ManifestValidator.isIdentifier(text) {
      self.init(.name, text)
      return
    }
    let path = try absolute(text)
    guard let isFolder = isFolder(path) else { throw BerthError.badPluginSource(text, "there is nothing") }
    if isRepository {
      self.init(.repository, "file://\(path)")
    } else {
      self.init(isFolder ? .folder : .archive, path)
    }
  }
}

/// Where a plugin that was added came from, and which one it is; the file `.origin.json` in its folder.
public struct PluginOrigin: Sendable, Equatable, Codable {
  public static let file = ".origin.json"

  public var kind: PluginSource.Kind
  /// The path, the address, or the name in an index.
  public var from: String
  /// Its folder, where there are several plugins.
  public var plugin: String?
  /// The branch or tag that is followed; nil for a repository's own.
  public var reference: String?
  /// The commit of a repository.
  public var commit: String?
  /// Of an archive, in hexadecimal digits.
  public var sha256: String?
  /// The index that has named it.
  public var index: String?
  /// What the index says that it was shown to do, from 1 to 8.
  public var level: Int?
  /// Of all that was taken, in hexadecimal digits.
  public var files: String
  /// Of the plugin.
  public var version: String
  /// When it was taken, ISO 8601.
  public var added: String

  public init(
    _ source: PluginSource, plugin: String? = nil, reference: String? = nil, commit: String? = nil,
    sha256: String? = nil, index: String? = nil, level: Int? = nil, files: String, version: String, added: String
  ) {
    kind = source.kind
    from = source.text
    self.plugin = plugin
    self.reference = reference
    self.commit = commit
    self.sha256 = sha256
    self.index = index
    self.level = level
    self.files = files
    self.version = version
    self.added = added
  }

  public var source: PluginSource { PluginSource(kind, from) }

  /// Whether it is the same plugin, to be taken from the same place the next time. Of a repository, later commits may hold
  /// the same files.
  public func isSame(as other: PluginOrigin) -> Bool {
    var copy = self
    (copy.commit, copy.level, copy.added) = (other.commit, other.level, other.added)
    return copy == other
  }
}
