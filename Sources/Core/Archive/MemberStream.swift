import BerthKit
import Foundation
import Synchronization

/// The members of an archive, read and decompressed by a thread of its own, while the caller does something with them.
///
/// What is read comes in batches of about a mebibyte, of which only a few are ahead.
final class MemberStream {
  enum Event {
    case member(TarReader.Member)
    /// A piece of the latest member's content: where it is in the batch, and where it stands in the file.
    case piece(Range<Int>, offset: Int64)
    /// All members were read.
    case end
    case failed(any Error)
  }

  struct Batch {
    var events: [Event] = []
    var bytes: Bytes = []
    /// How many bytes of the archive were read so far.
    var position: Int64 = 0
  }

  /// Batches that are ahead of the one that is being worked on.
  private static let ahead = 3
  private static let batchBytes = 1 << 20
  private static let batchEvents = 512

  private let path: String
  private let queue = Handover()
  private var batch = Batch()
  private var next = 0

  init(_ path: String) {
    self.path = path
    let queue = queue
    Thread.detachNewThread {
      var producer = Producer(queue: queue)
      do {
        let reader = try TarReader(path)
        try producer.read(reader)
        producer.finish(.end)
      } catch {
        producer.finish(.failed(error))
      }
    }
  }

  /// Nobody waits for what is left.
  deinit { queue.close() }

  /// How many bytes of the archive were read for what was given out.
  var position: Int64 { batch.position }

  /// Goes to the next member, passing over what is left of the present one; nil at the end.
  func nextMember() throws -> TarReader.Member? {
    while true {
      switch try event() {
      case .member(let member): return member
      case .piece: continue
      case .end: return nil
      case .failed(let error): throw error
      }
    }
  }

  /// Gives the pieces of the present member's content, one after the other.
  func pieces(_ body: (UnsafeRawBufferPointer, _ offset: Int64) throws -> Void) throws {
    while case .piece(let range, let offset) = try event() {
      try batch.bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range]), offset) }
    }
    // It is the next one's.
    next -= 1
  }

  /// The whole content of the present member.
  func content(atMost limit: Int) throws -> Bytes {
    var content = Bytes()
    try pieces { bytes, offset in
      guard Int(offset) == content.count, content.count + bytes.count <= limit else {
        throw BerthError.badBackup("one of Berth's own members is too long", archive: path)
      }
      content += bytes
    }
    return content
  }

  private func event() throws -> Event {
    while next >= batch.events.count {
      // An archive is read up to its end once.
      var used = Batch()
      swap(&used, &batch)
      guard let filled = queue.take(returning: used) else { return .end }
      batch = filled
      next = 0
    }
    next += 1
    return batch.events[next - 1]
  }

  /// Fills batches.
  private struct Producer {
    let queue: Handover
    var batch = Batch()

    mutating func read(_ reader: TarReader) throws {
      while let member = try reader.next() {
        add(.member(member))
        while let (bytes, offset) = try reader.piece() {
          let start = batch.bytes.count
          batch.bytes.append(contentsOf: bytes)
          batch.position = reader.position
          add(.piece(start..<batch.bytes.count, offset: offset))
          if queue.isClosed { return }
        }
        if queue.isClosed { return }
      }
      batch.position = reader.position
    }

    mutating func finish(_ event: Event) {
      batch.events.append(event)
      _ = queue.put(batch)
    }

    private mutating func add(_ event: Event) {
      batch.events.append(event)
      guard batch.bytes.count >= MemberStream.batchBytes || batch.events.count >= MemberStream.batchEvents else {
        return
      }
      let position = batch.position
      batch = queue.put(batch)
      batch.position = position
    }
  }

  /// Hands batches from one thread to another, and empty ones back.
  private final class Handover: Sendable {
    private struct State {
      var filled: [Batch] = []
      var empty: [Batch] = []
      var isClosed = false
    }

    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)
    private let room = DispatchSemaphore(value: MemberStream.ahead)

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Gives a filled batch away, as soon as there is room.
    ///
    /// - Returns: an empty one.
    func put(_ batch: Batch) -> Batch {
      guard !isClosed else { return Batch() }
      room.wait()
      defer { filled.signal() }
      return state.withLock { state in
        if !state.isClosed { state.filled.append(batch) }
        return state.empty.popLast() ?? Batch()
      }
    }

    func take(returning used: consuming Batch) -> Batch? {
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

    func close() {
      state.withLock { $0.isClosed = true }
      // Whoever waits for room ends.
      for _ in 0...(2 * MemberStream.ahead) { room.signal() }
    }
  }
}
