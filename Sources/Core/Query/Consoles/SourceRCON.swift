import BerthKit

/// The remote console of Valve's servers, and Minecraft's, which has the same packets.
///
/// https://developer.valvesoftware.com/wiki/Source_RCON_Protocol
struct SourceRCON {
  /// One packet.
  struct Packet: Equatable {
    let id: Int32
    let kind: Int32
    let body: [UInt8]

    var bytes: [UInt8] {
      .little32(UInt32(body.count + 10)) + .little32(UInt32(bitPattern: id)) + .little32(UInt32(bitPattern: kind))
        + body
        + [0, 0]
    }

    init(id: Int32, kind: Int32, body: [UInt8] = []) {
      self.id = id
      self.kind = kind
      self.body = body
    }

    /// - Parameter bytes: all but the length.
    init(_ bytes: [UInt8]) throws {
      var reader = ByteReader(bytes)
      id = Int32(bitPattern: try reader.little32())
      kind = Int32(bitPattern: try reader.little32())
      var body = Array(reader.rest())
      guard body.last == 0 else { throw AnswerFailure.garbage("a packet has no end") }
      // Two zeros end a packet; some servers leave one out.
      for _ in 0..<2 where body.last == 0 { body.removeLast() }
      self.body = body
    }
  }

  /// The kinds of packets.
  private enum Kind {
    static let login: Int32 = 3
    /// A command, and the answer to a login.
    static let command: Int32 = 2
    static let value: Int32 = 0
  }

  private static let loginID: Int32 = 1
  private static let commandID: Int32 = 2
  /// Nothing is asked with it: the answer to it comes when that to the command has come as a whole.
  private static let marker = Packet(id: 3, kind: Kind.value)
  /// Bytes of a packet that is surely followed by another.
  private static let fullBody = 4000

  private var reader: StreamReader
  private let connection: any Connection
  private let isMinecraft: Bool

  init(_ connection: any Connection, isMinecraft: Bool) {
    self.connection = connection
    self.isMinecraft = isMinecraft
    reader = StreamReader(connection)
  }

  /// Bytes of the longest command: Minecraft reads a whole packet into 1,460 bytes.
  private var longestCommand: Int { isMinecraft ? 1446 : 4086 }

  /// Logs in and gives one command.
  mutating func run(_ command: String, password: String) async throws -> [UInt8] {
    guard command.utf8.count <= longestCommand else {
      throw AnswerFailure.unsayable("a command of more than \(longestCommand) bytes")
    }
    try await login(password)
    try await connection.send(Packet(id: Self.commandID, kind: Kind.command, body: Array(command.utf8)).bytes)
    // Minecraft takes two packets that come together for a broken one, and answers every command; other servers say
    // nothing at all to some.
    if !isMinecraft { try await mark() }
    var answer: [UInt8] = []
    var last: Packet?
    while let packet = try await next(after: last), packet.id != Self.marker.id {
      guard packet.id == Self.commandID, packet.kind == Kind.value else {
        throw AnswerFailure.garbage("it answers another command")
      }
      if isMinecraft, last == nil { try await mark() }
      answer += packet.body
      last = packet
    }
    return answer
  }

  /// A server that was told to stop may have gone by now; what it said is there all the same.
  private func mark() async throws {
    do { try await connection.send(Self.marker.bytes) } catch ConnectionFailure.closed {}
  }

  private mutating func login(_ password: String) async throws {
    try await connection.send(Packet(id: Self.loginID, kind: Kind.login, body: Array(password.utf8)).bytes)
    while true {
      let packet = try await packet()
      // An empty value comes before the answer.
      if packet.kind == Kind.value, packet.id == Self.loginID { continue }
      guard packet.kind == Kind.command else { throw AnswerFailure.garbage("it does not answer the login") }
      guard packet.id != -1 else { throw AnswerFailure.wrongPassword }
      guard packet.id == Self.loginID else { throw AnswerFailure.garbage("it answers another login") }
      return
    }
  }

  private mutating func packet() async throws -> Packet {
    let length = Int(try await reader.take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    guard length >= 9 else { throw AnswerFailure.garbage("a packet is too short") }
    return try Packet(try await reader.take(length))
  }

  /// The next packet of an answer; nil when there will be none.
  ///
  /// A server that does not answer the marker ends with quiet, and one that was told to stop by closing.
  private mutating func next(after last: Packet?) async throws -> Packet? {
    guard let last, reader.bytes.isEmpty else { return try await packet() }
    let isMore: Bool?
    do { isMore = try await reader.more(within: AnswerLimits.quietSeconds) } catch ConnectionFailure.closed {
      // It has gone before it read the marker.
      isMore = false
    }
    guard let isMore else { return nil }
    if !isMore {
      guard last.body.count < Self.fullBody else { throw ConnectionFailure.closed }
      return nil
    }
    return try await packet()
  }
}
