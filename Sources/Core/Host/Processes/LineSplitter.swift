import Glibc

/// Bytes that come in pieces, as lines: what stands between two newlines, and nothing else ends one.
struct LineSplitter {
  /// What is longer, in bytes, is cut.
  private static let longest = 64 << 20

  private var pending: [UInt8] = []

  /// The lines that end in a piece.
  mutating func take(_ piece: UnsafeRawBufferPointer) -> [String] {
    var lines: [String] = []
    var rest = piece[...]
    while let end = Self.newline(in: rest) {
      if pending.isEmpty {
        lines.append(String(decoding: rest[..<end], as: UTF8.self))
      } else {
        append(rest[..<end])
        lines.append(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
      }
      rest = rest[(end + 1)...]
    }
    append(rest)
    return lines
  }

  /// What comes after the last newline; nil for nothing.
  func last() -> String? { pending.isEmpty ? nil : String(decoding: pending, as: UTF8.self) }

  private mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) {
    pending.append(contentsOf: bytes.prefix(Self.longest - pending.count))
  }

  /// Searched for by memchr(3), since most of what programs write goes through here.
  private static func newline(in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
    UnsafeRawBufferPointer(rebasing: bytes).withMemoryRebound(to: UInt8.self) { buffer in
      guard let start = buffer.baseAddress, let found = memchr(start, 0x0A, buffer.count) else { return nil }
      return bytes.startIndex + (UnsafeRawPointer(found) - UnsafeRawPointer(start))
    }
  }
}
