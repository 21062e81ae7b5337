/// What tells the instances of one app apart: `default`, or a lowercase UUID.
///
/// Nothing else is accepted, since the id becomes a part of unit names and paths.
public struct InstanceID: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  /// The id as text.
  public let text: String

  /// The id of the instance that needs none.
  public static let `default` = InstanceID(unchecked: "default")

  /// Takes an id as given by a person or a script.
  ///
  /// - Throws: `bad-instance-id` when it is neither `default` nor a lowercase UUID.
  public init(_ text: String) throws {
    guard text == "default" || Self.isUUID(text) else { throw BerthError.badInstanceID(text) }
    self.text = text
  }

  /// Takes an id that is known to be right, as one read back from the registry.
  public init(unchecked text: String) { self.text = text }

  public var description: String { text }

  public static func < (left: InstanceID, right: InstanceID) -> Bool {
    // `default` comes first, then the UUIDs in order.
    (left == .default ? 0 : 1, left.text) < (right == .default ? 0 : 1, right.text)
  }

  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  static func isUUID(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.utf8.allSatisfy(isLowercaseHex) }
  }

  static func isLowercaseHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}

/// The key of an instance everywhere: its app and its id.
public struct InstanceKey: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  public let app: String
  public let id: InstanceID

  public init(app: String, id: InstanceID) {
    self.app = app
    self.id = id
  }

  public var description: String { "\(app)/\(id)" }

  public static func < (left: InstanceKey, right: InstanceKey) -> Bool {
    (left.app, left.id) < (right.app, right.id)
  }
}
