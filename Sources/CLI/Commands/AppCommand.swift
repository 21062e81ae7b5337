import ArgumentParser
import BerthEngine
import BerthKit

struct AppCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "app", abstract: "What can be installed.",
    subcommands: [AppList.self, AppShow.self, AppCheck.self], defaultSubcommand: AppList.self)
}

/// A plugin as the JSON contract shows it.
struct AppReport: Encodable {
  let entry: PluginCatalog.Entry

  var state: String {
    guard let manifest = entry.manifest else { return "broken" }
    return manifest.untested == nil ? "ok" : "untested"
  }

  private enum CodingKeys: String, CodingKey {
    case id, name, summary, version, category, origin, state, problem
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let manifest = entry.manifest
    try container.encode(entry.id, forKey: .id)
    try container.encode(manifest?.name, forKey: .name)
    try container.encode(manifest?.summary, forKey: .summary)
    try container.encode(manifest?.version, forKey: .version)
    try container.encode(manifest?.category, forKey: .category)
    try container.encode(entry.origin, forKey: .origin)
    try container.encode(state, forKey: .state)
    try container.encode(entry.problem ?? untested, forKey: .problem)
  }

  private var untested: BerthError? {
    entry.manifest?.untested.map { BerthError("untested", .failure, $0, at: entry.origin) }
  }
}

struct AppList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the apps, those with a broken plugin too.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let reports = try options.open().catalog().entries.map(AppReport.init)
    if options.json { return try Output.json(reports) }
    var table = Table(["APP", "NAME", "CATEGORY", "STATE", "SUMMARY"])
    for report in reports {
      let manifest = report.entry.manifest
      table.add([
        report.entry.id, manifest?.name ?? "–", manifest?.category.rawValue ?? "–", report.state,
        manifest?.untested ?? manifest?.summary ?? report.entry.problem?.summary ?? "",
      ])
    }
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
    let manifest = try options.open().plugin(app).manifest
    if options.json { return try Output.json(manifest) }
    Output.line("\(manifest.name) – \(manifest.summary)")
    if let untested = manifest.untested { Output.line("untested: \(untested)") }
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
    discussion: "Says what is wrong with a plugin.yaml, with its line, and exits with 65.")

  @Argument(help: "A plugin's folder, its plugin.yaml, or the name of an app.")
  var path: String

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    let id: String
    let state: String
  }

  func run() async throws {
    let berth = try options.open()
    let manifest = try berth.check(path).manifest
    let state = manifest.untested == nil ? "ok" : "untested"
    if options.json { return try Output.json(Report(id: manifest.id, state: state)) }
    Output.line("\(manifest.id): \(state)")
  }
}
