import BerthKit

extension BerthError {
  // MARK: Instances

  static func unknownInstance(_ text: String, app: String, known: [String]) -> BerthError {
    let near = nearest(to: text, in: known).map { "; did you mean '\($0)'?" } ?? ""
    return BerthError(
      "unknown-instance", .usage, "'\(app)' has no instance '\(text)'\(near)", remedy: .berth("list", "--app", app))
  }

  /// An instance that was removed while something was to be done to it.
  static func gone(_ record: InstanceRecord) -> BerthError {
    unknownInstance(record.key.id.text, app: record.key.app, known: [])
  }

  /// - Parameters:
  ///   - text: what was said; nil for nothing.
  ///   - matches: the instances that may be meant, as `--instance` takes them.
  static func ambiguousInstance(_ text: String?, app: String, matches: [String]) -> BerthError {
    let problem = text.map { "'\($0)' may mean several instances of '\(app)'" } ?? "'\(app)' has several instances"
    return BerthError(
      "ambiguous-instance", .usage, "\(problem): \(matches.joined(separator: ", "))",
      remedy: text == nil
        ? .again("--instance", matches[0]).or(.berth("list", "--app", app)) : .berth("list", "--app", app))
  }

  static func imageNotMade(_ image: ImagePin) -> BerthError {
    BerthError(
      "no-image", .unavailable,
      "the image '\(image.reference)' is not on this host, and a name that begins with localhost/ cannot be fetched",
      remedy: "\((image.engine ?? .podman).rawValue) image ls")
  }

  static func unknownService(_ name: String, of records: [InstanceRecord]) -> BerthError {
    let known = Set(records.flatMap(\.services)).sorted()
    let near =
      nearest(to: name, in: known).map { "; did you mean '\($0)'?" } ?? "; it has \(known.joined(separator: ", "))"
    let title = records.count == 1 ? "\(records[0].title) has no" : "none of the instances has a"
    return BerthError(
      "unknown-service", .usage, "\(title) service '\(name)'\(near)",
      remedy: records.first.map { Remedy.berth("status", $0.key.app, "--instance", "\($0.key.id)") } ?? .berth("list"))
  }

  static func noInstance(_ app: String) -> BerthError {
    BerthError("no-instance", .usage, "there is no instance of '\(app)'", remedy: .berth("install", app))
  }

  static func nothingSelected(app: String?, labels: [String: String]) -> BerthError {
    let wanted = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    return BerthError(
      "no-instance", .usage,
      "there is no instance\(app.map { " of '\($0)'" } ?? "")\(wanted.isEmpty ? "" : " with the label \(wanted)")",
      remedy: .berth("list"))
  }

  static func idInUse(_ key: InstanceKey) -> BerthError {
    BerthError(
      "id-in-use", .conflict, "there is already an instance '\(key.id)' of '\(key.app)'",
      remedy: .berth("status", key.app, "--instance", "\(key.id)"))
  }

  static func nameInUse(_ name: String, owner: InstanceRecord) -> BerthError {
    BerthError(
      "name-in-use", .conflict, "the name '\(name)' belongs to the instance \(owner.key)",
      remedy: .newName)
  }

  static func directoryInUse(_ path: String, _ reason: String) -> BerthError {
    BerthError(
      "directory-in-use", .conflict, "'\(path)' cannot be used: \(reason)",
      remedy: .again("--dir", "PATH").or("choose another folder"))
  }

  /// - Parameter place: the folder on the way that somebody else can change.
  static func unsafeDirectory(_ path: String, _ place: String) -> BerthError {
    BerthError(
      "unsafe-directory", .notAllowed,
      "'\(path)' cannot be used: others can change '\(place)', and with it what Berth writes there", at: place,
      remedy: .run(Command("namei", ["-l", path])))
  }

  static func badDirectory(_ path: String, _ reason: String) -> BerthError {
    BerthError("bad-directory", .usage, "'\(path)' cannot be used: \(reason)", remedy: "choose another path")
  }

  /// - Parameter operation: nil for an instance of a Berth that kept no journal.
  static func incomplete(_ record: InstanceRecord, operation: OperationRecord?) -> BerthError {
    let since = operation.map { ": \($0.title), begun \($0.startedAt)" } ?? " (\(record.state.rawValue))"
    return BerthError(
      "incomplete", .conflict, "an operation on \(record.title) broke off half-way\(since)",
      remedy: InstanceReport.remedy(for: record, operation: operation?.id), cause: operation?.error)
  }

  /// Nothing may be derived from a row of which a part is missing.
  static func unreadableRow(_ record: InstanceRecord, _ problem: String) -> BerthError {
    BerthError(
      "unreadable-row", .failure, "nothing can be done to \(record.title) but to remove it: \(problem)",
      remedy: InstanceReport.remedy(for: record, operation: nil))
  }

  static func directoryFixed(_ path: String, _ record: InstanceRecord) -> BerthError {
    BerthError(
      "directory-in-use", .conflict,
      "\(record.title) has its folders in \(record.directory ?? "the standard place"), and cannot move to '\(path)'",
      remedy: "leave 'dir' out, or remove and install it again")
  }

  static func noFleet(_ path: String) -> BerthError {
    BerthError("no-fleet", .badInput, "there is no fleet file '\(path)'", at: path, remedy: .berth("export"))
  }

  // MARK: Ports

  /// - Parameter record: the instance that is there and whose port it is; nil for one that is made.
  static func portInUse(
    _ port: PortNumber, role: String, owner: String, of record: InstanceRecord? = nil
  ) -> BerthError {
    let move = record.map {
      Remedy.berth("config", "set", $0.key.app, "--instance", "\($0.key.id)", "--port", "\(role)=N")
    }
    return BerthError(
      "port-in-use", .conflict, "the \(role) port \(port) is used by \(owner)",
      remedy: .again("--port", "\(role)=N").or(move ?? "choose another number"))
  }

  static func noFreePort(_ role: String, from number: Int) -> BerthError {
    BerthError(
      "no-free-port", .conflict, "there is no free \(role) port from \(number) on", remedy: .berth("ports"))
  }

  static func badPort(_ text: String, _ reason: String) -> BerthError {
    BerthError(
      "bad-port", .usage, "'\(text)' is not a port: \(reason)",
      remedy: .again("--port", "ROLE=N").or("choose another number"))
  }

  // MARK: Routes

  static func hostTaken(_ host: String, by record: InstanceRecord, owner: InstanceRecord) -> BerthError {
    BerthError(
      "host-taken", .conflict, "the host name '\(host)' that \(record.title) wants belongs to \(owner.title)",
      remedy: "choose another host name, or let instances of one app share it in a pool")
  }

  static func noRoutes(_ record: InstanceRecord, pool: String, isSettable: Bool) -> BerthError {
    BerthError(
      "no-routes", .usage,
      "\(record.title) cannot be in the pool '\(pool)', since a web proxy has nothing to pass on to it",
      remedy: isSettable ? .berth("app", "show", record.key.app) : "leave the pool out")
  }

  static func poolDiffers(_ record: InstanceRecord, pool: String, diff: String) -> BerthError {
    BerthError(
      "pool-differs", .conflict,
      "\(record.title) would answer otherwise than the others of the pool '\(pool)' do",
      remedy: .berth("update", record.key.app, "--all"), cause: diff)
  }

  // MARK: Programs, packages, units

  static func packagesMissing(_ line: String, app: String) -> BerthError {
    BerthError("packages-missing", .unavailable, "'\(app)' needs packages that are not installed", remedy: .prose(line))
  }

  static func noProgram(_ program: Program, app: String) -> BerthError {
    BerthError(
      "program-missing", .unavailable,
      "the program '\(program.id)' of '\(app)' is at none of \(program.candidates.joined(separator: ", "))",
      remedy: .berth("app", "show", app))
  }

  static func unitTaken(_ unit: String, by path: String) -> BerthError {
    BerthError(
      "unit-taken", .conflict, "the unit name '\(unit)' is taken by \(path)", at: path,
      remedy: "rename the plugin, so that its units have other names")
  }

  static func notReady(_ record: InstanceRecord, unit: String, state: UnitState?, log: [String]) -> BerthError {
    let found = state.map { "\($0.active) (\($0.sub))" } ?? "not loaded"
    return BerthError(
      "not-ready", .failure, "\(record.title) did not get ready: \(unit) is \(found)", at: unit,
      remedy: .berth("logs", record.key.app, "--instance", "\(record.key.id)"),
      cause: log.isEmpty ? "it wrote nothing" : log.joined(separator: "\n"))
  }

  static func jobFailed(_ job: String, _ record: InstanceRecord, unit: String, log: [String]) -> BerthError {
    BerthError(
      "job-failed", .failure, "the job '\(job)' of \(record.title) failed", at: unit,
      remedy: .berth("logs", record.key.app, "--instance", "\(record.key.id)"),
      cause: log.isEmpty ? "it wrote nothing" : log.joined(separator: "\n"))
  }

  // MARK: Operations

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

  static func untried(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "untried", .failure, "\(record.title) was not tried, since another failed before", at: record.title,
      remedy: .again("--keep-going"))
  }

  static func unknownOperation(_ number: Int64) -> BerthError {
    BerthError(
      "unknown-operation", .usage, "there is no operation \(number)", remedy: .berth("operations", "list"))
  }

  static func stillRunning(_ operation: OperationRecord, holder: String) -> BerthError {
    BerthError(
      "busy", .busy, "the operation \(operation.id) (\(operation.title)) is being carried out",
      remedy: .berth("operations", "show", "\(operation.id)"), cause: holder)
  }

  /// Others were faster each time.
  static func overtaken(_ purpose: String) -> BerthError {
    BerthError(
      "busy", .busy,
      "'\(purpose)' was planned again and again, and each time another Berth had claimed something since",
      remedy: .berth("operations", "list"))
  }

  /// The worst of a batch, whose kind is the exit status of the whole.
  public static func worst(of errors: [BerthError]) -> BerthError {
    let sorted = errors.sorted { ($0.summary, $0.code) < ($1.summary, $1.code) }
    let first = Kind.bySeverity.lazy.compactMap { kind in sorted.first { $0.kind == kind } }.first
    if var first, errors.count > 1 {
      let others = sorted.filter { $0 != first }.prefix(20).map(\.summary)
      first.cause = ([first.cause].compactMap { $0 } + ["and \(errors.count - 1) more:"] + others).joined(
        separator: "\n")
      return first
    }
    return first ?? BerthError("failed", .failure, "it failed, and nobody said why")
  }

  // MARK: Scopes

  /// Somebody names a sandbox that nobody has made.
  ///
  /// - Parameter names: the sandboxes beside it.
  static func noSandbox(_ path: String, beside names: [String]) -> BerthError {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let near = nearest(to: name, in: names).map { "\(path.dropLast(name.count))\($0)" }
    return BerthError(
      "no-sandbox", .usage, "there is no sandbox '\(path)'\(near.map { "; did you mean '\($0)'?" } ?? "")", at: path,
      remedy: near.map { .again("--root", $0) } ?? .berth("app", "list"))
  }

  /// Somebody names a folder of plugins that is none.
  ///
  /// - Parameter holds: whether it is the folder of one plugin instead.
  static func noPluginFolder(_ path: String, holds: Bool) -> BerthError {
    BerthError(
      "no-plugin-folder", .usage,
      holds
        ? "'\(path)' is the folder of one plugin, and not one with folders of plugins" : "there is no folder '\(path)'",
      at: path, remedy: holds ? "name the folder that it lies in" : "name a folder that is there")
  }

  static func managerDown(_ paths: ScopePaths, remedy: Remedy) -> BerthError {
    BerthError(
      "manager-down", .unavailable,
      "the \(paths.scope.rawValue) scope has instances, but its service manager does not answer", at: paths.state,
      remedy: remedy)
  }

  static func noManager(_ scope: Scope, _ reason: String, remedy: Remedy) -> BerthError {
    BerthError("no-manager", .unavailable, "the \(scope.rawValue) scope cannot be used: \(reason)", remedy: remedy)
  }

  static func needsRoot(_ scope: Scope) -> BerthError {
    BerthError(
      "needs-root", .notAllowed, "the \(scope.rawValue) scope belongs to root", remedy: .asRoot())
  }
}
