import BerthKit

/// Manifest × scope → the units that all instances of an app share.
///
/// What differs between instances reaches a unit as `%i` or from the environment file; the rest is in the drop-in.
public struct UnitRenderer: Sendable {
  private let manifest: Manifest
  private let context: RenderContext

  public init(manifest: Manifest, context: RenderContext) {
    self.manifest = manifest
    self.context = context
  }

  /// The service templates and the target template.
  public func templates() throws -> [RenderedFile] {
    try manifest.services.map { service in
      RenderedFile(path: context.paths.unit(UnitName.service(manifest.id, service.id)), text: try template(of: service))
    } + [RenderedFile(path: context.paths.unit(UnitName.target(manifest.id)), text: target())]
  }

  /// The drop-ins of one instance, only where the template cannot say it.
  public func dropIns(for instance: InstanceValues, variables: Variables) throws -> [RenderedFile] {
    try manifest.services.compactMap { service in
      var lines: [String] = []
      if let user = instance.user { lines += ["User=\(user)", "Group=\(user)"] }
      if let memory = service.limits.memory, memory.literalText == nil, let size = try variables.text(memory) {
        lines.append("MemoryMax=\(size)")
      }
      guard !lines.isEmpty else { return nil }
      let unit = UnitName.service(manifest.id, service.id, instance.key.id.text)
      let text = header + "\n[Service]\n" + lines.joined(separator: "\n") + "\n"
      return RenderedFile(path: context.paths.dropIn(unit), text: text)
    }
  }

  /// How every unit file of ours begins, so that a file that is not ours is never replaced.
  public static let signature = "# Made by Berth"

  /// The plugin that a unit file of ours was made from; nil when it is not ours.
  public static func plugin(of text: String?) -> String? {
    let start = "\(signature) from the plugin '"
    guard let text, text.hasPrefix(start) else { return nil }
    let rest = text.dropFirst(start.count)
    return rest.firstIndex(of: "'").map { String(rest[..<$0]) }
  }

  private var header: String {
    "\(Self.signature) from the plugin '\(manifest.id)'. Written anew with every install; changes belong in a drop-in.\n"
  }

  private func target() -> String {
    let services = manifest.services.map { UnitName.service(manifest.id, $0.id, "%i") }
    return header + """

      [Unit]
      Description=\(UnitText.literal(manifest.name)), instance %i
      Wants=\(services.joined(separator: " "))

      [Install]
      WantedBy=\(context.paths.bootTarget)

      """
  }

  private func template(of service: Service) throws -> String {
    var unit = [
      "Description=\(UnitText.literal(manifest.name)) (\(service.id)), instance %i",
      "PartOf=\(UnitName.target(manifest.id, "%i"))",
    ]
    // A person's manager knows no network.target.
    if context.paths.scope == .system { unit += ["Wants=network-online.target", "After=network-online.target"] }
    unit += ["StartLimitIntervalSec=5min", "StartLimitBurst=5"]
    let sections = [
      ("Unit", unit),
      ("Service", try execution(of: service) + limits(of: service) + isolation(of: service)),
    ]
    return header + sections.map { "\n[\($0.0)]\n" + $0.1.joined(separator: "\n") + "\n" }.joined()
  }

  private func execution(of service: Service) throws -> [String] {
    var lines = [
      "Type=exec",
      "EnvironmentFile=\(literal(context.paths.environment(manifest.id, "\0", service: service.id)))",
      "UnsetEnvironment=\(inherited(by: service).joined(separator: " "))",
      "WorkingDirectory=\(try workdir(of: service))",
      "ExecStart=\(try service.exec.map(argument).joined(separator: " "))",
    ]
    if let ready = service.ready {
      // A start is done when the probe has passed, so that `After=` and a reboot mean ready too.
      lines.append(
        "ExecStartPost=\(try argument(Template(literal: context.berth))) probe \(ready.transport.rawValue)"
          + " ${\(UnitText.environmentName("ports.\(ready.role)"))} --timeout \(ready.timeout)")
      lines.append("TimeoutStartSec=\(ready.timeout + 10)")
    }
    return lines + [
      "KillSignal=\(service.stop.signal)",
      // Restart must not be tried for a stop that was asked for by this signal.
      "SuccessExitStatus=\(service.stop.signal)",
      "TimeoutStopSec=\(service.stop.grace + 5)",
      "Restart=on-failure",
      "RestartSec=2s",
      "SyslogIdentifier=%p@%i",
    ]
  }

  /// What a person's manager would hand down of its own, unless the plugin sets it.
  private func inherited(by service: Service) -> [String] {
    let own = Set(service.environment.map(\.name))
    return ["NOTIFY_SOCKET", "SYSTEMD_UNIT_PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"]
      .filter { !own.contains($0) }
  }

  private func limits(of service: Service) -> [String] {
    var lines = ["CPUAccounting=yes", "MemoryAccounting=yes", "IOAccounting=yes", "TasksAccounting=yes"]
    if let memory = service.limits.memory?.literalText { lines.append("MemoryMax=\(memory)") }
    if let tasks = service.limits.tasks { lines.append("TasksMax=\(tasks)") }
    return lines
  }

  private func isolation(of service: Service) -> [String] {
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
    if service.ready != nil {
      let shown = ([context.berth] + context.berthLibraries).map { UnitText.listed(UnitText.literal($0)) }
      lines.append("BindReadOnlyPaths=\(shown.joined(separator: " "))")
    }
    return lines
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
      }
    }.joined()
  }

  /// One argument. Literals are quoted, programs are known, and the rest comes from the environment as one word.
  private func argument(_ template: Template) throws -> String {
    let pieces = try template.segments.map { segment in
      switch segment {
      case .literal(let text): return UnitText.argumentPiece(text)
      case .variable(let name) where name.hasPrefix("programs."):
        guard let path = context.programs[String(name.dropFirst("programs.".count))] else {
          throw BerthError.badManifest("no program '\(name)'", at: manifest.id, key: "exec")
        }
        return UnitText.argumentPiece(path)
      case .variable(let name): return "${\(UnitText.environmentName(name))}"
      }
    }
    return "\"\(pieces.joined())\""
  }

  /// A literal with NUL standing for the instance id.
  private func literal(_ text: String) -> String { UnitText.literal(text).replacing("\0", with: "%i") }
}
