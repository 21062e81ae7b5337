import BerthKit

/// The units of services that Docker Compose runs.
///
/// Compose makes an instance's containers from its files, and the manager runs them one by one: each unit is attached to
/// its container, so that a start, an end, a restart and what is written are the manager's to see. All of this is the same
/// for every instance but for names, which come from the environment, and so these units are templates.
extension UnitRenderer {
  func composeTemplate(of service: Service) throws -> String {
    let name = "\"\(ContainerName.container(manifest.id, Self.slug, service: service.id))\""
    let own = ComposeCommand(self)
    let unit =
      head(service.id, "%i") + belonging(to: service) + afterRecovery
      + ["StartLimitIntervalSec=5min", "StartLimitBurst=5"]
    var lines = [
      "Type=exec",
      "EnvironmentFile=\(literal(context.paths.environment(manifest.id, "\0", service: service.id)))",
      "UnsetEnvironment=\(engineVariables)",
    ]
    lines += guards(of: service, unit: service.id, serves: true)
    lines += try freePorts(of: service).map { ["ExecStartPre=\($0)"] } ?? []
    lines += [
      // Made anew where its files say something else by now.
      "ExecStartPre=\(own.line(["up", "--no-start", "--no-deps", composeName(service)]))",
      "ExecStart=\(own.docker(["start", "--attach"])) \(name)",
    ]
    lines += try service.ready.map { "ExecStartPost=\(try composeProbe($0, of: service))" }
    if !service.ready.isEmpty { lines.append("TimeoutStartSec=\(service.ready.map(\.timeout).reduce(30, +))") }
    if let first = service.stop.first {
      lines.append("ExecStop=-\(Self.limited(first.timeout)) \(try programLine(first.exec, of: service))")
    }
    lines += [
      "ExecStop=\(own.docker(["stop", "--time", "\(service.stop.grace)"])) \(name)",
      // What a program that ends by the signal leaves as its status (bash(1), "Exit status").
      "SuccessExitStatus=\(ContainerText.status(endedBy: service.stop.signal))",
      "TimeoutStopSec=\(service.stop.grace + (service.stop.first?.timeout ?? 0) + 15)",
      "Restart=\(manifest.compose(service)?.restarts == false ? "no" : "on-failure")",
      "RestartSec=2s",
      "SyslogIdentifier=%p@%i",
    ]
    return text([("Unit", unit), ("Service", lines + Self.accounting), install])
  }

  /// The unit that ends an instance's project once its services have stopped, so that no container, network or volume of
  /// it is left. What is in the volumes stays, since they are folders of the instance's.
  func composeUnit() -> RenderedFile {
    let unit =
      head("project of Docker Compose", "%i") + [
        "Requires=docker.service",
        "After=docker.service network-online.target",
        "Wants=network-online.target",
      ]
    let down = ComposeCommand(self).line(["down", "--volumes", "--remove-orphans", "--timeout", "5"])
    let lines =
      [
        "Type=oneshot", "RemainAfterExit=yes", "UnsetEnvironment=\(engineVariables)", "ExecStop=\(down)",
      ] + unpinnedVolumes + [
        "TimeoutStopSec=2min", "SyslogIdentifier=%p@%i",
      ]
    return RenderedFile(
      path: context.paths.unit(UnitName.compose(manifest.id)), text: text([("Unit", unit), ("Service", lines)]))
  }

  /// What takes volumes away that the units of services and jobs have pinned.
  private var unpinnedVolumes: [String] {
    guard context.pins,
      manifest.services.contains(where: { !SourceGuard($0, of: manifest, in: context).volumes.isEmpty })
    else { return [] }
    let folder = context.paths.mounts(manifest.id, "\0", unit: Manifest.composeUnit)
    let words = [context.berth, "unpin", folder].map { UnitText.word($0).replacing("\0", with: "%i") }
    return ["ExecStopPost=\(words.joined(separator: " "))"]
  }

  /// A job in a container of its own, made like its service's, beside those that its service depends on.
  func composeTemplate(of job: Job, _ service: Service) throws -> String {
    var unit = head("job \(job.id)", "%i") + belonging(to: nil)
    if job.moments.isEmpty { unit.append("After=\(UnitName.service(manifest.id, service.id, "%i"))") }
    let run = ComposeCommand(self).line(["run", "--rm", "--no-deps", "--no-TTY", composeName(service)])
    var lines = [
      "Type=oneshot",
      "EnvironmentFile=\(literal(context.paths.environment(manifest.id, "\0", service: service.id)))",
      "Environment=\(ComposeRenderer.unit)=\(job.id)",
      "UnsetEnvironment=\(engineVariables)",
    ]
    lines += guards(of: service, unit: job.id)
    lines += [
      "ExecStart=\(run) \(try commandLine(job.action.exec, of: nil))",
      "TimeoutStartSec=\(job.action.timeout)",
      Self.patience,
      "SyslogIdentifier=%p@%i",
    ]
    return text([("Unit", unit), ("Service", lines + Self.accounting)])
  }

  /// The project, and the services that one depends on.
  private func belonging(to service: Service?) -> [String] {
    let others = (service?.dependsOn ?? []).map { UnitName.service(manifest.id, $0, "%i") }
    let all = ([UnitName.compose(manifest.id, "%i")] + others).joined(separator: " ")
    return ["Requires=\(all)", "After=\(all)"]
  }

  /// What would make Compose look for another project or engine, or put something else into the plugin's file than stands
  /// there: a manager hands down its own environment.
  private var engineVariables: String {
    let own = ["COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES", "DOCKER_HOST", "DOCKER_CONTEXT"]
    return (own + (manifest.compose?.defaulted ?? [])).joined(separator: " ")
  }

  private func composeName(_ service: Service) -> String { manifest.compose?.name(of: service) ?? service.id }

  private func composeProbe(_ ready: ReadyProbe, of service: Service) throws -> String {
    switch ready.check {
    case .port: throw BerthError.badManifest("a container is not asked by its port", at: manifest.id, key: "ready")
    case .http(let check):
      let port = Template(segments: [.variable("ports.\(check.role)")])
      return httpProbe(check, timeout: ready.timeout, port: try argument(port), host: try check.host.map(argument))
    case .exec(let exec):
      let words = [context.berth, "probe", "exec", "--timeout", "\(ready.timeout)"].map(UnitText.word)
      return (words + ["\"--\"", try programLine(exec, of: service)]).joined(separator: " ")
    }
  }
}

/// Command lines of Docker for a unit.
private struct ComposeCommand {
  private let renderer: UnitRenderer

  init(_ renderer: UnitRenderer) { self.renderer = renderer }

  func docker(_ words: [String]) -> String { quoted([Container.Engine.docker.kind.program] + words) }

  /// `docker compose` with the files of the instance.
  func line(_ words: [String]) -> String {
    let home = renderer.context.paths.instance(renderer.manifest.id, "\0")
    let files = [
      "--project-directory", home, "--env-file", "\(home)/\(ScopePaths.composeEnvironment)",
      "--file", "\(home)/\(ScopePaths.composeFile)", "--file", "\(home)/\(ScopePaths.composeOverride)",
    ]
    return docker(["compose", "--progress", "quiet"] + files + words)
  }

  /// Words with NUL standing for the instance id.
  private func quoted(_ words: [String]) -> String {
    words.map { UnitText.word($0).replacing("\0", with: "%i") }.joined(separator: " ")
  }
}
