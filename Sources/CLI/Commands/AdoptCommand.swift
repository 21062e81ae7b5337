import ArgumentParser
import BerthEngine
import BerthKit

struct InstanceAdopt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Take over a Docker Compose project that was run by hand.",
    discussion: """
      DIR is the folder of the project's Compose file. What its containers have is read: settings from their variables, \
      ports, images and volumes. A variable that the plugin does not know is carried as it is (env.NAME, see berth config set). \
      Then the project is stopped, its volumes are backed up and the backup is checked, and the \
      project goes on as the instance 'default'. When anything fails, it runs again as before.

      With --volumes copy the old volumes stay as they are, and the instance gets a copy. With --volumes keep it goes on \
      with them, which copies nothing but for the backup. On a terminal you are asked.

      Folders that the project shows its containers are taken as volumes are, and a folder that a setting of the plugin \
      stands for stays where it is. What the plugin keeps nowhere would stay behind: a plan that would leave data behind is \
      refused, unless --leave names where the container sees it.

      The plan says which service of the project goes on as which of the plugin's: by its name, the name of its container, \
      or its image. --pair SERVICE=PROJECT-SERVICE says it instead, with the plugin's service first. All containers of the \
      project are looked at, whether they run or not.

      --undo goes back: the instance is stopped, backed up and removed, and the project's containers start again; those that \
      did not run stay stopped. After a copy they have the data of the day of the takeover; after keep, those of now.

      EXAMPLES
        berth adopt eqmd /srv/eqmd --dry-run
        berth adopt eqmd /srv/eqmd
        berth adopt eqmd /srv/eqmd --set domain=ward.example.org --volumes keep --yes --json
        berth adopt eqmd /srv/eqmd --leave /app/database
        berth adopt eqmd /srv/eqmd --pair postgres=db --pair eqmd=web
        berth adopt eqmd --undo
      """)

  @Argument(help: "The app.")
  var app: String

  @Argument(help: ArgumentHelp("The folder of the project's Compose file.", valueName: "dir"))
  var folder: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A setting, before what the project says; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Option(
    name: .customLong("pair"), parsing: .singleValue,
    help: ArgumentHelp(
      "A service of the plugin, and the project's that goes on as it; may be repeated.",
      valueName: "service=project-service"))
  var pairs: [String] = []

  @Option(help: "What becomes of its volumes: copy or keep.")
  var volumes: AdoptRequest.Volumes?

  @Option(
    name: .customLong("leave"), parsing: .singleValue,
    help: ArgumentHelp(
      "A path in its containers whose data may stay behind; may be repeated.", valueName: "path"))
  var leaving: [String] = []

  @Option(name: .customLong("dir"), help: ArgumentHelp("Put the instance's folders here.", valueName: "path"))
  var directory: String?

  @Flag(help: "Go back to the project that an instance was made from.")
  var undo = false

  @Option(help: ArgumentHelp("With --undo: the instance.", valueName: "id"))
  var instance: String?

  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if undo,
      folder != nil || !settings.isEmpty || volumes != nil || directory != nil || !leaving.isEmpty || !pairs.isEmpty
    {
      throw ValidationError("--undo takes no folder, --set, --pair, --volumes, --leave or --dir")
    }
    if !undo, folder == nil { throw ValidationError("Missing expected argument '<dir>'") }
    if !undo, instance != nil { throw ValidationError("--instance goes with --undo") }
  }

  func run() async throws {
    let berth = try options.open(carrying, need: folder == nil ? .instances : .plugins)
    guard let folder else { return try await goBack(berth) }
    var request = AdoptRequest(app: app, folder: folder, settings: try Pairs.parse(settings, option: "--set"))
    request.directory = directory
    request.leaving = leaving
    request.pairs = try Pairs.parse(pairs, option: "--pair")
    if Output.isInteractive, !options.json {
      SettingQuestions.ask(try await berth.missingSettings(request), &request.settings)
    }
    let asks = Output.isInteractive && !options.yes && !carrying.dryRun
    request.volumes = try volumes ?? (asks ? askVolumes() : .copy)
    let plan = try await berth.planAdoption(request)
    if carrying.dryRun { return try PlanOutput.print(plan, json: options.json) }
    try berth.requireCarriable(plan)
    if asks { for reason in plan.changes.flatMap(\.reasons) { Output.notice(reason) } }
    try options.confirm("stop the project in \(folder) and go on with it as \(plan.title)")
    let report = try await options.making(berth, carrying, plan).adopt(request).result.get()
    if options.json { return try Output.json(report) }
    let back = Remedy.berth("adopt", app, "--undo").whole
    Output.line("\(report.record.title) is \(report.status.rawValue); to go back: \(back)")
    for line in InstanceTable.lines([report]) { Output.line(line) }
  }

  private func askVolumes() throws -> AdoptRequest.Volumes {
    while true {
      let answer = Output.ask("Copy its volumes, or keep them? [copy/keep]")?.lowercased()
      guard let answer else { throw ExitCode(1) }
      if let choice = AdoptRequest.Volumes(rawValue: answer.isEmpty ? "copy" : answer) { return choice }
    }
  }

  private func goBack(_ berth: Berth) async throws {
    let record = try berth.find(instance, app: app)
    let plan = try await berth.planReturn(record)
    if carrying.dryRun { return try PlanOutput.print(plan, json: options.json) }
    let reason = plan.changes.flatMap(\.reasons).first ?? ""
    try options.confirm("remove \(record.title), which \(reason)")
    let project = try await berth.goBack(record)
    guard options.json else { return Output.line("\(record.title) is removed, and the project \(project) runs again") }
    try Output.json(RemovalReport(record, project: project))
  }
}

extension AdoptRequest.Volumes: ExpressibleByArgument {}
