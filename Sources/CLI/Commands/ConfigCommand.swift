import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlanning

struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "The settings of instances.",
    subcommands: [ConfigGet.self, ConfigSet.self, ConfigList.self, ConfigEdit.self, ConfigDiff.self])
}

struct ConfigGet: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Show an instance's settings; secrets only with --reveal.",
    discussion: """
      EXAMPLES
        berth config get luanti --instance PvP
        berth config get luanti max-users --json
      """)

  @OptionGroup var instance: InstanceOptions

  @Argument(help: "One setting; all of them when it is left out.")
  var key: String?

  @Flag(help: "Show secrets too.")
  var reveal = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    let record = try berth.find(instance.instance, app: instance.app)
    var settings = try berth.settings(of: record)
    if let key {
      settings = settings.filter { $0.key == key }
      guard !settings.isEmpty else { throw try berth.unknownSetting(key, of: record) }
    }
    if options.json {
      let pairs = settings.map { ($0.key, $0.isSecret && !reveal ? nil : $0.value) }
      return try Output.json(Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
    }
    for setting in settings {
      let shown = setting.isSecret && !reveal ? "(secret; --reveal shows it)" : setting.value ?? "(unset)"
      if key == nil { Output.line("\(setting.key) = \(shown)") } else { Output.content(shown) }
    }
  }
}

struct ConfigSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change settings, ports or limits of instances.",
    discussion: """
      Running services are restarted where a file of theirs changes. What a person wrote beside Berth's own keys is kept.

      env.NAME is a variable that the app's containers have beside those of its plugin, env.NAME@SERVICE one of a single \
      service. They are shown with --reveal only.

      EXAMPLES
        berth config set luanti --instance PvP max-users=30 creative=true
        berth config set luanti --instance PvP --unset admin --port game=30020
        berth config set teeworlds --all --limit memory=256M --dry-run
        berth config set eqmd --instance North env.GUNICORN_CMD_ARGS=--timeout=90
      """)

  @OptionGroup var instances: InstancesOptions

  @Argument(help: ArgumentHelp("Settings.", valueName: "key=value"))
  var pairs: [String] = []

  @Option(
    name: .customLong("unset"), parsing: .singleValue,
    help: ArgumentHelp("Put a setting back to its default; may be repeated.", valueName: "key"))
  var unset: [String] = []

  @Option(
    name: .customLong("port"), parsing: .singleValue,
    help: ArgumentHelp("A port, by role or for the first role; may be repeated.", valueName: "role=n"))
  var ports: [String] = []

  @Option(
    name: .customLong("limit"), parsing: .singleValue,
    help: ArgumentHelp("memory=2G, cpus=1.5 or tasks=64; may be repeated.", valueName: "key=value"))
  var limits: [String] = []

  @Option(help: ArgumentHelp("Another name for it.", valueName: "name"))
  var rename: String?

  @Option(help: ArgumentHelp("Serve behind one name with others of this pool; '' leaves it.", valueName: "name"))
  var pool: String?

  @OptionGroup var dropping: DropOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if pairs.isEmpty, unset.isEmpty, ports.isEmpty, limits.isEmpty, rename == nil, pool == nil {
      throw ValidationError("nothing to set: give key=value, --unset, --port, --limit, --rename or --pool")
    }
    if rename != nil, instances.isMany { throw ValidationError("--rename goes with one instance") }
    if !ports.isEmpty, instances.isMany { throw ValidationError("--port goes with one instance") }
  }

  func run() async throws {
    let berth = try options.open(carrying, choose: dropping.choose)
    let records = try instances.records(berth)
    let wish = ChangeWish(
      settings: try Pairs.parse(pairs, option: nil), unset: Set(unset), ports: try Pairs.parsePorts(ports),
      name: rename, limits: limits.isEmpty ? nil : try InstanceLimits(pairs: Pairs.parse(limits, option: "--limit")),
      pool: pool)
    if carrying.dryRun {
      return try PlanOutput.print(
        try await berth.planChange("config set", records, wish), isMany: instances.isMany, json: options.json)
    }
    let outcomes = try await berth.change("config set", records, wish)
    try await ChangeOutput.print(records, outcomes, berth, isOne: !instances.isMany, json: options.json)
  }
}
