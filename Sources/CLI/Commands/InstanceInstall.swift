import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlanning

struct InstanceInstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Install an instance of an app and wait until it is ready.",
    discussion: """
      Without --instance-id the instance is 'default' if that is free, else it gets a new UUID; the id is printed. \
      A default port that is taken moves to the next free one; a port that you ask for and is taken is an error.

      EXAMPLES
        berth install teeworlds
        berth install teeworlds --instance-name Arena --port 8310 --set max-clients=16
        berth install luanti --dir /srv/luanti --label site=north --no-start
        berth install teeworlds --instance-name arena --count 20      arena-1 … arena-20
        berth install mumble --dry-run --json
      """)

  @Argument(help: "The app.")
  var app: String

  @Option(help: ArgumentHelp("'default' or a UUID.", valueName: "uuid"))
  var instanceId: String?

  @Option(
    name: [.customLong("instance-name"), .customLong("name")],
    help: ArgumentHelp("A name for it, unique among the app's instances.", valueName: "name"))
  var instanceName: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A setting; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Option(
    name: .customLong("port"), parsing: .singleValue,
    help: ArgumentHelp("A port, by role or for the first role; may be repeated.", valueName: "role=n"))
  var ports: [String] = []

  @Option(help: ArgumentHelp("Keep config, data and cache here.", valueName: "path"), completion: .directory)
  var dir: String?

  @Option(
    name: .customLong("label"), parsing: .singleValue,
    help: ArgumentHelp("A label; may be repeated.", valueName: "key=value"))
  var labels: [String] = []

  @Option(help: ArgumentHelp("Serve behind one name together with the others of this pool.", valueName: "name"))
  var pool: String?

  @Option(help: ArgumentHelp("Install so many, named NAME-1, NAME-2 and so on.", valueName: "n"))
  var count: Int?

  @Flag(help: "Neither start it nor enable it.")
  var noStart = false

  @Flag(help: "When it fails, leave what it made for a look, until a recovery takes it back.")
  var keepFailed = false

  @OptionGroup var dropping: DropOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if keepFailed, carrying.keepGoing { throw ValidationError("--keep-failed and --keep-going exclude each other") }
    guard let count else { return }
    guard (1...10000).contains(count) else { throw ValidationError("--count takes 1 to 10000") }
    if instanceId != nil || dir != nil || !ports.isEmpty {
      throw ValidationError("--count excludes --instance-id, --dir and --port: two instances cannot share these")
    }
  }

  func run() async throws {
    var berth = try options.open(carrying, need: .plugins, choose: choose)
    var request = try makeRequest()
    if Output.isInteractive, !options.json {
      SettingQuestions.ask(try berth.questions(request), &request)
    }
    let requests = requests(request)
    if carrying.dryRun {
      return try PlanOutput.print(
        try await berth.planInstall(requests), isMany: count != nil, json: options.json)
    }
    berth = try options.making(
      berth, carrying, berth.isNew ? try await berth.planInstall(requests) : nil, choose: choose)
    let outcomes = try await berth.install(requests)
    let reports = outcomes.compactMap { try? $0.result.get() }
    if options.json {
      if count != nil { try Output.json(reports) } else if let report = reports.first { try Output.json(report) }
    } else {
      if count == nil, let report = reports.first {
        Output.line("\(report.record.title) is \(report.status.rawValue); its id is \(report.record.key.id)")
      }
      for line in InstanceTable.lines(reports) { Output.line(line) }
    }
    if count != nil, !options.json { BatchStatus.summarize("install", outcomes) }
    try BatchStatus.finish(outcomes.failures, isMany: count != nil, json: options.json)
  }

  private func choose(_ options: inout Berth.Options) {
    dropping.choose(&options)
    options.execution.keepsFailed = keepFailed
  }

  private func requests(_ request: InstallRequest) -> [InstallRequest] {
    guard let count else { return [request] }
    return (1...count).map { number in
      var one = request
      one.name = request.name.map { "\($0)-\(number)" }
      return one
    }
  }

  private func makeRequest() throws -> InstallRequest {
    var request = InstallRequest(
      app: app, id: instanceId, name: instanceName, settings: try Pairs.parse(settings, option: "--set"),
      ports: try Pairs.parsePorts(ports), directory: dir, labels: try Pairs.labels(labels, option: "--label"),
      isStarted: !noStart)
    request.pool = pool
    return request
  }
}
