import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlanning

struct ConfigList: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show an instance's settings with what each may be, and where it goes.",
    discussion: """
      With --json there is everything that a program needs to offer them: type, default, choices, bounds, help, group, and the \
      keys of the app's own files that each goes into.

      EXAMPLES
        berth config list luanti --instance PvP
        berth config list luanti --json
      """)

  @OptionGroup var instance: InstanceOptions

  @Flag(help: "Show secrets too.")
  var reveal = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    let reports = try berth.settingReports(
      of: try berth.find(instance.instance, app: instance.app), reveals: reveal)
    if options.json { return try Output.json(reports) }
    var table = Table(["SETTING", "VALUE", "TYPE", "HELP"])
    for report in reports {
      let value = report.value ?? (report.setting.isSecret ? "(secret)" : "-")
      table.add([report.setting.id, value, report.kind, report.setting.help ?? ""])
    }
    for line in table.lines() { Output.line(line) }
  }
}

struct ConfigEdit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Change an instance's settings in an editor.",
    discussion: """
      Opens VISUAL or EDITOR with all settings and what each may be; secrets are not shown. What is changed there is checked \
      and carried out when the editor ends; a line that is taken out puts a setting back to its default. When something is \
      wrong with it, nothing is changed, and what you wrote stays.

      EXAMPLES
        berth config edit luanti --instance PvP
        EDITOR=nano berth config edit luanti --dry-run
      """)

  @OptionGroup var instance: InstanceOptions
  @OptionGroup var dropping: DropOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(carrying, choose: dropping.choose)
    let record = try berth.find(instance.instance, app: instance.app)
    let lines = try berth.settingLines(of: record)
    let heading = [
      "The settings of \(record.title).",
      "Saved and closed, this is checked and done; a line taken out means the default.",
    ]
    let editor = try berth.editor(of: record, lines, heading: heading)
    let wish = try await wish(editor, lines, record, berth)
    editor.discard()
    guard let wish else { return Output.notice("nothing was changed") }
    if carrying.dryRun {
      return try PlanOutput.print(try await berth.planChange("config edit", [record], wish), json: options.json)
    }
    let outcomes = try await berth.change("config edit", [record], wish)
    try await ChangeOutput.print([record], outcomes, berth, isOne: true, json: options.json)
  }

  /// What a person wants, which has been checked; nil for nothing new.
  ///
  /// - Throws: what is wrong with it, when nobody is there to mend it.
  private func wish(
    _ editor: SettingsEditor, _ lines: [SettingsSheet.Line], _ record: InstanceRecord, _ berth: Berth
  ) async throws -> ChangeWish? {
    while true {
      let text = try await editor.edit()
      do {
        let (settings, unset) = try SettingsSheet.changes(in: text, from: lines, file: editor.path)
        guard !settings.isEmpty || !unset.isEmpty else { return nil }
        let wish = ChangeWish(settings: settings, unset: unset)
        _ = try await berth.planChange("config edit", [record], wish)
        return wish
      } catch var error as BerthError {
        if error.location == nil { error.location = editor.path }
        if Output.isInteractive {
          Output.failureLine(error)
          if ["", "y", "yes"].contains(Output.ask("Edit it again? [Y/n]")?.lowercased() ?? "n") { continue }
        }
        Output.notice("what you wrote stays in \(editor.path)")
        throw error
      }
    }
  }
}

struct ConfigDiff: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show where files differ from what the settings say.",
    discussion: """
      Compares the app's own files, and what Berth has written for the services, with the settings as they are: what somebody \
      has changed by hand in a key that Berth owns, or what a new version of the plugin writes otherwise. Secrets are masked. \
      'berth update' puts it right. Exit status 1 means that something differs.

      EXAMPLES
        berth config diff luanti --instance PvP
        berth config diff luanti --all --json
      """)

  @OptionGroup var instances: InstancesOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    let plan = try await berth.planChange("config diff", try instances.records(berth), ChangeWish())
    let changes = plan.changes.filter { !$0.diffs.isEmpty }
    if options.json {
      try Output.json(changes.map(DifferenceReport.init))
    } else {
      for change in changes {
        Output.line(Style.stdout.bold(change.record.title))
        PlanOutput.printDiffs(change)
      }
    }
    try PlanOutput.finish(plan, isMany: instances.isMany, json: options.json)
    if !changes.isEmpty { throw ExitCode(1) }
  }
}
