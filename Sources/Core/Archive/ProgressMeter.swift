import BerthKit
import Glibc

/// Tells how far a copy is, but no more often than anybody wants to know.
struct ProgressMeter {
  /// Nanoseconds between two reports.
  private static let interval: UInt64 = 50_000_000

  private let report: ByteProgress
  private let total: Int64
  private var done: Int64 = 0
  private var next: UInt64 = 0

  init(total: Int64, _ report: @escaping ByteProgress) {
    self.total = total
    self.report = report
  }

  mutating func add(_ bytes: Int) throws { try reach(done + Int64(bytes)) }

  mutating func reach(_ bytes: Int64) throws {
    done = bytes
    let now = clock_gettime_nsec()
    guard now >= next else { return }
    next = now + Self.interval
    // A file that grew is no reason to be more than done.
    try report(min(done, total), total)
  }

  /// The last report, which is always made.
  func finish() throws { try report(total, total) }

  private func clock_gettime_nsec() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
