import ArgumentParser
import BerthEngine
import BerthKit

struct InstanceManage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manage", abstract: "Speak as the manage scripts that game panels drive.",
    discussion: """
      What 'manage.py' takes as flags (--get-services, --service S --start) or as subcommands (get-services, start --service S) \
      is understood behind the app's name, and answered in the JSON that panels read. 'berth manage APP --help' lists what \
      the app can do.

      EXAMPLES
        berth manage teeworlds --get-services
        berth manage teeworlds --instance PvP --service main --restart
        berth manage teeworlds --instance PvP --set-config max-clients 12
        berth manage teeworlds get-metrics --instance PvP
        berth manage teeworlds install --instance-name=Den --port=8310 --non-interactive
      """)

  @Argument(help: "The app.")
  var app: String

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("What the manage script is told.", valueName: "word"))
  var words: [String] = []

  func run() async throws {
    if words.first == "install" { return try await install() }
    let order = try ManageOrder(words, app: app)
    let berth = try HostOptions(order.global, app: app).open(need: order.verb == .createService ? .making : .instances)
    let manifest = try berth.plugin(app).manifest
    guard let verb = try order.verb(of: manifest) else {
      return Output.line(ManageOrder.help(manifest, version: BerthVersion.current))
    }
    if verb == .createService { return try await create(order.service, berth) }
    let record = try berth.find(order.instance, app: app)
    let service = try berth.managedService(order.service, of: record)
    switch verb {
    case .start: try await control(.start, record, service, berth)
    case .stop: try await control(.stop, record, service, berth)
    case .restart: try await control(.restart, record, service, berth)
    case .delayedStop:
      try await delayed("stops", record, berth) { try await berth.control(.stop, $0, service: service) }
    case .delayedRestart:
      try await delayed("restarts", record, berth) { try await berth.control(.restart, $0, service: service) }
    case .delayedUpdate:
      try await delayed("is updated", record, berth) {
        try await berth.change("update", $0, ChangeWish(refreshes: true))
      }
    case .createService: break
    case .removeService: try await remove(record, berth)
    case .isRunning, .postStart:
      let services = try await berth.status(of: record.key).services.filter { service == nil || $0.name == service }
      try answer(services.allSatisfy { $0.status == .running })
    case .hasPlayers:
      guard let count = try await berth.players(of: record).server.count else {
        throw BerthError.playersUnknown(record.title)
      }
      try answer(count > 0)
    case .command:
      let reply = try await berth.console(order.operands[0], of: record, seconds: 30)
      if !reply.text.isEmpty { Output.line(reply.text) }
    case .getCommands: try Output.json((manifest.console?.commands ?? []).map(\.word))
    case .backup: try await backUp(record, order, berth)
    case .restore: try await restore(record, order.operands[0], berth)
    case .checkUpdate:
      let plan = try await berth.planChange("update", [record], ChangeWish(refreshes: true), fetches: true)
      try answer(!plan.isEmpty)
    case .update:
      try finish(try await berth.change("update", [record], ChangeWish(refreshes: true)))
    case .getServices:
      try Output.json(try await berth.managedServices(of: record, service: service, measures: false))
    case .getMetrics: try Output.json(try await berth.managedServices(of: record, service: service, measures: true))
    case .getConfigs: try Output.json(try berth.managedOptions(of: record))
    case .setConfig:
      let wish = try berth.managedChange(order.operands[0], to: order.operands[1], of: record)
      try finish(try await berth.change("config set", [record], wish))
    case .getPorts: try Output.json(try berth.managedPorts(of: record, service: service))
    case .logs:
      try await berth.logs(of: record, service: service, since: nil, last: 100, follow: false) {
        Output.line($0.message)
      }
    case .firstRun, .preStop: Output.notice("\(verb.rawValue): \(verb.help)")
    }
  }

  /// - Parameter deed: what happens to the server, for players.
  private func delayed(
    _ deed: String, _ record: InstanceRecord, _ berth: Berth,
    act: ([InstanceRecord]) async throws -> [ControlOutcome]
  ) async throws {
    try finish(try await berth.whenEmpty([record], Patience(seconds: 3600), deed: deed, act: act))
  }

  private func control(_ verb: Control, _ record: InstanceRecord, _ service: String?, _ berth: Berth) async throws {
    try finish(try await berth.control(verb, [record], service: service))
  }

  private func finish(_ outcomes: [ControlOutcome]) throws {
    try BatchStatus.finish(outcomes.failures, isMany: false, json: words.contains("--json"))
  }

  /// A question is answered by the exit status.
  private func answer(_ yes: Bool) throws { if !yes { throw ExitCode(1) } }

  private func backUp(_ record: InstanceRecord, _ order: ManageOrder, _ berth: Berth) async throws {
    let outcomes = try await berth.backup([record], BackupWish())
    for outcome in outcomes { Output.line(try outcome.result.get().path) }
    if let count = order.maxBackups { try await berth.prune([record], Retention(last: count)) }
  }

  private func restore(_ record: InstanceRecord, _ text: String, _ berth: Berth) async throws {
    let isPath = text.contains("/")
    let request = RestoreRequest(
      app: app, instance: record.key.id.text, backup: isPath ? nil : text, archive: isPath ? text : nil)
    _ = try await berth.restore(request).result.get()
  }
}
