/// A group of the host's, by which several instances write into one tree.
public struct SharedGroup: Sendable, Hashable {
  public let name: String
  public let number: Int

  public init(_ name: String, _ number: Int) { (self.name, self.number) = (name, number) }

  /// What members of a group may do to each other's files; nothing is taken from the group.
  public static let umask = "0002"

  /// Whether it can be the name of a group (systemd.io, "User/Group Name Syntax").
  public static func isName(_ text: String) -> Bool { text.wholeMatch(of: /[a-z_][a-z0-9_-]{0,30}/) != nil }

  /// Whether an instance may be in it: groups below 1000 are those of the host's own programs, some of which may do everything,
  /// and from 1,900,000,000 on those of instances. `users` (100) is everybody's.
  public var isForPeople: Bool { number == 100 || (1000..<1_900_000_000).contains(number) && number != 65534 }
}
