/// What a server of Quake III Arena or a descendant says of itself, and its remote console.
///
/// Packets begin with four bytes of ones, and hold lines of text.
enum Quake3 {
  private static let head: [UInt8] = [0xff, 0xff, 0xff, 0xff]

  static func statusRequest(_ challenge: String) -> [UInt8] { head + Array("getstatus \(challenge)\n".utf8) }

  static func infoRequest(_ challenge: String) -> [UInt8] { head + Array("getinfo \(challenge)\n".utf8) }

  /// What `getstatus` tells.
  struct Status: Equatable {
    /// With all who are on it, bots among them.
    let all: ServerReport
    /// Who has the ping 0, as a bot has; so may a person of the same network have it.
    let isQuick: [Bool]

    var mayHaveBots: Bool { isQuick.contains(true) }

    /// The report with people and bots apart.
    ///
    /// - Parameter people: how many the server counts; nil where it does not say.
    func report(people: Int?) -> ServerReport {
      var report = all
      let players = zip(all.players ?? [], isQuick).filter { !$1 }.map(\.0)
      report.count = min(people ?? players.count, isQuick.count)
      report.bots = isQuick.count - (report.count ?? 0)
      // Where a person is as quick as a bot, nobody can tell which of them it is.
      if report.count == players.count { report.players = players }
      return report
    }
  }

  /// - Returns: nil for an answer to another request.
  static func status(_ packet: [UInt8], challenge: String) throws -> Status? {
    guard let body = body(packet, after: "statusResponse\n") else {
      throw AnswerFailure.garbage("it is no statusResponse")
    }
    let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    guard let first = lines.first else { throw AnswerFailure.garbage("it is empty") }
    let info = info(first)
    if let theirs = info["challenge"], theirs != challenge { return nil }
    let players = try lines.dropFirst().prefix(ServerReport.mostPlayers).map(player)
    let report = ServerReport(
      name: info["sv_hostname"], map: info["mapname"], version: info["version"], count: players.count,
      limit: info["sv_maxclients"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }, players: players.map(\.player))
    return Status(all: report, isQuick: players.map(\.isQuick))
  }

  /// How many people `getinfo` counts, or nil inside where it does not say.
  ///
  /// - Returns: nil for an answer to another request.
  static func people(_ packet: [UInt8], challenge: String) throws -> Int?? {
    guard let body = body(packet, after: "infoResponse\n") else {
      // A late answer to the question before.
      guard body(packet, after: "statusResponse\n") == nil else { return nil }
      throw AnswerFailure.garbage("it is no infoResponse")
    }
    let info = info(body.prefix { $0 != UInt8(ascii: "\n") })
    if let theirs = info["challenge"], theirs != challenge { return nil }
    return .some(info["g_humanplayers"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil })
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

  /// `score ping "name"`. The engine gives bots the ping 0 (ioquake3, `SV_CalcPings`).
  private static func player(_ line: ArraySlice<UInt8>) throws -> (player: ServerReport.Player, isQuick: Bool) {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: true)
    guard words.count == 3, let score = Int(ServerText.line(words[0])), words[2].count >= 2,
      words[2].first == UInt8(ascii: "\""), words[2].last == UInt8(ascii: "\"")
    else { throw AnswerFailure.garbage("a player's line is broken") }
    let isQuick = words[1].elementsEqual("0".utf8)
    return (ServerReport.Player(name(words[2].dropFirst().dropLast()), score: score), isQuick)
  }

  private static func name(_ bytes: ArraySlice<UInt8>) -> String {
    ServerText.withoutColours(ServerText.line(bytes), mark: "^")
  }
}
