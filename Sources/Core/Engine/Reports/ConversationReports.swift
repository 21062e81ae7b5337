import BerthKit
import BerthQuery

/// What an instance said to a command.
public struct ConsoleReply: Report {
  /// The instance.
  public let record: InstanceRecord
  public let command: String
  /// Fit for a terminal, and without the instance's secrets; often empty.
  public let text: String

  public var fields: ReportFields { .instance(record) + ["command": command, "reply": text] }
}

/// Who plays on an instance, as its server tells it.
public struct PlayersReport: Report {
  /// The instance that was asked.
  public let record: InstanceRecord
  /// What it said.
  public let server: ServerReport
  /// Whether it answered, and said nothing.
  public var isSilent: Bool { server == ServerReport() }

  public var fields: ReportFields {
    .instance(record) + [
      "server": server.name, "map": server.map, "version": server.version, "count": server.count,
      "bots": server.bots, "max": server.limit, "players": server.players?.map(Player.init),
    ]
  }

  private struct Player: Report {
    let player: ServerReport.Player

    var fields: ReportFields { ["name": player.name, "score": player.score, "seconds": player.seconds] }
  }
}
