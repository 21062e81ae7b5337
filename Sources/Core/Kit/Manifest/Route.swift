/// How people reach an instance through the host's web proxy.
public struct Route: Sendable, Equatable, Codable {
  /// Files that the proxy answers with by itself.
  public struct StaticFolder: Sendable, Equatable, Codable {
    /// The beginning of their addresses, such as `/static/`.
    public var prefix: String
    /// The folder on the host that they lie in.
    public var folder: Template

    public init(_ prefix: String, _ folder: Template) {
      self.prefix = prefix
      self.folder = folder
    }
  }

  public var id: String
  /// The host name that is asked for. Where it names a setting without a value, there is no such route.
  public var host: Template
  /// `/` for everything, or `/app` for this and what is below it.
  public var path: String
  /// The port that requests go to, which is TCP.
  public var role: String
  public var staticFolders: [StaticFolder]
  /// The most bytes that a request may carry; nil for any number.
  public var maxBody: Int?
  /// What the proxy's configuration calls the login in front of it; nil, or unset, for none.
  public var auth: Template?
  /// Whether one visitor always meets the same instance of a pool, since the app keeps something in memory.
  public var isSticky: Bool
  public var condition: Condition?

  public init(
    _ id: String, host: Template, path: String = "/", port role: String, staticFolders: [StaticFolder] = [],
    maxBody: Int? = nil, auth: Template? = nil, isSticky: Bool = false, when condition: Condition? = nil
  ) {
    self.id = id
    self.host = host
    self.path = path
    self.role = role
    self.staticFolders = staticFolders
    self.maxBody = maxBody
    self.auth = auth
    self.isSticky = isSticky
    self.condition = condition
  }
}

extension Route {
  /// Whether the text is `/`, or parts of letters, digits and `. _ ~ -` with a slash before each.
  public static func isPath(_ text: String) -> Bool {
    guard text != "/" else { return true }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.first == "" && parts.count > 1
      && parts.dropFirst().allSatisfy { part in
        !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy(isPathByte)
      }
  }

  /// Whether the text is the name of a login in a proxy's configuration.
  public static func isSnippet(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "_") }
  }

  /// Whether the text is an absolute path that means the same in every proxy's configuration, however it is quoted:
  /// neither of them can say all of these characters.
  public static func isFolder(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count <= 4096 && !text.hasControlCharacter
      && !text.split(separator: "/").contains { $0 == ".." || $0 == "." }
      && !text.split(separator: "/").isEmpty
      && !text.unicodeScalars.contains { "{}$`\"'\\;*?[]".unicodeScalars.contains($0) }
  }

  private static func isPathByte(_ byte: UInt8) -> Bool { isWordByte(byte) || "._~".utf8.contains(byte) }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
