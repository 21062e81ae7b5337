/// Reads values from bytes of unknown origin, one after the other.
///
/// Every read throws ``AnswerFailure/garbage(_:)`` where the bytes end too early.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - offset else { throw AnswerFailure.garbage("it is too short") }
    defer { offset += count }
    return bytes[offset..<(offset + count)]
  }

  mutating func byte() throws -> UInt8 {
    guard let byte = try take(1).first else { throw AnswerFailure.garbage("it is too short") }
    return byte
  }

  mutating func little16() throws -> Int { try take(2).reversed().reduce(0) { $0 << 8 | Int($1) } }
  mutating func big16() throws -> Int { try take(2).reduce(0) { $0 << 8 | Int($1) } }
  mutating func little32() throws -> UInt32 { try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) } }
  mutating func big32() throws -> UInt32 { try take(4).reduce(0) { $0 << 8 | UInt32($1) } }

  /// Bytes up to a zero, which is passed over.
  mutating func zeroTerminated() throws -> ArraySlice<UInt8> {
    guard let end = bytes[offset...].firstIndex(of: 0) else { throw AnswerFailure.garbage("a text in it has no end") }
    defer { offset = end + 1 }
    return bytes[offset..<end]
  }

  /// Text up to a zero, for one line of a terminal.
  mutating func line() throws -> String { ServerText.line(try zeroTerminated()) }

  mutating func rest() -> ArraySlice<UInt8> {
    defer { offset = bytes.count }
    return bytes[offset...]
  }
}

extension [UInt8] {
  /// The four bytes of a number, the least first.
  static func little32(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }

  /// The four bytes of a number, the greatest first.
  static func big32(_ number: UInt32) -> [UInt8] { little32(number).reversed() }
}
