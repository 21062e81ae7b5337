import BerthFiles
import Foundation
import Synchronization

/// About a mebibyte of an archive's members, as it goes from thread to thread.
struct MemberBatch: Sendable {
  enum Event: Sendable {
    case member(TarReader.Member)
    /// A piece of the latest member's content: where it is in the batch, and where it stands in the file.
    case piece(Range<Int>, offset: Int64)
    /// There is no more of the latest member's content.
    case contentEnd
    /// The same, once it is known what the content was.
    case content(MemberStream.Content)
    /// All members were read.
    case end
    case failed(any Error)
  }

  private static let mostBytes = 1 << 20
  private static let mostEvents = 512

  var events: [Event] = []
  var bytes: Bytes = []
  /// How many bytes of the archive were read so far.
  var position: Int64 = 0

  var isFull: Bool { bytes.count >= Self.mostBytes || events.count >= Self.mostEvents }
}

/// Hands batches from one thread to another, of which only a few may wait, and empty ones back.
final class BatchQueue: Sendable {
  private struct State {
    var filled: [MemberBatch] = []
    var empty: [MemberBatch] = []
    var isClosed = false
  }

  /// Batches that wait at most.
  private static let most = 3

  private let state = Mutex(State())
  private let filled = DispatchSemaphore(value: 0)
  private let room = DispatchSemaphore(value: BatchQueue.most)

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Gives a filled batch away, as soon as there is room.
  ///
  /// - Returns: an empty one.
  func put(_ batch: MemberBatch) -> MemberBatch {
    guard !isClosed else { return MemberBatch() }
    room.wait()
    defer { filled.signal() }
    return state.withLock { state in
      if !state.isClosed { state.filled.append(batch) }
      return state.empty.popLast() ?? MemberBatch()
    }
  }

  /// Waits for a batch.
  func take(returning used: consuming MemberBatch) -> MemberBatch? {
    used.events.removeAll(keepingCapacity: true)
    used.bytes.removeAll(keepingCapacity: true)
    let cleared = used
    filled.wait()
    defer { room.signal() }
    return state.withLock { state in
      state.empty.append(cleared)
      return state.filled.isEmpty ? nil : state.filled.removeFirst()
    }
  }

  /// Nothing is wanted any more; whoever waits for room goes on.
  func close() {
    state.withLock { $0.isClosed = true }
    for _ in 0...(2 * Self.most) { room.signal() }
  }
}
