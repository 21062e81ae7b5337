/// What tells one archive from any other: two SHA-256 in hexadecimal digits.
///
/// The list of files names the digest of the head and that of every content, so that nothing that is restored can be
/// another without the list being another.
public struct ArchiveSeal: Sendable, Hashable, Codable {
  /// Of what the backup says of itself.
  public var head: String
  /// Of the list of its files.
  public var list: String

  public init(head: String, list: String) {
    self.head = head
    self.list = list
  }
}

/// Who made an archive, and so what it may ask for.
public enum ArchiveTrust: Sendable, Hashable, Codable {
  /// This Berth: owners, modes and links come back as they were.
  ///
  /// - Parameter list: the digest of its list of files when it was made; nil for one that is only about to be made.
  case own(list: String?)
  /// Anybody. A link out of the instance's folders is refused, and the bits by which a program acts as another user go.
  ///
  /// - Parameters:
  ///   - keepsOwners: whether files of other users than the instance's stay theirs.
  ///   - isBounded: whether it may unpack to so many times its own size only.
  case stranger(keepsOwners: Bool, isBounded: Bool = true)

  /// Whether anybody may have made it.
  public var isStranger: Bool { if case .stranger = self { true } else { false } }

  /// Whether what it unpacks to is bounded by its own size.
  public var isBounded: Bool { if case .stranger(_, isBounded: true) = self { true } else { false } }
}
