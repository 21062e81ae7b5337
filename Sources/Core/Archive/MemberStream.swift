import BerthFiles
import BerthKit
import Foundation

/// The members of an archive, read and decompressed by one thread and hashed by another, while the caller does something
/// with them.
final class MemberStream {
  /// What a member's content was found to be.
  struct Content {
    var digest: FileDigest
    /// The place behind the last piece.
    var length: Int64
    /// Bytes without holes.
    var dense: Int64
  }

  private let path: String
  private let queue = BatchQueue()
  private var batch = MemberBatch()
  private var next = 0

  init(_ path: String) {
    self.path = path
    let (read, hashed) = (BatchQueue(), queue)
    Thread.detachNewThread {
      var producer = MemberProducer(queue: read)
      do {
        // The library's state is this thread's alone.
        try producer.read(TarReader(path))
        producer.finish(.end)
      } catch {
        producer.finish(.failed(error))
      }
    }
    Thread.detachNewThread { MemberHashing.run(from: read, to: hashed) }
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
      case .piece, .contentEnd, .content: continue
      case .end: return nil
      case .failed(let error): throw error
      }
    }
  }

  /// Gives the pieces of the present file's content, one after the other.
  func pieces(_ body: (UnsafeRawBufferPointer, _ offset: Int64) throws -> Void) throws -> Content {
    while true {
      switch try event() {
      case .piece(let range, let offset):
        try batch.bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range]), offset) }
      case .content(let content): return content
      case .failed(let error): throw error
      case .member, .contentEnd, .end: throw BerthError.badBackup("it is cut off", archive: path)
      }
    }
  }

  /// The whole content of the present file.
  func content(atMost limit: Int) throws -> Bytes {
    var content = Bytes()
    _ = try pieces { bytes, offset in
      guard Int(offset) == content.count, content.count + bytes.count <= limit else {
        throw BerthError.badBackup("one of Berth's own members is too long", archive: path)
      }
      content += bytes
    }
    return content
  }

  private func event() throws -> MemberBatch.Event {
    while next >= batch.events.count {
      var used = MemberBatch()
      swap(&used, &batch)
      guard let filled = queue.take(returning: used) else { return .end }
      batch = filled
      next = 0
    }
    next += 1
    return batch.events[next - 1]
  }
}

/// Fills batches from an archive.
private struct MemberProducer {
  let queue: BatchQueue
  var batch = MemberBatch()

  mutating func read(_ reader: TarReader) throws {
    while !queue.isClosed, let member = try reader.next() {
      add(.member(member))
      guard member.kind == .file else { continue }
      while !queue.isClosed, let (bytes, offset) = try reader.piece() {
        let start = batch.bytes.count
        batch.bytes.append(contentsOf: bytes)
        batch.position = reader.position
        add(.piece(start..<batch.bytes.count, offset: offset))
      }
      add(.contentEnd)
    }
    batch.position = reader.position
  }

  mutating func finish(_ event: MemberBatch.Event) {
    batch.events.append(event)
    _ = queue.put(batch)
  }

  private mutating func add(_ event: MemberBatch.Event) {
    batch.events.append(event)
    guard batch.isFull else { return }
    let position = batch.position
    batch = queue.put(batch)
    batch.position = position
  }
}

/// Sums up the contents in batches.
private enum MemberHashing {
  static func run(from read: BatchQueue, to hashed: BatchQueue) {
    var used = MemberBatch()
    var digest = ContentDigest(isSparse: false)
    var isAtEnd = false
    while !isAtEnd, !hashed.isClosed, var batch = read.take(returning: used) {
      for index in batch.events.indices {
        switch batch.events[index] {
        case .member(let member): digest = ContentDigest(isSparse: member.isSparse)
        case .piece(let range, let offset):
          batch.bytes.withUnsafeBytes { digest.add(UnsafeRawBufferPointer(rebasing: $0[range]), at: offset) }
        case .contentEnd:
          let sum = digest.finish()
          batch.events[index] = .content(.init(digest: sum, length: digest.length, dense: digest.dense))
        case .end, .failed: isAtEnd = true
        case .content: break
        }
      }
      used = hashed.put(batch)
    }
    read.close()
  }
}
