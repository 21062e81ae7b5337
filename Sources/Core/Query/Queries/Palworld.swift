import BerthKit
import Foundation

/// The REST interface of a Palworld server.
///
/// https://docs.palworldgame.com/category/rest-api
enum Palworld {
  /// One call of the interface.
  struct Call: Equatable {
    let method: String
    let name: String
    let json: [UInt8]?

    static func get(_ name: String) -> Call { Call(method: "GET", name: name, json: nil) }

    static func post(_ name: String, _ fields: Fields? = nil) throws -> Call {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return Call(method: "POST", name: name, json: Array(try encoder.encode(fields ?? Fields())))
    }
  }

  /// What a call may say.
  struct Fields: Encodable, Equatable {
    var message: String?
    var waittime: Int?
    var userid: String?
  }

  /// The words that the console takes, as there is no console in this protocol but calls.
  static let commands = """
    announce TEXT, save, shutdown SECONDS [TEXT], stop, kick ID [TEXT], ban ID [TEXT], unban ID, info, players, \
    metrics, settings
    """

  /// - Throws: `.unsayable` for anything else than one of ``commands``.
  static func call(_ command: String) throws -> Call {
    let words = command.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).map(String.init)
    let first = words.first ?? ""
    let rest = command.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).dropFirst().first
    let last = words.count > 2 ? words[2] : nil
    switch (first, words.count) {
    case ("info", 1), ("players", 1), ("metrics", 1), ("settings", 1): return .get(first)
    case ("save", 1), ("stop", 1): return try .post(first)
    case ("announce", 2...): return try .post(first, Fields(message: rest.map(String.init)))
    case ("shutdown", 2...):
      guard let seconds = Int(words[1]), (0...86400).contains(seconds) else { break }
      return try .post(first, Fields(message: last ?? "", waittime: seconds))
    case ("kick", 2...), ("ban", 2...): return try .post(first, Fields(message: last ?? "", userid: words[1]))
    case ("unban", 2): return try .post(first, Fields(userid: words[1]))
    default: break
    }
    throw AnswerFailure.unsayable("this command; there is: \(commands)")
  }

  static func send(
    _ call: Call, to endpoint: Endpoint, of peer: Peer, password: String, through connector: any Connector,
    seconds: Double
  ) async throws -> [UInt8] {
    let host = endpoint.address.contains(":") ? "[\(endpoint.address)]" : endpoint.address
    let request = HTTPExchange.request(
      call.method, "/v1/api/\(call.name)", host: "\(host):\(endpoint.port)", user: ("admin", password), json: call.json)
    let connection = try await connector.open(endpoint, to: peer, seconds: seconds, bytes: AnswerLimits.bytes)
    let answer = try await HTTPExchange.ask(request, over: connection)
    switch answer.status {
    case 200...299: return answer.body
    case 401, 403: throw AnswerFailure.wrongPassword
    default: throw AnswerFailure.garbage("its status is \(answer.status)")
    }
  }

  // MARK: Answers

  static func report(info: [UInt8], metrics: [UInt8], players: [UInt8]) throws -> ServerReport {
    let decoder = JSONDecoder()
    guard let info = try? decoder.decode(Info.self, from: Data(info)),
      let metrics = try? decoder.decode(Metrics.self, from: Data(metrics)),
      let players = try? decoder.decode(Players.self, from: Data(players))
    else { throw AnswerFailure.garbage("it is not the JSON of Palworld") }
    return ServerReport(
      name: info.servername.map { ServerText.line($0) }, version: info.version.map { ServerText.line($0) },
      count: metrics.currentplayernum.flatMap { $0 >= 0 ? $0 : nil },
      limit: metrics.maxplayernum.flatMap { $0 >= 0 ? $0 : nil },
      players: players.players.prefix(ServerReport.mostPlayers).map {
        ServerReport.Player(ServerText.line($0.name ?? ""))
      })
  }

  private struct Info: Decodable { let servername, version: String? }
  private struct Metrics: Decodable { let currentplayernum, maxplayernum: Int? }
  private struct Players: Decodable {
    struct Player: Decodable { let name: String? }
    let players: [Player]
  }
}
