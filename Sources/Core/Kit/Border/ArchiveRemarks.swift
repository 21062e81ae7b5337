/// What of an instance is in an archive otherwise than it was, or not at all: how much of each kind, and the first few by
/// name.
public struct ArchiveRemarks: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// It changed while it was read.
    case changed
    /// A socket, a FIFO or a device.
    case special
    /// It was removed after it was seen.
    case vanished
    /// Something else took its place after it was seen.
    case exchanged
    /// It lies deeper than an archive can name.
    case deep
    /// A link out of the instance's folders, such as to another disk.
    case outside
    /// A database in which SQLite has found damage. The archive has it as it is.
    case damaged

    /// Whether it is missing in the archive.
    public var isLeftOut: Bool { self != .changed && self != .damaged }

    /// What happened to one of them, for people.
    var text: String {
      switch self {
      case .changed: "changed while it was read"
      case .special: "is no file and was left out"
      case .vanished: "vanished while the backup was made, and was left out"
      case .exchanged: "was replaced by something else while the backup was made, and was left out"
      case .deep: "lies too deep for a backup and was left out"
      case .damaged: "is a damaged database, by SQLite's own check of its copy"
      case .outside: "is a link out of the instance, and what it leads to was left out"
      }
    }
  }

  public struct Remark: Sendable, Hashable, Codable {
    public let kind: Kind
    /// In the instance, spelled as in the list of files.
    public let path: String

    public init(_ kind: Kind, _ path: String) {
      self.kind = kind
      self.path = path
    }
  }

  /// As many are named, so that no instance can make a row or a report long.
  public static let most = 20
  private static let longestPath = 500

  public private(set) var counts: [String: Int] = [:]
  public private(set) var first: [Remark] = []

  public init() {}

  public var isEmpty: Bool { counts.isEmpty }
  public func count(_ kind: Kind) -> Int { counts[kind.rawValue] ?? 0 }
  /// How much is missing in the archive.
  public var leftOut: Int { Kind.allCases.filter(\.isLeftOut).reduce(0) { $0 + count($1) } }

  public mutating func note(_ kind: Kind, _ path: @autoclosure () -> String) {
    counts[kind.rawValue, default: 0] += 1
    if first.count < Self.most { name(kind, path()) }
  }

  public mutating func merge(_ other: ArchiveRemarks) {
    counts.merge(other.counts) { $0 &+ $1 }
    first += other.first.prefix(Self.most - first.count)
  }

  /// Takes a number as a list of files says it, which anybody may have written.
  public mutating func set(_ kind: Kind, count: Int) { counts[kind.rawValue] = min(max(count, 0), 1 << 40) }

  /// Takes one as a list of files names it.
  public mutating func name(_ kind: Kind, _ path: String) {
    if first.count < Self.most { first.append(Remark(kind, path.bounded(to: Self.longestPath))) }
  }

  /// A line for each that is named, and one for each kind of which there are more.
  public var lines: [String] {
    let named = first.map { "\($0.path) \($0.kind.text)" }
    let more = Kind.allCases.compactMap { kind -> String? in
      let left = count(kind) - first.count { $0.kind == kind }
      return left > 0 ? "and \(left) more: each \(kind.text)" : nil
    }
    return named + more
  }
}
