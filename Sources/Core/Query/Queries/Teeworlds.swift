/// What a Teeworlds server says of itself without a connection: 0.7, which wants a token first, and 0.6.
enum Teeworlds {
  /// What a packet of the server's is.
  enum Answer: Equatable {
    /// The server's token, which a question of 0.7 must carry.
    case token(UInt32)
    case info(ServerReport)
  }

  private static let connectionless = [UInt8](repeating: 0xff, count: 10)
  private static let ask = Array("gie3".utf8)
  private static let info = Array("inf3".utf8)

  /// Both first questions: a server answers the one of its own version.
  static func firstRequests(_ token: UInt32) -> [[UInt8]] {
    // A control packet with the message 5 (token), and 512 bytes of data, which keep it from amplifying an attack.
    let header: [UInt8] = [0x04, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x05] + .big32(token)
    return [
      header + [UInt8](repeating: 0, count: 508),
      connectionless + ask + [UInt8(truncatingIfNeeded: token)],
    ]
  }

  /// The question of 0.7, with the server's token and one's own.
  static func infoRequest(server: UInt32, token: UInt32) -> [UInt8] {
    [0x21] + .big32(server) + .big32(token) + [0xff, 0xff, 0xff, 0xff] + ask + [UInt8(token & 0x3f)]
  }

  /// - Returns: nil for an answer to another request.
  static func answer(_ packet: [UInt8], token: UInt32) throws -> Answer? {
    if packet.starts(with: connectionless + info) {
      return try old(Array(packet[14...]), token: UInt8(truncatingIfNeeded: token)).map { .info($0) }
    }
    var reader = ByteReader(packet)
    switch try reader.byte() {
    case 0x04:
      _ = try reader.take(2)
      guard try reader.big32() == token else { return nil }
      guard try reader.byte() == 0x05 else { throw AnswerFailure.garbage("it is no token") }
      return .token(try reader.big32())
    case 0x21:
      guard try reader.big32() == token else { return nil }
      _ = try reader.take(4)
      guard Array(try reader.take(8)) == [0xff, 0xff, 0xff, 0xff] + info else {
        throw AnswerFailure.garbage("it is no server info")
      }
      guard try number(&reader) == Int(token & 0x3f) else { return nil }
      return .info(try new(&reader))
    default: throw AnswerFailure.garbage("it is no packet of Teeworlds")
    }
  }

  private static func new(_ reader: inout ByteReader) throws -> ServerReport {
    var report = ServerReport()
    report.version = try reader.line()
    report.name = try reader.line()
    _ = try reader.line()
    report.map = try reader.line()
    _ = try reader.line()
    // Flags, skill, and players without those who only watch.
    for _ in 0..<4 { _ = try number(&reader) }
    report.count = try amount(try number(&reader))
    report.limit = try amount(try number(&reader))
    var players: [ServerReport.Player] = []
    while !reader.isAtEnd, players.count < ServerReport.mostPlayers {
      let name = try reader.line()
      _ = try reader.line()
      _ = try number(&reader)
      let score = try number(&reader)
      _ = try number(&reader)
      players.append(ServerReport.Player(name, score: score))
    }
    report.players = players
    return report
  }

  /// In 0.6 numbers are text.
  private static func old(_ bytes: [UInt8], token: UInt8) throws -> ServerReport? {
    var reader = ByteReader(bytes)
    guard try reader.line() == String(token) else { return nil }
    var report = ServerReport()
    report.version = try reader.line()
    report.name = try reader.line()
    report.map = try reader.line()
    for _ in 0..<4 { _ = try reader.line() }
    report.count = try amount(try textNumber(&reader))
    report.limit = try amount(try textNumber(&reader))
    var players: [ServerReport.Player] = []
    while !reader.isAtEnd, players.count < ServerReport.mostPlayers {
      let name = try reader.line()
      for _ in 0..<2 { _ = try reader.line() }
      let score = try textNumber(&reader)
      _ = try reader.line()
      players.append(ServerReport.Player(name, score: score))
    }
    report.players = players
    return report
  }

  private static func textNumber(_ reader: inout ByteReader) throws -> Int {
    guard let number = Int32(try reader.line()) else { throw AnswerFailure.garbage("a number in it is none") }
    return Int(number)
  }

  private static func amount(_ number: Int) throws -> Int {
    guard number >= 0 else { throw AnswerFailure.garbage("a number in it is below 0") }
    return number
  }

  /// A number of one to five bytes: more follow after the highest bit, the next one of the first byte is the sign.
  private static func number(_ reader: inout ByteReader) throws -> Int {
    var byte = try reader.byte()
    let isNegative = byte & 0x40 != 0
    var number = Int(byte & 0x3f)
    var shift = 6
    while byte & 0x80 != 0 {
      guard shift < 32 else { throw AnswerFailure.garbage("a number in it has no end") }
      byte = try reader.byte()
      number |= Int(byte & 0x7f) << shift
      shift += 7
    }
    return isNegative ? ~number : number
  }
}
