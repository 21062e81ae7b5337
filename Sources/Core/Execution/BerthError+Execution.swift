import BerthKit
import BerthPlan

extension BerthError {
  package static func noArchive(_ record: InstanceRecord) -> BerthError {
    BerthError("no-archive", .failure, "no archive of \(record.title) is being written", at: record.title)
  }

  /// There is no room for what a plan writes. The registry says the same of itself.
  static func diskFull(_ folder: String, needed: Int64, free: Int64) -> BerthError {
    BerthError(
      Executor.diskFull, .failure,
      "there are \(free) bytes free on the disk of '\(folder)', and \(needed) are needed; nothing was changed",
      at: folder,
      remedy: .run(Command("df", ["-h", folder])))
  }

  static func notReady(_ record: InstanceRecord, unit: String, state: UnitState?, log: [String]) -> BerthError {
    let found = state.map { "\($0.active) (\($0.sub))" } ?? "not loaded"
    return BerthError(
      "not-ready", .failure, "\(record.title) did not get ready: \(unit) is \(found)", at: unit,
      // Of one that is made and taken back again nothing is left to look at, unless it is not started.
      remedy: Remedy.berth("logs", record.key.app, "--instance", "\(record.key.id)").or(.again("--no-start")),
      cause: log.isEmpty ? "it wrote nothing" : log.joined(separator: "\n"))
  }

  static func jobFailed(_ job: String, _ record: InstanceRecord, unit: String, log: [String]) -> BerthError {
    BerthError(
      "job-failed", .failure, "the job '\(job)' of \(record.title) failed", at: unit,
      remedy: .berth("logs", record.key.app, "--instance", "\(record.key.id)", "--service", job),
      cause: log.isEmpty ? "it wrote nothing" : log.joined(separator: "\n"))
  }

  static func undoFailed(_ error: any Error, leftovers: [String], operation: Int64) -> BerthError {
    var shown = BerthError(anything: error)
    shown.cause = ([shown.cause].compactMap { $0 } + ["could not be taken back:"] + leftovers).joined(separator: "\n")
    shown.remedy = .berth("operations", "recover", "\(operation)")
    return shown
  }

  static func notRunningAgain(_ units: [String]) -> BerthError {
    BerthError(
      "not-running-again", .failure, "\(units.joined(separator: ", ")) ran before and did not start again",
      remedy: .berth("operations", "recover"))
  }

  static func changeNotTaken(_ keys: [String], _ check: ConfigCheck, _ record: InstanceRecord) -> BerthError {
    let names = keys.map { "'\($0)'" }.joined(separator: ", ")
    let hint = check.isWrittenByApp ? "" : "; where it does so as it ends, its plugin has to say 'written-by: app'"
    return BerthError(
      "change-not-taken", .failure,
      "the program of \(record.title) has written over what was set: \(names) in \(check.path)\(hint)",
      at: check.path, remedy: .berth("logs", record.key.app, "--instance", "\(record.key.id)"))
  }

  static func settingsUntold(_ jobs: [String], _ record: InstanceRecord) -> BerthError {
    BerthError(
      "settings-untold", .failure,
      "\(jobs.joined(separator: ", ")) of \(record.title) failed with the former settings too, so that the program may have the new ones",
      remedy: .berth("job", "run", record.key.app, jobs[0], "--instance", "\(record.key.id)"))
  }

  /// A migration has run, so that the old program cannot be had back.
  ///
  /// - Parameter operation: the operation that is left open; nil where it goes on without this instance.
  static func pastReturn(_ error: any Error, operation: Int64?) -> BerthError {
    var shown = BerthError(anything: error)
    let advice = operation == nil ? "it stays as it is" : "mend the cause, then recover finishes it"
    shown.cause =
      ([shown.cause].compactMap { $0 } + ["it was past the point of no return: \(advice)"]).joined(separator: "\n")
    if let operation { shown.remedy = .berth("operations", "recover", "\(operation)") }
    return shown
  }

  /// What was done stays for a look.
  ///
  /// - Parameter operation: the operation that is left open.
  static func keptFailed(_ error: any Error, operation: Int64) -> BerthError {
    var shown = BerthError(anything: error)
    shown.cause =
      ([shown.cause].compactMap { $0 } + ["what was made is kept for a look; recover takes it back"])
      .joined(separator: "\n")
    shown.remedy = .berth("operations", "recover", "\(operation)")
    return shown
  }

  package static func untried(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "untried", .failure, "\(record.title) was not tried, since another failed before", at: record.title,
      remedy: .again("--keep-going"))
  }

  /// Steam hands out the newest build of a branch, and no other.
  static func steamMoved(_ wanted: SteamBuild, found: Int, app: String) -> BerthError {
    BerthError(
      "steam-moved", .busy,
      "Steam hands out the build \(found) of the app \(wanted.title) by now, and no longer \(wanted.build)",
      remedy: .berth("update", app))
  }

  static func wrongChecksum(_ url: String, wanted: String, found: String) -> BerthError {
    BerthError(
      "wrong-checksum", .badInput, "'\(url)' has the SHA-256 \(found), and \(wanted) is wanted", at: url,
      remedy: "compare it with what the maker says; a setting of the app may name another one",
      cause: "either it was changed on its way, or the maker has put another file in its place")
  }
}
