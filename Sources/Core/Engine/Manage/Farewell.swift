import BerthKit

/// What players are told while an instance waits for them to leave. Only computes.
struct Farewell: Sendable {
  /// What will happen to the server: `stops`, `restarts`.
  let deed: String
  /// Whether anybody knows when the last player has left.
  var canBeAsked = true
  /// Seconds before the end at which players are told again.
  private static let marks = [3600, 1800, 900, 300, 60, 10]

  /// What to say now; nil for nothing.
  ///
  /// - Parameters:
  ///   - former: seconds that were left when it was looked at before; nil the first time.
  ///   - left: seconds that are left.
  func text(from former: Int?, to left: Int) -> String? {
    guard let former else { return text(left) }
    return Self.marks.contains { left <= $0 && $0 < former } && left > 0 ? text(left) : nil
  }

  /// No sign in it means anything to a console.
  private func text(_ left: Int) -> String {
    "This server \(deed) in \(Self.span(left))\(canBeAsked ? ", or when nobody plays" : "")."
  }

  /// `5 minutes`, in the largest unit that says it well enough.
  static func span(_ seconds: Int) -> String {
    let (count, unit) =
      switch seconds {
      case 7200...: ((seconds + 1800) / 3600, "hour")
      case 90...: ((seconds + 30) / 60, "minute")
      default: (seconds, "second")
      }
    return "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}

extension Manifest {
  /// Whether there is a sense in putting something off for the sake of players: the app says who plays, or shows them what
  /// is coming.
  var canWaitForPlayers: Bool { query != nil || console?.announce != nil }
}
