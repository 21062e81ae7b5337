import BerthKit
import BerthRender

/// How long to wait until nobody plays.
public struct Patience: Sendable {
  /// Seconds after which it is done in any case.
  public let seconds: Int
  /// Seconds between two questions.
  let pause: Double

  public init(seconds: Int, pause: Double = 5) {
    self.seconds = seconds
    self.pause = pause
  }
}

extension Berth {
  /// Whether anybody plays on an instance.
  private enum Attendance: Sendable, Equatable {
    case off, empty
    /// Nil where it does not say how many.
    case players(Int?)
  }

  /// Does something to instances, to each as soon as nobody plays on it or the time is over. Players are warned.
  ///
  /// Nothing is locked meanwhile, and nothing has been changed when the wait is broken off.
  ///
  /// - Parameters:
  ///   - deed: what will happen to the server, for players: `stops`.
  ///   - act: does it to some of the instances.
  /// - Returns: what became of all.
  /// - Throws: `no-query` before anything, when an instance can neither be asked nor warn its players.
  public func whenEmpty(
    _ records: [InstanceRecord], _ patience: Patience, deed: String,
    act: ([InstanceRecord]) async throws -> [ControlOutcome]
  ) async throws -> [ControlOutcome] {
    var outcomes: [ControlOutcome] = []
    var waiting: [InstanceRecord] = []
    for record in records {
      do {
        guard try plugin(record.key.app).manifest.canWaitForPlayers else { throw BerthError.noQuery(record) }
        waiting.append(record)
      } catch let error as BerthError {
        guard options.execution.keepsGoing else { throw error }
        outcomes.append(ControlOutcome(record, failed: error))
      }
    }
    guard !waiting.isEmpty else { return outcomes }
    let end = ContinuousClock.now + .seconds(patience.seconds)
    var former: Int?
    var shown: [String: Attendance] = [:]
    while true {
      let left = max(0, Int(ContinuousClock.now.duration(to: end).components.seconds))
      let found = left > 0 ? try await attendance(of: waiting) : [:]
      func plays(_ record: InstanceRecord) -> Bool {
        if case .players? = found[record.uid] { true } else { false }
      }
      let due = waiting.filter { !plays($0) }
      waiting = waiting.filter(plays)
      if !due.isEmpty { outcomes += try await act(due) }
      guard !waiting.isEmpty else { return outcomes }
      for record in waiting where found[record.uid] != shown[record.uid] {
        if case .players(let count)? = found[record.uid] {
          let who = count.map { "\($0) \($0 == 1 ? "plays" : "play")" } ?? "it does not say who plays"
          options.notice("\(record.title): \(who); it \(deed) in \(Farewell.span(left)) or when nobody does")
        }
      }
      shown = found
      for record in waiting { try await announce(deed, from: former, to: left, on: record) }
      former = left
      try await Task.sleep(for: .seconds(min(patience.pause, Double(max(left, 1)))))
    }
  }

  private func attendance(of records: [InstanceRecord]) async throws -> [String: Attendance] {
    // No more sockets and programs at once than a small host likes.
    var found: [String: Attendance] = [:]
    for start in stride(from: 0, to: records.count, by: 32) {
      try await withThrowingTaskGroup(of: (String, Attendance).self) { group in
        for record in records[start..<min(start + 32, records.count)] {
          group.addTask { (record.uid, try await attendance(of: record)) }
        }
        for try await (uid, attendance) in group { found[uid] = attendance }
      }
    }
    return found
  }

  private func attendance(of record: InstanceRecord) async throws -> Attendance {
    do {
      let manifest = try plugin(record.key.app).manifest
      guard manifest.query != nil else {
        // The first service is the server; what else an app has may be down while people play.
        try await requireRunning(record, service: manifest.services.first?.id)
        return .players(nil)
      }
      let count = try await players(of: record).server.count
      return count == 0 ? .empty : .players(count)
    } catch let error as BerthError {
      // Whoever does not answer may have players all the same.
      return error.code == "not-running" ? .off : .players(nil)
    }
  }

  /// Tells all who play on an instance, as far as it can be told and there is anything to say.
  private func announce(_ deed: String, from former: Int?, to left: Int, on record: InstanceRecord) async throws {
    // Whose plugin has gone meanwhile is told nothing.
    guard let manifest = try? plugin(record.key.app).manifest else { return }
    let farewell = Farewell(deed: deed, canBeAsked: manifest.query?.kind.tellsCount == true)
    guard let text = farewell.text(from: former, to: left), let announce = manifest.console?.announce else { return }
    var variables = Variables()
    variables.set(Console.message, to: .text(text))
    do {
      guard let line = try variables.text(announce) else { return }
      _ = try await console(line, of: record, seconds: 5)
    } catch { options.notice("\(record.title): the players could not be told") }
  }
}
