import ArgumentParser
import BerthEngine
import BerthKit

struct InstancePlayers: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "players", abstract: "Ask a running instance who plays.",
    discussion: """
      Berth asks the server in its own protocol, which the plugin's 'query' names. What a server does not tell is '-', and null \
      in JSON. Some servers name only a part of those whom they count.

      EXAMPLES
        berth players teeworlds --instance PvP
        berth players openarena --json --timeout 2
      """)

  @OptionGroup var instance: InstanceOptions

  @Option(help: ArgumentHelp("How long the server may take.", valueName: "seconds"))
  var timeout = 5

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard (1...3600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 3600 seconds") }
  }

  func run() async throws {
    let berth = try options.open()
    let record = try berth.find(instance.instance, app: instance.app)
    let report = try await berth.players(of: record, seconds: timeout)
    if options.json { return try Output.json(report) }
    let server = report.server
    guard !report.isSilent else {
      return Output.line("\(record.title): it answers, and does not say who plays")
    }
    let about = [server.name, server.map.map { "map \($0)" }, server.version.map { "version \($0)" }].compactMap { $0 }
    let bots = server.bots.flatMap { $0 == 0 ? nil : ", and \($0) \($0 == 1 ? "bot" : "bots")" } ?? ""
    Output.line("\(record.title): \(Self.shown(server.count)) of \(Self.shown(server.limit)) players\(bots)")
    if !about.isEmpty { Output.line(about.joined(separator: ", ")) }
    guard let players = server.players, !players.isEmpty else { return }
    var table = Table(["SCORE", "TIME", "NAME"])
    for player in players { table.add([Self.shown(player.score), Self.time(player.seconds), player.name]) }
    for line in table.lines() { Output.line(line) }
  }

  private static func shown(_ number: Int?) -> String { number.map(String.init) ?? "-" }

  /// Such as `1:02:09`.
  private static func time(_ seconds: Int?) -> String {
    guard let seconds else { return "-" }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
  }
}
