import ArgumentParser
import BerthEngine
import BerthKit

struct InstanceMetricsCommand: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Show what instances take now.",
    discussion: """
      Memory, processor time and tasks come from the service manager's accounting. The processor is a part of all that the host \
      has, over a quarter of a second. The server of a single instance is asked for its players, too. What nobody knows is '-', \
      and null in JSON, where sizes are bytes and parts 0 to 1.

      EXAMPLES
        berth metrics teeworlds --instance PvP
        berth metrics --all --json
      """)

  @OptionGroup var instances: InstancesOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    let metrics = try await berth.metrics(of: try instances.records(berth))
    if options.json {
      if instances.isMany { return try Output.json(metrics) }
      if let one = metrics.first { try Output.json(one) }
      return
    }
    var table = Table(["INSTANCE", "STATUS", "MEMORY", "CPU", "TASKS", "DISK", "PLAYERS"])
    for one in metrics {
      let players = one.server.flatMap { server in
        server.count.map { "\($0) of \(server.limit.map(String.init) ?? "-")" }
      }
      table.add([
        one.record.title, one.status.rawValue, one.memory.map(ByteCount.text) ?? "-",
        one.processors.map { "\(Int(($0 * 100).rounded()))%" } ?? "-", one.tasks.map(String.init) ?? "-",
        one.disk.map(ByteCount.text) ?? "-", players ?? "-",
      ])
    }
    for line in table.lines() { Output.line(line) }
  }
}
