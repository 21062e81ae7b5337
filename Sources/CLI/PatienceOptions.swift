import ArgumentParser
import BerthEngine
import BerthKit

/// Whether something waits until nobody plays.
struct PatienceOptions: ParsableArguments {
  @Flag(help: "Wait until nobody plays, as far as the app says it, and warn the players meanwhile.")
  var whenEmpty = false

  @Option(help: ArgumentHelp("With --when-empty: how long at most, such as 90s, 30m or 2h.", valueName: "time"))
  var within = "1h"

  func validate() throws {
    guard Self.seconds(within) != nil else {
      throw ValidationError("--within takes a time such as 90s, 30m or 2h, up to 24h")
    }
  }

  /// Does something at once, or to each instance as soon as nobody plays on it.
  ///
  /// - Parameter deed: what happens to the server, for players: `stops`.
  func perform(
    _ deed: String, _ records: [InstanceRecord], _ berth: Berth,
    act: ([InstanceRecord]) async throws -> [ControlOutcome]
  ) async throws -> [ControlOutcome] {
    guard whenEmpty, let seconds = Self.seconds(within) else { return try await act(records) }
    return try await berth.whenEmpty(records, Patience(seconds: seconds), deed: deed, act: act)
  }

  private static func seconds(_ text: String) -> Int? {
    TimeSpan.seconds(of: text).flatMap { (1...86400).contains($0) ? $0 : nil }
  }
}
