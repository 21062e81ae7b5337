import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlan

struct InstanceRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Bring an instance back from a backup, or make a new one from it.",
    discussion: """
      Everything is unpacked and checked beside the instance first, while it runs. Then it is stopped, what was there is \
      set aside, and it starts again; when anything fails, all is as it was. Files that the backup does not have go, unless \
      they belong to no set. Ports stay; settings come back with a whole backup.

      An instance that is gone is made again under its id. With --as a new one is made, with an id, ports and secrets of its \
      own.

      An archive that was not made here is a stranger's: what it asks for beyond the app's own files (paths of this host, \
      images, host names, limits, labels, a schedule, …) is shown, and taken only when it is confirmed by name.

      EXAMPLES
        berth restore luanti --instance PvP                         its newest backup
        berth restore luanti --instance PvP --backup 3f2a9c1e --set config
        berth restore luanti --backup 3f2a9c1e --file data/world/map.sqlite
        berth restore luanti --backup 3f2a9c1e --as Test
        berth restore luanti --from /mnt/usb/20261121T090000Z-full.tar.zst --verify-only
        berth restore jellyfin --from FILE --accept image,media --decline limits
      """)

  @Argument(help: "The app.")
  var app: String

  @Option(help: ArgumentHelp("Into this instance: its id, name, or a beginning of its id.", valueName: "id"))
  var instance: String?

  @Option(help: ArgumentHelp("The backup: its id, a beginning of it, or its file's name.", valueName: "id"))
  var backup: String?

  @Option(
    name: .customLong("from"), help: ArgumentHelp("An archive that is not listed here.", valueName: "file"),
    completion: .file())
  var archive: String?

  @Option(name: .customLong("as"), help: ArgumentHelp("Make a new instance of this name from it.", valueName: "name"))
  var newName: String?

  @Option(help: ArgumentHelp("The id of the new instance, a UUID.", valueName: "uuid"))
  var instanceID: String?

  @Option(
    name: .customLong("port"), parsing: .singleValue,
    help: ArgumentHelp("A port of a new instance; may be repeated.", valueName: "[role=]number"))
  var ports: [String] = []

  @Option(name: .customLong("dir"), help: ArgumentHelp("Put a new instance's folders here.", valueName: "path"))
  var directory: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Only this backup set; may be repeated.", valueName: "name"))
  var sets: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only this file or folder, such as data/world/map.sqlite; \\xf4 or \\364 stands for a byte that is no text.",
      valueName: "path"))
  var file: String?

  @OptionGroup var grants: GrantOptions

  @Option(parsing: .singleValue, help: ArgumentHelp("Leave this out of such an archive; likewise.", valueName: "items"))
  var decline: [String] = []

  @Flag(help: "Check the backup, and do nothing.")
  var verifyOnly = false

  @Flag(help: "Do not start or enable a new instance.")
  var noStart = false

  @OptionGroup var dropping: DropOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if backup != nil, archive != nil { throw ValidationError("--backup and --from exclude each other") }
    if newName != nil || instanceID != nil, !sets.isEmpty || file != nil {
      throw ValidationError("--set and --file go with an instance that is there")
    }
    if let pair = sets.first(where: { $0.contains("=") }) {
      throw ValidationError("--set takes the name of a backup set here, and '\(pair)' is none")
    }
    if !sets.isEmpty, file != nil { throw ValidationError("--set and --file exclude each other") }
    if let both = grants.accepted.intersection(GrantOptions.items(decline)).min() {
      throw ValidationError("'\(both)' cannot be both accepted and declined")
    }
  }

  func run() async throws {
    let berth = try options.open(carrying, need: .plugins, choose: dropping.choose)
    var request = RestoreRequest(
      app: app, instance: instance, backup: backup, archive: archive, newName: newName, newID: instanceID,
      ports: try Pairs.parsePorts(ports), directory: directory, sets: sets.isEmpty ? nil : sets, file: file,
      isStarted: !noStart)
    (request.accepted, request.declined) = (grants.accepted, GrantOptions.items(decline))
    if verifyOnly {
      let summaries = try await berth.verify(request)
      if options.json { return try Output.json(summaries) }
      let last = summaries.last
      return Output.line(
        "good: \(last?.files ?? 0) files, \(ByteCount.text(last?.bytes ?? 0)), in \(summaries.count) "
          + (summaries.count == 1 ? "archive" : "archives"))
    }
    let plan = try await berth.planRestore(request)
    if carrying.dryRun { return try PlanOutput.print(plan, json: options.json) }
    askForGrants(of: plan, &request)
    if let change = plan.changes.first, change.action == .restore {
      try options.confirm("replace what \(change.record.title) holds, \(change.reasons.first ?? "by a backup")")
    }
    // With what was answered.
    let answered = berth.isNew ? try await berth.planRestore(request) : nil
    let restored = try await options.making(berth, carrying, answered, choose: dropping.choose).restore(request)
    try CopyOutput.print(restored, plan, json: options.json)
  }
}

extension InstanceRestore {
  /// Asks a person for each thing that an archive from elsewhere wants; what is not taken is left out.
  private func askForGrants(of plan: Plan, _ request: inout RestoreRequest) {
    for (grant, isTaken) in GrantOptions.ask(plan, from: "the archive", options) {
      if isTaken { request.accepted.insert(grant.item) } else { request.declined.insert(grant.item) }
    }
  }
}

struct InstanceClone: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone", abstract: "Make a new instance with the data of another.",
    discussion: """
      The new instance gets an id, ports and secrets of its own, but for secrets that lie in the data. The source runs on, \
      and is stopped only for what its plugin does not allow to be copied in use.

      EXAMPLES
        berth clone luanti --instance PvP --instance-name Test
        berth clone jellyfin --instance Family --instance-name Trial --set domain=trial.example.org
      """)

  @OptionGroup var source: InstanceOptions

  @Option(
    name: [.customLong("instance-name"), .customLong("name")],
    help: ArgumentHelp("The name of the new instance.", valueName: "name"))
  var instanceName: String?

  @Option(help: ArgumentHelp("The id of the new instance, a UUID.", valueName: "uuid"))
  var instanceID: String?

  @Option(
    name: .customLong("port"), parsing: .singleValue,
    help: ArgumentHelp("A port of the new instance; may be repeated.", valueName: "[role=]number"))
  var ports: [String] = []

  @Option(name: .customLong("dir"), help: ArgumentHelp("Put the new instance's folders here.", valueName: "path"))
  var directory: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A setting of the new instance; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("Serve behind one name together with the others of this pool.", valueName: "name"))
  var pool: String?

  @Flag(help: "Do not start or enable the new instance.")
  var noStart = false

  @OptionGroup var dropping: DropOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(carrying, choose: dropping.choose)
    let record = try berth.find(source.instance, app: source.app)
    guard instanceName != nil || instanceID != nil else {
      throw BerthError("usage", .usage, "the clone of \(record.title) needs a name", at: record.title, remedy: .newName)
    }
    var request = RestoreRequest(
      app: source.app, newName: instanceName, newID: instanceID, ports: try Pairs.parsePorts(ports),
      directory: directory,
      isStarted: !noStart)
    request.settings = try Pairs.parse(settings, option: "--set")
    request.pool = pool
    let plan = try await berth.planClone(record, request)
    if carrying.dryRun { return try PlanOutput.print(plan, json: options.json) }
    try CopyOutput.print(try await berth.clone(record, request), plan, json: options.json)
  }
}

/// The instance that came from a backup.
private enum CopyOutput {
  static func print(_ outcome: ControlOutcome, _ plan: Plan, json: Bool) throws {
    let report = try outcome.result.get()
    if json { return try Output.json(report) }
    for line in InstanceTable.lines([report]) { Output.line(line) }
    // Where it came from was said before it was asked for; that its ports are others has to be seen.
    for reason in plan.changes.flatMap(\.reasons) where reason.hasPrefix("port ") { Output.notice(reason) }
  }
}
