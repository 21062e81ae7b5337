import ArgumentParser
import BerthEngine
import BerthKit

struct AppCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "app", abstract: "What can be installed.",
    subcommands: [
      AppList.self, AppShow.self, AppCheck.self, AppNew.self, AppTest.self, AppAdd.self, AppUpdate.self, AppRemove.self,
      AppIndex.self,
    ],
    defaultSubcommand: AppList.self)
}

struct AppList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the apps, those with a broken plugin too.")

  @Flag(help: "List what the indexes have that host.yaml names.")
  var available = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    if available { return try await listAvailable() }
    let reports = try options.open(need: .plugins).appReports()
    if options.json { return try Output.json(reports) }
    var table = Table(["APP", "NAME", "CATEGORY", "STATE", "LEVEL", "SUMMARY"])
    for report in reports {
      let manifest = report.entry.manifest
      table.add([
        report.entry.id, manifest?.name ?? "–", manifest?.category.rawValue ?? "–", report.state,
        report.level.map(String.init) ?? "–",
        manifest?.untested ?? manifest?.summary ?? report.entry.problem?.summary ?? "",
      ])
    }
    for line in table.lines() { Output.line(line) }
  }

  private func listAvailable() async throws {
    let reports = try await options.open(need: .plugins).availablePlugins()
    if options.json { return try Output.json(reports) }
    var table = Table(["APP", "NAME", "CATEGORY", "VERSION", "HERE", "LEVEL", "SUMMARY"])
    for report in reports { table.add(report.cells) }
    for line in table.lines() { Output.line(line) }
  }
}

struct AppShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show an app's settings, ports and services.")

  @Argument(help: "The app.")
  var app: String

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(need: .plugins)
    let manifest = try berth.plugin(app).manifest
    let origin = berth.origin(of: app)
    if options.json { return try Output.json(AppDetails(manifest, from: origin)) }
    Output.line("\(manifest.name) – \(manifest.summary)")
    for (word, text) in [
      ("untested", manifest.untested), ("homepage", manifest.homepage), ("maintainer", manifest.maintainer),
      ("licence", manifest.licence), ("from", origin?.from), ("commit", origin?.commit),
    ] {
      if let text { Output.line("\(word): \(text)") }
    }
    if !manifest.settings.isEmpty {
      var table = Table(["SETTING", "TYPE", "DEFAULT", "HELP"])
      for setting in manifest.settings {
        table.add([setting.id, describe(setting), defaultText(setting), setting.help ?? ""])
      }
      section(table)
    }
    if !manifest.ports.isEmpty {
      var table = Table(["PORT", "PROTOCOL", "DEFAULT", "ADDRESS", "HELP"])
      for port in manifest.ports {
        let follows = port.follows.map { "\($0.role) + \($0.offset)" }
        table.add([
          port.role, port.protocols.map(\.rawValue).joined(separator: ", "),
          port.defaultNumber.map(String.init) ?? follows ?? "", port.bind, port.help ?? "",
        ])
      }
      section(table)
    }
    PluginTaking.table(manifest.asks)
    if let query = manifest.query {
      Output.line("")
      Output.line(
        "Who plays: \(Remedy.berth("players", manifest.id).whole) (\(query.kind.rawValue), port \(query.role))")
    }
    if let console = manifest.console {
      Output.line(
        "Commands: \(Remedy.berth("console", manifest.id).whole) (\(console.kind.rawValue)\(console.role.map { ", port \($0)" } ?? ""))"
      )
    }
    Output.line("")
    Output.line("Install it: \(Remedy.berth("install", manifest.id).whole)")
  }

  private func section(_ table: Table) {
    Output.line("")
    for line in table.lines() { Output.line(line) }
  }

  private func describe(_ setting: Setting) -> String {
    setting.choices.isEmpty ? setting.kind.rawValue : setting.choices.joined(separator: " | ")
  }

  private func defaultText(_ setting: Setting) -> String {
    if setting.kind == .secret { return "(generated)" }
    return setting.defaultValue?.source ?? (setting.isOptional ? "(unset)" : "(required)")
  }
}

struct AppCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check a plugin.",
    discussion: """
      Says everything that is wrong with a plugin.yaml, with its lines, and exits with 65.

      What is allowed and of no use is a warning: a setting, a port or a program that nothing reads, a file
      that nothing names, a 'when' that no instance fulfils.
      """)

  @Argument(help: "A plugin's folder, its plugin.yaml, or the name of an app.", completion: .file())
  var path: String

  @Flag(help: "Exit with 65 where something is of no use.")
  var strict = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let check = try options.open(need: .plugins).check(path)
    if strict, let error = check.error { throw error }
    let report = PluginCheckReport(check)
    if options.json { return try Output.json(report) }
    for warning in check.unused { Output.warning(warning) }
    Output.line("\(check.plugin.manifest.id): \(report.state)")
  }
}
