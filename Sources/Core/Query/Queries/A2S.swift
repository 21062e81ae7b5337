/// Valve's server queries: about the server, and about its players.
///
/// https://developer.valvesoftware.com/wiki/Server_queries
enum A2S {
  enum Answer: Equatable {
    /// A number that the question must be asked with again.
    case challenge(UInt32)
    case info(ServerReport)
    case players([ServerReport.Player])
  }

  private static let single: [UInt8] = [0xff, 0xff, 0xff, 0xff]

  static func infoRequest(challenge: UInt32? = nil) -> [UInt8] {
    single + Array("TSource Engine Query\0".utf8) + (challenge.map { .little32($0) } ?? [])
  }

  /// - Parameter challenge: nil to ask for one.
  static func playersRequest(challenge: UInt32? = nil) -> [UInt8] {
    single + [UInt8(ascii: "U")] + .little32(challenge ?? 0xffff_ffff)
  }

  /// What a whole answer says.
  static func answer(_ bytes: [UInt8]) throws -> Answer {
    var reader = ByteReader(bytes)
    guard Array(try reader.take(4)) == single else { throw AnswerFailure.garbage("it does not begin as an answer") }
    switch try reader.byte() {
    case UInt8(ascii: "A"): return .challenge(try reader.little32())
    case UInt8(ascii: "I"): return .info(try info(&reader))
    case UInt8(ascii: "D"): return .players(try players(&reader))
    default: throw AnswerFailure.garbage("it is an answer of another kind")
    }
  }

  private static func info(_ reader: inout ByteReader) throws -> ServerReport {
    _ = try reader.byte()
    var report = ServerReport(name: try reader.line(), map: try reader.line())
    // The game's folder and name.
    for _ in 0..<2 { _ = try reader.line() }
    let game = try reader.little16()
    let all = Int(try reader.byte())
    report.limit = Int(try reader.byte())
    // Bots are among all; a server that counts them apart has more of them.
    let bots = Int(try reader.byte())
    (report.count, report.bots) = bots <= all ? (all - bots, bots) : (all, bots)
    // Kind, system, visibility, protection; The Ship has three bytes more.
    _ = try reader.take(game == 2400 ? 7 : 4)
    report.version = try reader.line()
    return report
  }

  private static func players(_ reader: inout ByteReader) throws -> [ServerReport.Player] {
    let count = Int(try reader.byte())
    return try (0..<count).map { _ in
      _ = try reader.byte()
      let name = try reader.line()
      let score = Int32(bitPattern: try reader.little32())
      let seconds = Float(bitPattern: try reader.little32())
      // Not a number, and none that a person could have played.
      let isTime = seconds >= 0 && seconds < 1e9
      return ServerReport.Player(name, score: Int(score), seconds: isTime ? Int(seconds) : nil)
    }
  }
}

/// Packets that may be parts of one answer.
struct A2SAssembly {
  private var id: UInt32?
  private var total = 0
  private var parts: [Int: ArraySlice<UInt8>] = [:]

  /// Takes a packet.
  ///
  /// - Returns: the answer, once it is whole.
  mutating func add(_ packet: [UInt8]) throws -> [UInt8]? {
    var reader = ByteReader(packet)
    guard try reader.little32() == 0xffff_fffe else { return packet }
    let id = try reader.little32()
    guard id & 0x8000_0000 == 0 else { throw AnswerFailure.garbage("it is compressed, which Berth does not read") }
    let total = Int(try reader.byte())
    let number = Int(try reader.byte())
    // The size of parts, which the last one need not have.
    _ = try reader.little16()
    guard number < total else { throw AnswerFailure.garbage("a part of it has no place") }
    if id != self.id || total != self.total { (self.id, self.total, parts) = (id, total, [:]) }
    parts[number] = reader.rest()
    guard parts.count == total else { return nil }
    return (0..<total).flatMap { parts[$0] ?? [] }
  }
}
