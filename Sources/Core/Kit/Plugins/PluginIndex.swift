import Foundation

/// A list of plugins with their archives, as a static file that somebody signs.
public struct PluginIndex: Sendable, Codable, Equatable {
  /// The name space of its signature, so that no signature for something else is one for an index.
  public static let namespace = "berth-index"
  public static let file = "index.json"
  /// What the name of a signature has behind that of the file.
  public static let signatureEnding = ".sig"
  /// Bytes that it has at most.
  public static let largest = 8 << 20

  /// One plugin of it.
  public struct Entry: Sendable, Codable, Equatable {
    public var id: String
    public var name: String
    public var summary: String
    public var category: String
    public var version: String
    public var licence: String?
    /// What it was shown to do by `berth app test`, from 1 to 8.
    public var level: Int?
    /// The archive: an address, or a path beside the index.
    public var archive: String
    /// Of the archive, in hexadecimal digits.
    public var sha256: String

    public init(_ manifest: Manifest, level: Int?, archive: String, sha256: String) {
      id = manifest.id
      name = manifest.name
      summary = manifest.summary
      category = manifest.category.rawValue
      version = manifest.version
      licence = manifest.licence
      self.level = level
      self.archive = archive
      self.sha256 = sha256
    }
  }

  /// Which form this is.
  public var schema = 1
  /// In order of id.
  public var plugins: [Entry]

  public init(_ plugins: [Entry]) { self.plugins = plugins.sorted { $0.id < $1.id } }

  /// - Parameter place: what errors name.
  /// - Throws: `bad-index`.
  public init(reading text: String, at place: String) throws {
    struct Head: Decodable { let schema: Int }
    func refuse(_ problem: String, cause: String? = nil) -> BerthError {
      BerthError(
        "bad-index", .badInput, "'\(place)' is no index of plugins: \(problem)", at: place,
        remedy: "tell its maintainer", cause: cause)
    }
    do {
      let data = Data(text.utf8)
      guard try JSONDecoder().decode(Head.self, from: data).schema == 1 else {
        throw refuse("this Berth reads schema 1")
      }
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as DecodingError {
      throw refuse("it cannot be read", cause: "\(error)")
    }
    for entry in plugins {
      guard ManifestValidator.isIdentifier(entry.id), Download.isDigest(entry.sha256), !entry.archive.isEmpty else {
        throw refuse("the entry '\(entry.id)' has no id, no archive or no SHA-256")
      }
    }
    guard Set(plugins.map(\.id)).count == plugins.count else { throw refuse("it names a plugin twice") }
  }

  /// As it is written, which is the same for the same plugins.
  public var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
  }
}

/// An index that the host knows, as `host.yaml` names it.
public struct PluginIndexPlace: Sendable, Equatable {
  public var name: String
  /// An address that begins with `https://` or `http://`, or an absolute path.
  public var address: String
  /// Public keys as OpenSSH writes them, of which one has signed it; none for a file of the host's own.
  public var keys: [String]

  public init(_ name: String, at address: String, keys: [String]) {
    self.name = name
    self.address = address
    self.keys = keys
  }

  public var isOnHost: Bool { address.hasPrefix("/") }

  /// Where a plugin's archive is.
  ///
  /// - Returns: an address, or an absolute path.
  public func place(of archive: String) -> String {
    if archive.hasPrefix("/") && isOnHost || archive.contains("://") { return archive }
    return "\(address.lastIndex(of: "/").map { String(address[..<$0]) } ?? address)/\(archive)"
  }
}
