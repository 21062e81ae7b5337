import ArgumentParser
import BerthEngine
import BerthKit
import Foundation

struct InstanceList: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the instances with their live status.",
    discussion: """
      EXAMPLES
        berth list luanti
        berth list --label site=north --json
      """)

  @Argument(help: "Only this app's.")
  var app: String?

  @Option(name: .customLong("app"), help: "The same as an option.")
  var namedApp: String?

  @Option(
    name: .customLong("label"), parsing: .singleValue,
    help: ArgumentHelp("Only those with this label; may be repeated.", valueName: "key=value"))
  var labels: [String] = []

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if app != nil, namedApp != nil { throw ValidationError("an app is named once, by itself or by --app") }
  }

  func run() async throws {
    let reports = try await options.open().list(
      app: app ?? namedApp, labels: try Pairs.parse(labels, option: "--label"))
    if options.json { return try Output.json(reports) }
    if reports.isEmpty {
      return Output.notice("there are no instances; install one: \(Remedy.berth("app", "list").whole)")
    }
    for line in InstanceTable.lines(reports) { Output.line(line) }
    for line in Set(reports.filter { $0.problem == nil }.compactMap { $0.remedy?.whole }).sorted() {
      Output.notice("incomplete; run: \(line)")
    }
    for line in Set(reports.filter { $0.problem != nil }.compactMap { $0.remedy?.whole }).sorted() {
      Output.notice("what helps: \(line)")
    }
  }
}

struct InstanceStatus: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show one instance: services, ports, folder.")

  @OptionGroup var instance: InstanceOptions

  @Flag(help: "Show its settings too, secrets included.")
  var reveal = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    let record = try berth.find(instance.instance, app: instance.app)
    let report = try await berth.status(of: record.key)
    let settings = reveal ? try berth.host.registry.settings(of: record.uid) : []
    if options.json {
      guard reveal else { return try Output.json(report) }
      let values = Dictionary(settings.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      return try Output.json(RevealedReport(report, settings: values))
    }
    for line in InstanceTable.lines([report]) { Output.line(line) }
    for service in report.services {
      Output.line(
        "service \(service.name): \(service.status.rawValue)\(service.mainPID.map { ", process \($0)" } ?? "") (\(service.unit))"
      )
    }
    Output.line("folder  \(report.directory)")
    if let backup = report.lastBackup {
      let result = backup.error.map { Style.stdout.red("failed: \($0)") } ?? "good"
      Output.line("backup  \(backup.at), \(result)")
    }
    for job in report.jobs ?? [] {
      let result = job.run.succeeded.map { $0 ? ", good" : ", \(Style.stdout.red("failed"))" } ?? ""
      let last = job.run.last.map { "\($0)\(result)" } ?? "never ran\(result)"
      Output.line("job     \(job.name): \(last)\(job.run.next.map { "; next \($0)" } ?? "")")
    }
    if let problem = report.problem { Output.line("problem \(problem)") }
    if let remedy = report.remedy { Output.line("remedy  \(remedy.whole)") }
    for setting in settings { Output.line("setting \(setting.key) = \(setting.value)") }
  }
}

struct InstanceLogs: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show what an instance wrote.",
    discussion: """
      EXAMPLES
        berth logs luanti --instance PvP --follow
        berth logs luanti --since "10 min ago"
        berth logs media-stack --service radarr
        berth logs factorio --service new-map       what a job of it wrote
        berth logs luanti --lines 500 --json        one JSON object per line
      """)

  @OptionGroup var instance: InstanceOptions
  @OptionGroup var part: ServiceOption

  @Flag(name: .shortAndLong, help: "Go on with new lines.")
  var follow = false

  @Option(
    help: ArgumentHelp(
      "Only what is newer, as journalctl reads it: '2026-11-21 09:00', '10 min ago'.", valueName: "time"))
  var since: String?

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp("Only the newest lines; 100 unless --since is given.", valueName: "count"))
  var lines: Int?

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if let lines, lines < 0 { throw ValidationError("--lines takes a number of lines") }
  }

  func run() async throws {
    let berth = try options.open()
    let record = try berth.find(instance.instance, app: instance.app)
    let (json, follows, title) = (options.json, follow, record.title)
    let last = lines ?? (since == nil ? 100 : nil)
    try await berth.logs(of: record, service: part.service, since: since, last: last, follow: follow, namesUnits: json)
    { entry in
      if json {
        try Output.json(entry, isCompact: true)
      } else {
        // A further line of a message must not pass for the next message.
        Output.line("\(entry.time) \(title): \(entry.message.lines.joined(separator: "\n    "))")
      }
      // Whoever follows waits for each line.
      if follows { try Output.finish() }
    }
  }
}

struct PortList: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "ports", abstract: "List the ports of all instances, stopped ones included.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let uses = try options.open().portUses()
    if options.json { return try Output.json(uses) }
    var table = Table(["PORT", "PROTOCOL", "ADDRESS", "ROLE", "INSTANCE"])
    for use in uses {
      let port = use.port
      table.add(["\(port.port)", port.transport.rawValue, port.address, port.role, use.record.title])
    }
    for line in table.lines() { Output.line(line) }
  }
}
