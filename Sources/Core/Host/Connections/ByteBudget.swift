import BerthKit
import Synchronization

/// So many bytes may come, and no more.
final class ByteBudget: Sendable {
  private let total: Int
  private let left: Mutex<Int>

  init(_ bytes: Int) {
    total = bytes
    left = Mutex(bytes)
  }

  /// - Throws: `.tooLarge`.
  func spend(_ bytes: Int) throws {
    let isWithin = left.withLock { left in
      left -= bytes
      return left >= 0
    }
    guard isWithin else { throw ConnectionFailure.tooLarge(bytes: total) }
  }
}
