import BerthExecution
import BerthKit

/// The locks of the instances that one operation is about, taken one after the other and let go of together.
final class InstanceLocks {
  private let berth: Berth
  private let verb: String
  private let deadline: ContinuousClock.Instant
  private var held: [InstanceKey: any HeldLock] = [:]
  /// Whether anybody else had a lock that was wanted, so that what was known of its instance is old.
  private(set) var hasWaited = false

  init(berth: Berth, verb: String) {
    self.berth = berth
    self.verb = verb
    deadline = .now + .seconds(berth.options.wait)
  }

  /// Takes the locks that are not held yet, in the order that is the same for everybody.
  ///
  /// However many there are, no longer is waited than for one.
  /// - Parameter isOvertaken: whether it makes no sense to wait any longer, since it has to be planned anew.
  /// - Returns: `busy` for each that another has, by the instance's uid.
  func take(
    _ records: [InstanceRecord], unless isOvertaken: () throws -> Bool = { false }
  ) async throws -> [String: BerthError] {
    var busy: [String: BerthError] = [:]
    for record in records.sorted(by: { $0.key < $1.key }) where held[record.key] == nil {
      do { held[record.key] = try await take(record, isOvertaken) } catch let error as BerthError {
        busy[record.uid] = error
      }
    }
    return busy
  }

  private func take(_ record: InstanceRecord, _ isOvertaken: () throws -> Bool) async throws -> any HeldLock {
    let seconds = max(0, Int((deadline - .now) / .seconds(1) + 0.5))
    // A second at a time, so that it is noticed soon when there is nothing to wait for any more.
    for left in (0...seconds).reversed() {
      do {
        return try await berth.instanceLock(record.key, "\(verb) \(record.title)", wait: left == seconds ? 0 : 1)
      } catch let error as BerthError where error.kind == .busy {
        hasWaited = true
        if try isOvertaken() { throw Executor.Overtaken() }
        if left == 0 { throw error }
      }
    }
    throw BerthError.overtaken("\(verb) \(record.title)")
  }

  /// Whether an instance's lock is held.
  func covers(_ record: InstanceRecord) -> Bool { held[record.key] != nil }

  func release() {
    for lock in held.values { lock.release() }
    held = [:]
  }
}
