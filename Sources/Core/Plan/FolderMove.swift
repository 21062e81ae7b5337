import BerthKit

/// A folder that changes its place, and its owner with it.
public struct FolderMove: Sendable, Hashable, Codable {
  public let path: String
  public let target: String
  /// The user of the host that its files belong to in one of the places; nil where owners stay.
  public let user: String?
  /// The numbers that they belong to in the other.
  public let numbers: FileNumbers
  /// Whether they belong to the user before, and to the numbers afterwards.
  public let givesBack: Bool

  package init(_ path: String, to target: String, user: String?, from numbers: FileNumbers, givesBack: Bool = false) {
    self.path = path
    self.target = target
    self.user = user
    self.numbers = numbers
    self.givesBack = givesBack
  }

  /// A move that leaves everything its owner.
  package init(_ path: String, to target: String) {
    self.init(path, to: target, user: nil, from: FileNumbers(user: 0, group: 0))
  }

  /// The way back.
  package var reversed: FolderMove {
    FolderMove(target, to: path, user: user, from: numbers, givesBack: !givesBack)
  }
}
