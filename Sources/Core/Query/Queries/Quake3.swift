/// What a server of Quake III Arena or a descendant says of itself, and its remote console.
///
/// Packets begin with four bytes of ones, and hold lines of text.
enum Quake3 {
  private static let head: [UInt8] = [0xff, 0xff, 0xff, 0xff]

  static func statusRequest(_ challenge: String) -> [UInt8] { head + Array("getstatus \(challenge)\n".utf8) }

  /// - Returns: nil for an answer to another request.
  static func report(_ packet: [UInt8], challenge: String) throws -> ServerReport? {
    guard let body = body(packet, after: "statusResponse\n") else {
      throw AnswerFailure.garbage("it is no statusResponse")
    }
    let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    guard let first = lines.first else { throw AnswerFailure.garbage("it is empty") }
    let info = info(first)
    if let theirs = info["challenge"], theirs != challenge { return nil }
    let players = try lines.dropFirst().prefix(ServerReport.mostPlayers).map(player)
    return ServerReport(
      name: info["sv_hostname"], map: info["mapname"], version: info["version"], count: players.count,
      limit: info["sv_maxclients"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }, players: players)
  }

  // MARK: Console

  /// - Throws: `.unsayable`, as these servers take neither quotes nor spaces in a password.
  static func commandRequest(_ command: String, password: String) throws -> [UInt8] {
    let isPlain = password.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"\"\\;%/".utf8.contains($0) }
    guard isPlain, !password.isEmpty else {
      throw AnswerFailure.unsayable("a password with spaces, quotes, slashes, ';', '%' or letters beyond ASCII")
    }
    return head + Array("rcon \(password) \(command)".utf8)
  }

  /// The text of one packet of an answer.
  static func printed(_ packet: [UInt8]) throws -> ArraySlice<UInt8> {
    guard let body = body(packet, after: "print\n") else { throw AnswerFailure.garbage("it is no print") }
    return body
  }

  /// - Throws: `.wrongPassword`.
  static func reply(_ printed: [UInt8]) throws -> String {
    let refusals = ["Bad rconpassword", "No rconpassword set"]
    guard !refusals.contains(where: { printed.starts(with: $0.utf8) }) else { throw AnswerFailure.wrongPassword }
    return ServerText.withoutColours(ServerText.lines(printed), mark: "^")
  }

  // MARK: Parts

  private static func body(_ packet: [UInt8], after word: String) -> ArraySlice<UInt8>? {
    let start = head + Array(word.utf8)
    return packet.starts(with: start) ? packet[start.count...] : nil
  }

  /// `\key\value\key\value`.
  private static func info(_ line: ArraySlice<UInt8>) -> [String: String] {
    let words = line.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false).dropFirst().map(name)
    var info: [String: String] = [:]
    for at in stride(from: 0, to: words.count - 1, by: 2) where info[words[at]] == nil {
      info[words[at]] = words[at + 1]
    }
    return info
  }

  /// `score ping "name"`.
  private static func player(_ line: ArraySlice<UInt8>) throws -> ServerReport.Player {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: true)
    guard words.count == 3, let score = Int(ServerText.line(words[0])), words[2].count >= 2,
      words[2].first == UInt8(ascii: "\""), words[2].last == UInt8(ascii: "\"")
    else { throw AnswerFailure.garbage("a player's line is broken") }
    return ServerReport.Player(name(words[2].dropFirst().dropLast()), score: score)
  }

  private static func name(_ bytes: ArraySlice<UInt8>) -> String {
    ServerText.withoutColours(ServerText.line(bytes), mark: "^")
  }
}
