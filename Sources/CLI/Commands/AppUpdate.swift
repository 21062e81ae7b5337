import ArgumentParser
import BerthEngine
import BerthKit

struct AppUpdate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Fetch added plugins again, from where they came from.",
    discussion: """
      Fetches each plugin from the place that it was added from, shows what changes and what it newly asks for, and replaces it in \
      one step. Its instances stay as they are until 'berth update'.

      What came by a checksum needs the new one; what came from an index or a repository does not.

      EXAMPLES
        berth app update my-app
        berth app update my-app --from https://example.org/my-app-2.tar.gz --sha256 60303a…
        berth app update --all --yes
      """)

  @Argument(help: "The apps.")
  var apps: [String] = []

  @Flag(help: "Every plugin that was added.")
  var all = false

  @Option(help: ArgumentHelp("Take it from another place.", valueName: "source"), completion: .file())
  var from: String?

  @OptionGroup var words: PluginSourceOptions

  @Flag(help: "Replace what somebody has changed in the plugin's folder, also by an older version.")
  var overwrite = false

  @Flag(help: "Say what would change, and do nothing.")
  var dryRun = false

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard all != !apps.isEmpty else { throw ValidationError("name apps, or say --all") }
    let isOne = apps.count == 1
    if !isOne, from != nil || words.sha256 != nil || words.reference != nil || words.plugin != nil {
      throw ValidationError("--from, --sha256, --ref and --plugin go with one app")
    }
  }

  func run() async throws {
    let berth = try options.open(need: .plugins)
    let taking = PluginTaking(berth: berth, options: options, dryRun: dryRun, overwrites: overwrite)
    if let app = apps.first, apps.count == 1 {
      let offer = try await berth.renewal(of: app, words.wish(from ?? ""), overwrites: overwrite)
      return try await taking.takeOne(offer)
    }
    var reports: [PluginOfferReport] = []
    for app in try all ? berth.addedPlugins() : apps {
      let former = berth.origin(of: app)
      var isDone = false
      let result: Result<PluginOffer, BerthError>
      do {
        let offer = try await berth.renewal(of: app, PluginWish(""), overwrites: overwrite)
        if !offer.isSame, !options.json { taking.show(offer) }
        isDone = try await taking.take(offer)
        result = .success(offer)
      } catch let error as BerthError where error.code != "not-confirmed" {
        result = .failure(error)
      }
      let report = PluginOfferReport(app, at: berth.paths.plugin(app), former: former, result, done: isDone)
      if !options.json {
        if let problem = report.problem { Output.failure(problem, json: false) } else { taking.say(report, app) }
      }
      reports.append(report)
    }
    if options.json { try Output.json(reports) }
    // One that failed kept none of the others from being updated.
    let worst = BerthError.Kind.bySeverity.first { kind in reports.contains { $0.problem?.kind == kind } }
    if let worst { throw ExitCode(worst.exitStatus) }
  }
}

struct AppRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take away a plugin that was added.",
    discussion: "It must have no instances. Backups of former ones stay, and need the plugin to come back.")

  @Argument(help: "The app.")
  var app: String

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(need: .plugins)
    guard let origin = berth.origin(of: app) else { return try await berth.removePlugin(app) }
    let isEdited = (try? berth.isEdited(app, origin)) ?? true
    try options.confirm("remove the plugin \(app)\(isEdited ? ", which somebody has changed" : "")")
    try await berth.removePlugin(app)
    if options.json { return try Output.json(PluginRemoval(app, origin)) }
    Output.line("removed: \(app)")
  }
}

struct AppIndex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Make an index of plugins, with their archives.",
    discussion: """
      Writes an archive of each plugin and index.json into a folder, for a web server that hands out files. With --sign, \
      ssh-keygen signs the index into index.json.sig; without it only a host that has the files itself takes them.

      EXAMPLES
        berth app index ./my-app ./other-app --to ./public --sign ~/.ssh/id_ed25519
        berth app index plugins.d --to ./public
      """)

  @Argument(help: "Folders of plugins, or with such.", completion: .directory)
  var folders: [String]

  @Option(
    name: .customLong("to"), help: ArgumentHelp("The folder that it is written to.", valueName: "dir"),
    completion: .directory)
  var target: String

  @Option(help: ArgumentHelp("Sign it with this key of OpenSSH's.", valueName: "file"), completion: .file())
  var sign: String?

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let index = try await options.open(need: .plugins).makeIndex(of: folders, to: target, signedBy: sign)
    let path = "\(target)/\(PluginIndex.file)"
    if options.json { return try Output.json(PluginIndexReport(index, at: path, signed: sign != nil)) }
    Output.line(path)
    Output.notice("\(index.plugins.count) plugins\(sign == nil ? "; it is not signed" : ", signed")")
  }
}
