import BerthKit

/// The locks of the instances that one operation is about, taken one after the other and let go of together.
final class InstanceLocks {
  private let berth: Berth
  private let verb: String
  private let deadline: ContinuousClock.Instant
  private var held: [InstanceKey: any HeldLock] = [:]

  init(berth: Berth, verb: String) {
    self.berth = berth
    self.verb = verb
    deadline = .now + .seconds(berth.options.wait)
  }

  /// Takes the locks that are not held yet, in the order that is the same for everybody.
  ///
  /// However many there are, no longer is waited than for one.
  /// - Returns: `busy` for each that another has, by the instance's uid.
  func take(_ records: [InstanceRecord]) async throws -> [String: BerthError] {
    var busy: [String: BerthError] = [:]
    for record in records.sorted(by: { $0.key < $1.key }) where held[record.key] == nil {
      let left = max(0, Int((deadline - .now) / .seconds(1) + 0.5))
      do {
        held[record.key] = try await berth.instanceLock(
          record.key, "\(verb) \(record.title)", wait: left)
      } catch let error as BerthError { busy[record.uid] = error }
    }
    return busy
  }

  /// Whether an instance's lock is held.
  func covers(_ record: InstanceRecord) -> Bool { held[record.key] != nil }

  func release() {
    for lock in held.values { lock.release() }
    held = [:]
  }
}
