import BerthKit

extension BerthError {
  // MARK: Instances

  static func unknownInstance(_ text: String, app: String, known: [String]) -> BerthError {
    let near = nearestPhrase(text, known)
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
      remedy: "\(image.runner.rawValue) image ls")
  }

  static func imageUser(_ image: String, _ numbers: FileNumbers, of service: String) -> BerthError {
    BerthError(
      "image-user", .unavailable,
      """
      the image '\(image)' runs as a user of its own, the number \(numbers.user). In a person's scope the plugin has to \
      say that number, as user: "\(numbers.user):\(numbers.group)"
      """, at: "services.\(service).container.user", remedy: .asRoot("--scope", "system"))
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

  static func unknownJob(_ name: String, of records: [InstanceRecord], known: [String]) -> BerthError {
    let near = nearest(to: name, in: known).map { "; did you mean '\($0)'?" }
    let others = known.isEmpty ? "" : "; it has \(known.joined(separator: ", "))"
    let title = records.count == 1 ? "\(records[0].title) has no" : "none of the instances has a"
    return BerthError(
      "unknown-job", .usage, "\(title) job '\(name)'\(near ?? others)",
      remedy: records.first.map { Remedy.berth("app", "show", $0.key.app) } ?? .berth("app", "list"))
  }

  /// A panel that speaks for all instances of an app names the one with the service.
  static func serviceOfSeveral(_ name: String, _ records: [InstanceRecord]) -> BerthError {
    let units = records.compactMap { record in
      zip(record.services, record.units).first { $0.0 == name }.map { $0.1.replacing(".service", with: "") }
    }
    return BerthError(
      "unknown-service", .usage,
      "\(records.count) instances have a service '\(name)'; say which: \(units.sorted().prefix(3).joined(separator: ", "))",
      remedy: .berth("list", records[0].key.app))
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

  static func directoryFixed(_ path: String, _ record: InstanceRecord) -> BerthError {
    BerthError(
      "directory-in-use", .conflict,
      "\(record.title) has its folders in \(record.directory ?? "the standard place"), and cannot move to '\(path)'",
      remedy: "leave 'dir' out, or remove and install it again")
  }

  static func noFleet(_ path: String) -> BerthError {
    BerthError("no-fleet", .badInput, "there is no fleet file '\(path)'", at: path, remedy: .berth("export"))
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

  // MARK: Operations

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

  static func appExists(_ id: String, _ origin: String) -> BerthError {
    BerthError(
      "app-exists", .conflict, "there is already an app '\(id)'", at: origin, remedy: .berth("app", "show", id))
  }

  static func pathExists(_ path: String) -> BerthError {
    BerthError("path-exists", .conflict, "'\(path)' is there already", at: path, remedy: .again("--to", "DIR"))
  }

  static func builtInPlugin(_ app: String) -> BerthError {
    BerthError(
      "built-in-plugin", .usage, "the plugin of '\(app)' is written in Swift, and there is no file to begin with",
      remedy: .berth("app", "list"))
  }
}
