/// What a plugin was shown to do. Each level holds all of those below it.
public enum ProofLevel: Int, Sendable, CaseIterable, Comparable, Encodable {
  case valid = 1
  case runs, lives, obeys, keeps, moves, endures, contained

  /// What the level promises, for people.
  public var promise: String {
    switch self {
    case .valid: "it is valid, and everything in it is used"
    case .runs: "it installs, gets ready, answers on its ports and only there, and leaves nothing"
    case .lives: "two instances live side by side, through stop, start, a crash and a boot"
    case .obeys: "every setting reaches the program, and no value breaks out"
    case .keeps: "its data comes back by restore, clone, and restore elsewhere"
    case .moves: "it is updated from its former version with its data, and goes back"
    case .endures: "kills, taken ports, lost files, failing updates and full disks lose nothing"
    case .contained: "it writes into its own folders alone, and shows no secret"
    }
  }

  public static func < (left: ProofLevel, right: ProofLevel) -> Bool { left.rawValue < right.rawValue }
}
