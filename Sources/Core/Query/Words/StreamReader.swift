import BerthKit

/// The bytes of a stream, as they come.
struct StreamReader {
  private let connection: any Connection
  private(set) var bytes: [UInt8] = []

  init(_ connection: any Connection) { self.connection = connection }

  /// Waits until there are so many bytes.
  ///
  /// - Throws: `.closed` when the stream ends before, or ``ConnectionFailure``.
  mutating func fill(_ count: Int) async throws {
    guard count <= AnswerLimits.bytes else { throw ConnectionFailure.tooLarge(bytes: AnswerLimits.bytes) }
    while bytes.count < count { guard try await more() else { throw ConnectionFailure.closed } }
  }

  /// Takes so many bytes away from the front, once they are there.
  mutating func take(_ count: Int) async throws -> [UInt8] {
    try await fill(count)
    defer { bytes.removeFirst(count) }
    return Array(bytes[..<count])
  }

  /// Waits for more bytes.
  ///
  /// - Returns: false at the end of the stream; nil when nothing came in these seconds.
  mutating func more(within seconds: Double) async throws -> Bool? {
    guard let chunk = try await connection.receive(within: seconds) else { return nil }
    bytes += chunk
    return !chunk.isEmpty
  }

  /// Waits for more bytes as long as the connection may take.
  ///
  /// - Returns: false at the end of the stream.
  mutating func more() async throws -> Bool {
    guard let chunk = try await connection.receive(within: nil) else { throw ConnectionFailure.silent }
    bytes += chunk
    return !chunk.isEmpty
  }
}
