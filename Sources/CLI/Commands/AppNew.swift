import ArgumentParser
import BerthEngine
import BerthKit

struct AppNew: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Begin a plugin.",
    discussion: """
      Writes a folder with a plugin.yaml that passes the check as it stands, with a word to each part, and with a line by which \
      editors find the schema.

      EXAMPLES
        berth app new my-app
        berth app new my-app --kind container --to /etc/berth/plugins.d
        berth app new my-game --from teeworlds
      """)

  @Argument(help: "The id of the app: [a-z][a-z0-9-]{1,31}.")
  var id: String

  @Option(help: ArgumentHelp("Begin with a copy of this app's plugin.", valueName: "app"))
  var from: String?

  @Option(help: "How the app is run: exec, container or compose.")
  var kind: PluginSketch.Kind?

  @Option(
    name: .customLong("to"), help: ArgumentHelp("Make its folder in this one.", valueName: "dir"),
    completion: .directory)
  var folder = "."

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if from != nil, kind != nil { throw ValidationError("--from and --kind exclude each other") }
  }

  func run() async throws {
    let berth = try options.open(need: .plugins)
    let (home, plugin) = try berth.sketch(id, in: folder, from: from, kind ?? .exec)
    if options.json { return try Output.json(PluginSketchReport(plugin.manifest, folder: home)) }
    Output.line(home)
    Output.notice("look at \(home)/plugin.yaml, then run: \(Remedy.berth("app", "check", home).whole)")
    guard (try? berth.plugin(id)) == nil else { return }
    Output.notice("to install it, name \(ScopePaths.folder(of: home)) by --plugins or in BERTH_PLUGINS")
  }
}

extension PluginSketch.Kind: ExpressibleByArgument {}
