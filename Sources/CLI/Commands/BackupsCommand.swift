import ArgumentParser
import BerthEngine
import BerthKit

struct BackupsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backups", abstract: "List, check, mark, remove, export and import backups.",
    discussion: """
      EXAMPLES
        berth backups list luanti --instance PvP
        berth backups verify --all
        berth backups prune --all --dry-run       what retention would remove, and why the rest stays
        berth backups export 3f2a9c1e /mnt/usb    the archive, with those that it needs
        berth backups import /mnt/usb/20261121T090000Z-full.tar.zst
      """,
    subcommands: [
      BackupsList.self, BackupsShow.self, BackupsVerify.self, BackupsPrune.self, BackupsSet.self, BackupsRemove.self,
      BackupsExport.self, BackupsImport.self,
    ], defaultSubcommand: BackupsList.self)
}

struct BackupsList: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List backups, newest first; those of instances that are gone too.")

  @Argument(help: "Only this app's.")
  var app: String?

  @Option(help: ArgumentHelp("Only this instance's: its id, name, or a beginning of its id.", valueName: "id"))
  var instance: String?

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if instance != nil, app == nil { throw ValidationError("--instance needs the app") }
  }

  func run() async throws {
    let berth = try options.open()
    let record = try app.flatMap { app in try instance.map { try berth.find($0, app: app) } }
    let reports = try berth.backups(app: app, of: record)
    if options.json { return try Output.json(reports) }
    guard !reports.isEmpty else { return Output.notice("there is no backup") }
    for line in BackupOutput.lines(reports) { Output.line(line) }
  }
}

struct BackupsShow: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one backup: what it holds and what it needs.")

  @Argument(help: "Its id, 8 or more characters of it, or its file's name.")
  var backup: String

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let (report, head, chain) = try options.open().backup(backup)
    if options.json {
      return try Output.json(BackupDetails(report, head, chain: chain))
    }
    let row = report.backup
    Output.line("backup     \(row.id), \(report.state)")
    Output.line("instance   \(row.key.app)/\(row.instanceName) (\(row.key.id))")
    Output.line("made       \(row.createdAt)\(head.map { " on \($0.hostName)" } ?? ""), \(row.reason.rawValue)")
    Output.line("archive    \(row.path)")
    Output.line("size       \(ByteCount.text(row.size)), for \(ByteCount.text(row.bytes)) in \(row.files) files")
    if row.pause > 0 { Output.line("stopped    \(ByteCount.seconds(row.pause))") }
    if let head { Output.line("sets       \(head.sets.map(\.name).joined(separator: ", "))") }
    for (service, image) in (head?.instance.images ?? [:]).sorted(by: { $0.key < $1.key }) {
      Output.line("image      \(service): \(image.digest ?? "\(image.reference) \(image.id?.prefix(12) ?? "")")")
    }
    for build in head?.instance.builds ?? [] { Output.line("build      \(build.title): \(build.build)") }
    for link in chain.dropLast() { Output.line("needs      \(link.path)") }
    Output.line("verified   \(row.verifiedAt ?? "never")\(row.checked.map { ": \($0)" } ?? "")")
    if row.isKept { Output.line("kept       retention never removes it") }
    for (key, value) in row.labels.sorted(by: { $0.key < $1.key }) { Output.line("label      \(key)=\(value)") }
    if let note = row.note { Output.line("note       \(note)") }
    for warning in row.warnings { Output.line("warning    \(warning)") }
  }
}

struct BackupsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read archives to their end and check every file in them.",
    discussion: "With a difference those that it needs are checked too. What was found is noted with the backup.")

  @Argument(help: "Backups: id, 8 or more characters of it, or the file's name.")
  var backups: [String] = []

  @Flag(help: "Every backup.")
  var all = false

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard all != !backups.isEmpty else { throw ValidationError("name backups, or say --all") }
  }

  func run() async throws {
    let berth = try options.open()
    let wanted = try all ? berth.backups().map(\.backup) : backups.map { try berth.backup($0).report.backup }
    let results = try await berth.verify(wanted)
    if options.json {
      try Output.json(results.map { VerificationReport($0.backup, $0.problem) })
    } else {
      for (backup, problem) in results {
        Output.line(
          "\(problem == nil ? Style.stdout.green("good") : Style.stdout.red("broken")) \(backup.id) \(backup.title)")
      }
    }
    try BatchStatus.finish(results.compactMap(\.problem), isMany: results.count > 1, json: options.json)
  }
}

struct BackupsPrune: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove backups that retention no longer keeps.",
    discussion: """
      Each instance's own retention decides, or its plugin's, unless a --keep option is given. A backup that another one \
      needs stays, and so does a locked one and the newest.
      """)

  @OptionGroup var instances: InstancesOptions
  @OptionGroup var retention: RetentionOptions
  @Flag(help: "Print what would go and why the rest stays, and do nothing.")
  var dryRun = false
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    let records = try instances.records(berth)
    let wish = retention.isGiven ? retention.value : nil
    if dryRun {
      let verdicts = try berth.planPrune(records, wish)
      let stays = verdicts.flatMap(\.stays).map { ($0.backup, $0.reasons.map(\.text)) }
      let rows = stays + verdicts.flatMap(\.goes).map { ($0, []) }
      if options.json {
        return try Output.json(rows.map { RetentionReport($0.0, stays: $0.1) })
      }
      var table = Table(["ID", "BACKUP", "KIND", "", "WHY"])
      for (backup, reasons) in rows {
        table.add([
          String(backup.id.prefix(8)), backup.title, backup.kind.rawValue, reasons.isEmpty ? "goes" : "stays",
          reasons.joined(separator: ", "),
        ])
      }
      for line in table.lines() { Output.line(line) }
      return
    }
    let gone = try await berth.prune(records, wish)
    if options.json {
      return try Output.json(gone.map { BackupReport(backup: $0, isThere: false) })
    }
    for backup in gone { Output.line("removed \(backup.title) (\(ByteCount.text(backup.size)))") }
    if gone.isEmpty { Output.notice("nothing to remove") }
  }
}

struct BackupsSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change the note, the labels or the lock of a backup.")

  @Argument(help: "Its id, 8 or more characters of it, or its file's name.")
  var backup: String

  @Option(help: ArgumentHelp("A word about it; empty for none.", valueName: "text"))
  var note: String?

  @Option(
    name: .customLong("backup-label"), parsing: .singleValue,
    help: ArgumentHelp("A label; an empty value removes it. May be repeated.", valueName: "key=value"))
  var labels: [String] = []

  @Flag(inversion: .prefixedNo, help: "Whether retention never removes it.")
  var keep: Bool?

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard note != nil || !labels.isEmpty || keep != nil else { throw ValidationError("say what shall change") }
  }

  func run() async throws {
    let berth = try options.open()
    let row = try berth.mark(
      backup, labels: try Pairs.labels(labels, option: "--backup-label"), note: note, isKept: keep)
    let report = try berth.backup(row.id).report
    if options.json { return try Output.json(report) }
    for line in BackupOutput.lines([report]) { Output.line(line) }
  }
}

struct BackupsRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a backup that no other one needs.")

  @Argument(help: "Its id, 8 or more characters of it, or its file's name.")
  var backup: String

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    let row = try berth.backup(backup).report.backup
    try options.confirm("remove the backup \(row.title)")
    let gone = try await berth.removeBackup(row.id)
    if options.json { return try Output.json(BackupReport(backup: gone, isThere: false)) }
    Output.line("removed \(gone.title)")
  }
}

struct BackupsExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Copy a backup, and those that it needs, into a folder.",
    discussion: "Each archive is checked before it is copied. They hold secrets.")

  @Argument(help: "Its id, 8 or more characters of it, or its file's name.")
  var backup: String

  @Argument(help: "The folder.", completion: .directory)
  var folder: String

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let paths = try await options.open().exportBackup(backup, to: folder)
    if options.json { return try Output.json(paths) }
    for path in paths { Output.line(path) }
  }
}

struct BackupsImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Bring a backup in that was made elsewhere, with those that it needs.",
    discussion: """
      Archives that a difference needs are looked for beside it. Each is checked before it is listed. One that unpacks to \
      more than a hundred times its own size is taken only with '--accept size'.
      """)

  @Argument(help: "The archive.", completion: .file())
  var archive: String

  @OptionGroup var grants: GrantOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    var berth = try options.open(need: .plugins)
    if berth.isNew { try berth.checkImport(archive, accepting: grants.accepted) }
    berth = try options.making(berth, nil, nil)
    let imported = try await berth.importBackup(archive, accepting: grants.accepted)
    let reports = imported.map { BackupReport(backup: $0, isThere: true) }
    if options.json { return try Output.json(reports) }
    guard !reports.isEmpty else { return Output.notice("it is here already") }
    for line in BackupOutput.lines(reports) { Output.line(line) }
  }
}
