import Foundation

/// Server List Ping of Minecraft 1.7 and newer.
///
/// https://minecraft.wiki/w/Java_Edition_protocol/Server_List_Ping
enum Minecraft {
  /// The handshake and the question, as a client that wants the status only.
  static func request(address: String, port: Int) -> [UInt8] {
    let host = Array(address.utf8)
    // Minus one: a client that does not care for the version.
    let handshake =
      [0] + variable(0xffff_ffff) + variable(UInt32(host.count)) + host + [UInt8(port >> 8 & 0xff), UInt8(port & 0xff)]
      + variable(1)
    return variable(UInt32(handshake.count)) + handshake + [1, 0]
  }

  /// What the answer's packet says, its length left out.
  static func report(_ packet: [UInt8]) throws -> ServerReport {
    var reader = ByteReader(packet)
    guard try number(&reader) == 0 else { throw AnswerFailure.garbage("it is a packet of another kind") }
    let length = try number(&reader)
    return try report(json: reader.take(Int(length)))
  }

  static func report(json: some Sequence<UInt8>) throws -> ServerReport {
    guard let status = try? JSONDecoder().decode(Status.self, from: Data(json)) else {
      throw AnswerFailure.garbage("it is not the JSON of a status")
    }
    func plain(_ text: String?) -> String? { text.map { ServerText.withoutColours(ServerText.line($0), mark: "§") } }
    let players = status.players?.sample?.prefix(ServerReport.mostPlayers).map {
      ServerReport.Player(plain($0.name) ?? "")
    }
    return ServerReport(
      name: plain(status.description?.text), version: plain(status.version?.name),
      count: status.players?.online.flatMap { $0 >= 0 ? $0 : nil },
      limit: status.players?.max.flatMap { $0 >= 0 ? $0 : nil },
      // A server without players leaves the sample out.
      players: players ?? (status.players?.online == 0 ? [] : nil))
  }

  /// The number at the front of a stream and how many bytes it takes; nil while it is not whole.
  static func length(_ bytes: [UInt8]) throws -> (number: Int, bytes: Int)? {
    let head = Array(bytes.prefix(5))
    guard head.count == 5 || head.contains(where: { $0 & 0x80 == 0 }) else { return nil }
    var reader = ByteReader(head)
    return (Int(try number(&reader)), reader.offset)
  }

  private static func number(_ reader: inout ByteReader) throws -> UInt32 {
    var number: UInt32 = 0
    for shift in stride(from: UInt32(0), to: 35, by: 7) {
      let byte = try reader.byte()
      number |= UInt32(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return number }
    }
    throw AnswerFailure.garbage("a number in it has no end")
  }

  private static func variable(_ number: UInt32) -> [UInt8] {
    var rest = number
    var bytes: [UInt8] = []
    while rest > 0x7f {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  // MARK: JSON

  private struct Status: Decodable {
    struct Version: Decodable { let name: String? }
    struct Players: Decodable {
      struct Player: Decodable { let name: String? }
      let max: Int?
      let online: Int?
      let sample: [Player]?
    }
    let version: Version?
    let players: Players?
    let description: ChatText?
  }

  /// Text, or text with more of it inside.
  private struct ChatText: Decodable {
    let text: String

    private enum Key: String, CodingKey { case text, extra }

    init(from decoder: any Decoder) throws {
      if let plain = try? decoder.singleValueContainer().decode(String.self) {
        text = plain
        return
      }
      guard decoder.codingPath.count < 32 else { throw AnswerFailure.garbage("it is too deep") }
      let values = try decoder.container(keyedBy: Key.self)
      let inner = try values.decodeIfPresent([ChatText].self, forKey: .extra) ?? []
      text = (try values.decodeIfPresent(String.self, forKey: .text) ?? "") + inner.map(\.text).joined()
    }
  }
}
