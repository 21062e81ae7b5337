import BerthKit
import Foundation

/// One question in HTTP/1.1 and its answer (RFC 9112), over a connection of its own.
enum HTTPExchange {
  /// What a server answered.
  struct Answer: Equatable {
    let status: Int
    let body: [UInt8]
  }

  /// Bytes that the head of an answer may have.
  private static let longestHead = 65536
  private static let lineEnd: [UInt8] = [13, 10]

  /// - Parameters:
  ///   - path: such as `/v1/api/info`, with nothing in it that needs quoting.
  ///   - user: a name and a password (RFC 7617).
  ///   - json: the body; nil for none.
  static func request(_ method: String, _ path: String, host: String, user: (String, String), json: [UInt8]?) -> [UInt8]
  {
    let login = Data("\(user.0):\(user.1)".utf8).base64EncodedString()
    var lines = [
      "\(method) \(path) HTTP/1.1", "Host: \(host)", "User-Agent: berth", "Accept: application/json",
      "Authorization: Basic \(login)", "Connection: close",
    ]
    if let json { lines += ["Content-Type: application/json", "Content-Length: \(json.count)"] }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (json ?? [])
  }

  /// Asks, and waits for the whole answer.
  static func ask(_ request: [UInt8], over connection: any Connection) async throws -> Answer {
    try await connection.send(request)
    var reader = StreamReader(connection)
    var searched = 0
    var end: Int?
    while end == nil {
      end = headEnd(reader.bytes, from: max(0, searched - 3))
      searched = reader.bytes.count
      guard end == nil else { break }
      guard searched <= longestHead else { throw AnswerFailure.garbage("its head has no end") }
      guard try await reader.more() else {
        throw searched == 0 ? ConnectionFailure.closed : AnswerFailure.garbage("it ends within its head")
      }
    }
    let head = try Head(Array(reader.bytes[..<(end ?? 0)]))
    _ = try await reader.take((end ?? 0) + 4)
    switch head.length {
    case .bytes(let count): return Answer(status: head.status, body: try await reader.take(count))
    case .untilClosed:
      while try await reader.more() {}
      return Answer(status: head.status, body: reader.bytes)
    case .chunked: return Answer(status: head.status, body: try await chunks(&reader))
    }
  }

  private static func headEnd(_ bytes: [UInt8], from start: Int) -> Int? {
    bytes[start...].firstRange(of: lineEnd + lineEnd)?.lowerBound
  }

  private static func chunks(_ reader: inout StreamReader) async throws -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let size = String(decoding: try await line(&reader).prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
      guard let count = Int(size, radix: 16), count >= 0 else { throw AnswerFailure.garbage("a piece has no size") }
      guard count > 0 else { return body }
      body += try await reader.take(count)
      guard try await reader.take(2) == lineEnd else { throw AnswerFailure.garbage("a piece has no end") }
      guard body.count <= AnswerLimits.bytes else { throw ConnectionFailure.tooLarge(bytes: AnswerLimits.bytes) }
    }
  }

  /// One line, such as a chunk's size, which is short.
  private static func line(_ reader: inout StreamReader) async throws -> [UInt8] {
    for length in 2...256 {
      try await reader.fill(length)
      if reader.bytes[(length - 2)..<length].elementsEqual(lineEnd) { return try await reader.take(length).dropLast(2) }
    }
    throw AnswerFailure.garbage("a line in it is too long")
  }

  /// Status and length.
  struct Head: Equatable {
    enum Length: Equatable { case bytes(Int), chunked, untilClosed }

    let status: Int
    let length: Length

    init(_ bytes: [UInt8]) throws {
      let lines = ServerText.decoded(bytes).split(separator: "\r\n", omittingEmptySubsequences: false)
      let words = (lines.first ?? "").split(separator: " ")
      guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1]),
        status >= 100
      else { throw AnswerFailure.garbage("it is no HTTP") }
      var length = Length.untilClosed
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw AnswerFailure.garbage("a line of its head is broken") }
        let value = parts[1].filter { $0 != " " && $0 != "\t" }.lowercased()
        switch parts[0].lowercased() {
        case "transfer-encoding":
          guard value == "chunked" else { throw AnswerFailure.garbage("it is in an encoding that Berth does not read") }
          length = .chunked
        case "content-length" where length != .chunked:
          guard let count = Int(value), count >= 0 else { throw AnswerFailure.garbage("its length is no number") }
          guard count <= AnswerLimits.bytes else { throw ConnectionFailure.tooLarge(bytes: AnswerLimits.bytes) }
          length = .bytes(count)
        default: break
        }
      }
      self.status = status
      self.length = [204, 304].contains(status) ? .bytes(0) : length
    }
  }
}
