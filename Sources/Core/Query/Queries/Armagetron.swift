/// What a server of Armagetron Advanced tells to the game's server browser.
///
/// A packet is made of messages and, at its end, the sender's number. All of it is words of 16 bits, the greater byte
/// first. A message has a kind, a number of its own (0 without a connection), and a count of words before these.
enum Armagetron {
  private static let smallInfo = 50
  private static let bigInfo = 51

  static let smallRequest: [UInt8] = [0, 52, 0, 0, 0, 0, 0, 0]
  static let bigRequest: [UInt8] = [0, 53, 0, 0, 0, 0, 0, 0]

  static func isSmallAnswer(_ packet: [UInt8]) throws -> Bool { try body(of: smallInfo, in: packet) != nil }

  /// - Returns: nil for an answer to another request.
  static func report(_ packet: [UInt8]) throws -> ServerReport? {
    guard let body = try body(of: bigInfo, in: packet) else { return nil }
    var reader = ByteReader(Array(body))
    // Its port, and its address where it was given one.
    _ = try number(&reader)
    _ = try text(&reader)
    var report = ServerReport(name: name(try text(&reader)), count: try amount(&reader))
    // Older servers end at some point.
    guard !reader.isAtEnd else { return report }
    // The least and the greatest version of its protocol.
    for _ in 0..<2 { _ = try number(&reader) }
    report.version = ServerText.line(try text(&reader))
    guard !reader.isAtEnd else { return report }
    report.limit = try amount(&reader)
    guard !reader.isAtEnd else { return report }
    let names = try text(&reader).split(separator: UInt8(ascii: "\n")).prefix(ServerReport.mostPlayers)
    report.players = names.map { ServerReport.Player(name($0)) }
    return report
  }

  // MARK: Parts

  private static func body(of kind: Int, in packet: [UInt8]) throws -> ArraySlice<UInt8>? {
    var reader = ByteReader(packet)
    while packet.count - reader.offset > 2 {
      let found = try reader.big16()
      _ = try reader.big16()
      let words = try reader.big16()
      let body = try reader.take(words * 2)
      if found == kind { return body }
    }
    return nil
  }

  /// Two words, the lesser first.
  private static func number(_ reader: inout ByteReader) throws -> Int {
    let low = try reader.big16()
    return try reader.big16() << 16 | low
  }

  private static func amount(_ reader: inout ByteReader) throws -> Int {
    let amount = try number(&reader)
    guard amount <= Int32.max else { throw AnswerFailure.garbage("a number in it is below 0") }
    return amount
  }

  /// Bytes with a zero at the end, two in a word, of which the first is the lesser half.
  ///
  /// Servers add the second to the first, and their bytes have a sign: a first one above 127 takes 1 from the second.
  private static func text(_ reader: inout ByteReader) throws -> [UInt8] {
    let count = try reader.big16()
    var bytes: [UInt8] = []
    for _ in 0..<(count + 1) / 2 {
      let word = try reader.big16()
      let (first, second) = (UInt8(word & 0xff), UInt8(word >> 8))
      bytes += [first, first > 127 ? second &+ 1 : second]
    }
    return Array(bytes.prefix { $0 != 0 })
  }

  /// Text without its colours, `0xff8000` or `0xRESETT`.
  private static func name(_ bytes: some Collection<UInt8>) -> String {
    var kept: [UInt8] = []
    var rest = Array(bytes)[...]
    while let byte = rest.first {
      let code = rest.dropFirst(2).prefix(6)
      let isColour = code.count == 6 && (code.allSatisfy(isHexDigit) || code.elementsEqual("RESETT".utf8))
      if rest.starts(with: "0x".utf8), isColour {
        rest = rest.dropFirst(8)
      } else {
        kept.append(byte)
        rest = rest.dropFirst()
      }
    }
    return ServerText.line(kept)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 32)
  }
}
