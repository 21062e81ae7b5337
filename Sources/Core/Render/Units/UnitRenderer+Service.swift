import BerthKit

/// The unit of a service.
extension UnitRenderer {
  func template(of service: Service) throws -> String {
    var unit = head(service.id, "%i")
    // A person's manager knows no network.target.
    if context.paths.scope == .system { unit += ["Wants=network-online.target", "After=network-online.target"] }
    unit += order(of: service, "%i")
    let lines =
      try execution(of: service) + limits(of: service)
      + isolation(
        of: service,
        unit: service.id,
        probes: !manifest.configFiles(of: service).isEmpty || !service.ready.isEmpty || !ports(of: service).isEmpty
          || service.stop.first != nil, serves: true)
    return text([("Unit", unit), ("Service", lines), install])
  }

  /// What a person means who enables a service is its instance.
  var install: (name: String, lines: [String]) { ("Install", ["Also=\(UnitName.target(manifest.id, "%i"))"]) }

  /// How every unit of an instance begins, and that it stops with the instance.
  ///
  /// - Parameters:
  ///   - purpose: what it is of the app.
  ///   - id: the instance's, or `%i`.
  func head(_ purpose: String, _ id: String) -> [String] {
    [
      "Description=\(UnitText.literal(manifest.name)) (\(purpose)), instance \(id)",
      "PartOf=\(UnitName.target(manifest.id, id))",
    ]
  }

  /// What a service waits for, and how often it is started again.
  ///
  /// - Parameter id: the instance's, or `%i`.
  func order(of service: Service, _ id: String) -> [String] {
    let others = service.dependsOn.map { UnitName.service(manifest.id, $0, id) }.joined(separator: " ")
    return (others.isEmpty ? [] : ["Requires=\(others)", "After=\(others)"])
      + afterRecovery + ["StartLimitIntervalSec=5min", "StartLimitBurst=5"]
  }

  func text(_ sections: [(name: String, lines: [String])]) -> String {
    header + sections.map { "\n[\($0.name)]\n" + $0.lines.joined(separator: "\n") + "\n" }.joined()
  }

  /// What a service and its jobs share: environment and folder.
  func surroundings(of service: Service) throws -> [String] {
    [
      "EnvironmentFile=\(literal(context.paths.environment(manifest.id, "\0", service: service.id)))",
      "UnsetEnvironment=\(inherited(by: service).joined(separator: " "))",
      "WorkingDirectory=\(try workdir(of: service))",
      Self.quiet,
    ]
  }

  /// What keeps libdispatch from writing into the instance's log, for each thread of Berth's commands, that it may not set a
  /// priority: those that have the service's rights may not. It looks for that before a program begins.
  static let quiet = "Environment=LIBDISPATCH_LOG=NO"

  /// The same for Berth itself in a unit with less than the usual share of the processor: only root may go back to that.
  var unprivileged: [String] { context.rights == .root ? [] : [Self.quiet] }

  /// - Parameter service: the one in whose environment the program runs; nil for a program of a container.
  func commandLine(_ exec: [Template], of service: Service?) throws -> String {
    try ((service.map(LoaderVariables.words) ?? []) + exec.prefix(1).map(program) + exec.dropFirst().map(argument))
      .joined(separator: " ")
  }

  /// What is run. The manager knows no variables in it, and the app's own folder is at the same place in each instance's.
  private func program(_ template: Template) throws -> String {
    guard case .variable("paths.app")? = template.segments.first, template.segments.count == 2,
      case .literal(let rest) = template.segments[1]
    else { return try argument(template) }
    let path = "\(context.paths.instance(manifest.id, "\0"))/\(ScopePaths.appFolder)\(rest)"
    return "\"\(UnitText.argumentPiece(path).replacing("\0", with: "%i"))\""
  }

  private func execution(of service: Service) throws -> [String] {
    var lines = ["Type=exec"] + (try surroundings(of: service))
    lines += try freePorts(of: service).map { ["ExecStartPre=\($0)"] } ?? []
    lines += try readableFiles(of: service).map { ["ExecStartPre=\($0)"] } ?? []
    lines.append("ExecStart=\(try commandLine(service.exec, of: service))")
    lines += standardInput(of: service)
    // A start is done when the probes have passed, so that `After=` and a reboot mean ready too.
    lines += try service.ready.compactMap(probe).map { "ExecStartPost=\(seeing)\($0)" }
    if !service.ready.isEmpty { lines.append("TimeoutStartSec=\(service.ready.map(\.timeout).reduce(10, +))") }
    let first = service.stop.first
    // Its failure must not count as one of the stop, nor keep the signal from being sent.
    if let first {
      lines.append("ExecStop=-\(try actionLine(first, of: service))")
      // The manager would send the signal at once, in the middle of what the action has begun. Else the manager, which has one
      // time for everything in a stop, would wait as long as the action may take once more before it kills.
      let words =
        [context.berth, "await-end", "--timeout", "\(service.stop.grace)"]
        + (service.stop.firstEnds ? [] : ["--signal", service.stop.signal])
      lines.append("ExecStop=-\(words.map(UnitText.word).joined(separator: " "))")
    }
    return lines + [
      "KillSignal=\(service.stop.signal)",
      // Restart must not be tried for a stop that was asked for by this signal.
      "SuccessExitStatus=\(service.stop.signal)",
      "TimeoutStopSec=\(service.stop.grace + (first?.timeout ?? 0) + 5)",
      "Restart=on-failure",
      "RestartSec=2s",
      "SyslogIdentifier=%p@%i",
    ]
  }

  /// What gives a command of Berth's the manager's own rights, which it takes to see whose every socket is.
  ///
  /// A person's manager has none to give: without a user namespace it cannot make the mounts that a command gets all the same.
  var seeing: String { context.rights == .person ? "" : "+" }

  /// What refuses to start a service on whose ports somebody else is; nil where it has none.
  ///
  /// It is part of the unit, so that it holds for every start: at boot, after a crash, and by whoever's hand.
  func freePorts(of service: Service) throws -> String? {
    let numbers = try ports(of: service).flatMap { role in
      try role.protocols.map { transport in
        try argument(Template(segments: [.literal("\(transport.rawValue)/"), .variable("ports.\(role.role)")]))
      }
    }
    guard !numbers.isEmpty else { return nil }
    return seeing + ([context.berth, "probe", "free"].map(UnitText.word) + numbers).joined(separator: " ")
  }

  /// What refuses to start a service that could not read its config files, as it would run without the password that is in
  /// them; nil where it has none. It looks with the service's own rights.
  private func readableFiles(of service: Service) throws -> String? {
    let files = try manifest.configFiles(of: service).map { try argument($0.location) }
    guard !files.isEmpty else { return nil }
    let words = [context.berth, "probe", "readable", "--app", manifest.id] + context.reach
    return (words.map(UnitText.word) + ["\"--instance\"", "\"%i\""] + files).joined(separator: " ")
  }

  /// Whether a service's unit, as it is on the host, does not start without one of its config files.
  ///
  /// - Parameters:
  ///   - folder: the instance's folder that the file is in, such as `config`.
  ///   - name: the file's path below it.
  public static func unit(_ text: String, needs name: String, in folder: String) -> Bool {
    let word = "\"${\(UnitText.environmentName("paths.\(folder)"))}/\(UnitText.argumentPiece(name))\""
    return text.split(separator: "\n").contains { $0.contains("\"probe\" \"readable\"") && $0.contains(word) }
  }

  /// The ports that a service opens: those that are declared as its own, and those by which it is ready. Another port of an
  /// app with several services is nobody's here.
  func ports(of service: Service) -> [PortRole] {
    manifest.ports.filter { port in
      let owner = manifest.publisher(of: port)?.id
      return owner == service.id || owner == nil && service.ready.contains { $0.role == port.role }
    }
  }

  /// `berth probe` with its arguments; nil for what the manager does not ask by it.
  private func probe(_ ready: ReadyProbe) throws -> String? {
    switch ready.check {
    case .port(let transport, let role):
      let number = "${\(UnitText.environmentName("ports.\(role)"))}"
      return "\(try argument(Template(literal: context.berth))) probe \(transport.rawValue) \(number)"
        + " --timeout \(ready.timeout)"
    case .http(let check):
      let port = Template(segments: [.variable("ports.\(check.role)")])
      return httpProbe(
        check, timeout: ready.timeout, port: try argument(port), host: try check.host.map(argument), isOwn: true)
    case .exec: return nil
    }
  }

  /// `berth probe http` with its arguments.
  ///
  /// - Parameters:
  ///   - port: as one word of a unit.
  ///   - host: likewise.
  ///   - isOwn: whether the port is opened by the unit's own processes, and not by an engine.
  func httpProbe(
    _ check: ReadyProbe.HTTPCheck, timeout: Int, port: String, host: String?, isOwn: Bool = false
  ) -> String {
    let address = manifest.port(check.role).map(manifest.reachableAddress) ?? "127.0.0.1"
    let statuses = check.statuses.map(String.init).joined(separator: ",")
    let words =
      [context.berth, "probe", "http"].map(UnitText.word) + [port]
      + (isOwn ? [UnitText.word("--own")] : [])
      + ["--timeout", "\(timeout)", "--address", address, "--path", check.path, "--status", statuses].map(UnitText.word)
    return (words + (host.map { [UnitText.word("--host"), $0] } ?? [])).joined(separator: " ")
  }

  /// What a person's manager would hand down of its own, unless the plugin sets it.
  private func inherited(by service: Service) -> [String] {
    let own = Set(service.environment.map(\.name))
    return ["NOTIFY_SOCKET", "SYSTEMD_UNIT_PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"]
      .filter { !own.contains($0) }
  }

  static let accounting = ["CPUAccounting=yes", "MemoryAccounting=yes", "IOAccounting=yes", "TasksAccounting=yes"]

  func limits(of service: Service) -> [String] {
    var lines = Self.accounting
    if let memory = service.limits.memory?.literalText { lines.append("MemoryMax=\(memory)") }
    return lines + fixedLimits(service.limits)
  }

  /// The limits that hold no setting.
  func fixedLimits(_ limits: Service.Limits) -> [String] {
    let tasks = limits.tasks.map { "TasksMax=\($0)" }
    // The kernel gives out processor time in steps of no less than a hundredth.
    let cpus = limits.cpus.map { "CPUQuota=\(InstanceLimits.percent(ofProcessors: $0))%" }
    let files = limits.files.map { "LimitNOFILE=\($0)" }
    return [tasks, cpus, files].compactMap { $0 }
  }

  /// - Parameters:
  ///   - unit: the service, job or other part of the app that it is the unit of.
  ///   - probes: whether the unit calls `berth` itself, beside what guards its mounts.
  ///   - mounts: whether its program sees what the service has in other places. Berth's own programs need none of it.
  ///   - serves: whether the unit is for what the proxy serves.
  func isolation(of service: Service, unit: String, probes: Bool, mounts: Bool = true, serves: Bool = false) -> [String]
  {
    let own = ScopePaths.ownFolders.map {
      UnitText.listed(literal("\(context.paths.instance(manifest.id, "\0"))/\($0)"))
    }
    var lines = Hardening.lines(context.rights, in: context.paths.scope, loosen: service.loosen)
    // Berth's state is hidden as a whole, other instances included, and only the instance's own folders are shown.
    lines.append("TemporaryFileSystem=\(UnitText.listed(UnitText.literal("\(context.paths.state):ro,mode=0755")))")
    // Newer managers give the empty /root the mode of the real one, which an instance's user could not pass through to
    // what is shown in it.
    if context.rights == .root, !service.loosen.contains(where: { $0.key == HardeningKey.protectHome.rawValue }) {
      lines.append("TemporaryFileSystem=/root:ro,mode=0755")
    }
    lines.append("BindPaths=\(own.joined(separator: " "))")
    // A container has its mounts in its own file, and what works beside it on the host sees no other places.
    let hasMounts = service.container == nil && mounts
    let guarding = hasMounts ? guards(of: service, unit: unit, serves: serves) : []
    if probes || !guarding.isEmpty {
      let shown = ([context.berth] + context.berthLibraries).map { UnitText.listed(UnitText.literal($0)) }
      lines.append("BindReadOnlyPaths=\(shown.joined(separator: " "))")
      // It is there while the service runs. What is written to it is no change of the file system.
      if manifest.consoleService != nil { lines.append("BindReadOnlyPaths=-\(UnitText.listed(consoleInput))") }
    }
    return hasMounts ? lines + sharedMounts(of: service, unit: unit) + guarding : lines
  }

  private func workdir(of service: Service) throws -> String {
    guard let workdir = service.workdir else { return literal("\(context.paths.instance(manifest.id, "\0"))/data") }
    return try pathPieces(workdir)
  }

  /// A path in a line that knows specifiers but no environment: only the instance's folders and literals can be said.
  private func pathPieces(_ template: Template) throws -> String {
    try template.segments.map { segment in
      switch segment {
      case .literal(let text): return UnitText.literal(text)
      case .variable(let name):
        guard name.hasPrefix("paths.") else {
          throw BerthError.badManifest(
            "only {{paths.…}} can stand in a working folder, not '{{\(name)}}'", at: manifest.id, key: "workdir")
        }
        return literal("\(context.paths.instance(manifest.id, "\0"))/\(name.dropFirst("paths.".count))")
      case .filtered:
        throw BerthError.badManifest("a filter cannot stand in '\(template.source)'", at: manifest.id, key: "workdir")
      }
    }.joined()
  }

  /// One argument. Literals are quoted, programs are known, and the rest comes from the environment as one word.
  func argument(_ template: Template) throws -> String {
    let pieces = try template.segments.map { segment in
      switch segment {
      case .literal(let text): return UnitText.argumentPiece(text)
      case .variable(let name) where name.hasPrefix("programs."):
        guard let path = context.programs[String(name.dropFirst("programs.".count))] else {
          throw BerthError.badManifest("no program '\(name)'", at: manifest.id, key: "exec")
        }
        return UnitText.argumentPiece(path)
      case .variable, .filtered: return "${\(UnitText.environmentName(segment) ?? "")}"
      }
    }
    return "\"\(pieces.joined())\""
  }

  /// A literal with NUL standing for the instance id.
  func literal(_ text: String) -> String { UnitText.literal(text).replacing("\0", with: "%i") }
}
