import BerthKit

/// The unit files of containers, which Podman's generator turns into services (podman-systemd.unit(5)).
///
/// They are per instance: what a template refers to is not, and generated units cannot be enabled one by one.
extension UnitRenderer {
  /// One file for each service that runs in a container and each of its jobs, and one for the network that they share.
  public func containers(of instance: InstanceValues, variables: Variables) throws -> [RenderedFile] {
    let services = manifest.enabledServices(instance.settings).filter { $0.engine == .podman }
    let files = try services.compactMap { service in
      try service.container.map { container in
        RenderedFile(
          path: context.paths.container(manifest.id, service.id, instance.key.id.text),
          text: try text(of: container, service, instance, variables), service: service.id)
      }
    }
    let jobs = try manifest.enabledJobs(instance.settings).compactMap { job in
      try services.first { $0.id == job.service }.map { service in
        RenderedFile(
          path: context.paths.container(manifest.id, job.id, instance.key.id.text),
          text: try text(of: job, service, instance, variables))
      }
    }
    // Networks of services that this instance does not have are none of its own.
    let others = Set(services.flatMap { $0.container?.networks ?? [] }.map(\.name))
      .subtracting([Container.Network.shared]).sorted()
    let networks = files.isEmpty ? [] : [Container.Network.shared] + others
    return networks.map { network($0, of: instance) } + files + jobs
  }

  private func network(_ network: String, of instance: InstanceValues) -> RenderedFile {
    let id = instance.key.id.text
    let isShared = network == Container.Network.shared
    let name =
      isShared
      ? ContainerName.shared(manifest.id, instance.slug) : ContainerName.part(network, manifest.id, instance.slug)
    let text = text(
      [
        (
          "Unit",
          head(isShared ? "network" : "network \(network)", id) + [
            // Single services run without the target, for a dump or a job.
            "StopWhenUnneeded=yes"
          ]
        ),
        // Podman would carry packets to the containers of other networks, whatever address their ports are published on.
        (
          "Network",
          ["NetworkName=\(name)", "Options=isolate=true"]
            // Nothing comes through to a container that has no such address.
            + (manifest.ports.contains { $0.bind.contains(":") && manifest.publisher(of: $0)?.container != nil }
              ? ["IPv6=true"] : [])
        ),
        // It comes with the first container and goes with the last one, so that nothing is left of it.
        ("Service", ["ExecStop=-\(Container.Engine.podman.kind.program) network rm \(name)"]),
      ] + quadlet)
    return RenderedFile(path: context.paths.network(manifest.id, id, network), text: text)
  }

  /// The networks that a container is in, where it is found by the name of its service, or the service whose network it is.
  ///
  /// - Parameter isService: whether it is the service itself, and not a job beside it, which nobody looks for.
  func networks(of container: Container, _ service: Service, _ instance: InstanceValues, isService: Bool) -> [String] {
    if let owner = container.network {
      return ["Network=container:\(ContainerName.container(manifest.id, instance.slug, service: owner))"]
    }
    let shared = Container.Network.shared
    let named = container.networks.contains { $0.name == shared } ? [] : [Container.Network(shared)]
    return (named + container.networks).map { network in
      let file = context.paths.networkFile(manifest.id, instance.key.id.text, network.name)
      let aliases = ([service.id] + network.aliases.filter { $0 != service.id }).map { "alias=\($0)" }
      return "Network=\(file)" + (isService ? ":\(aliases.joined(separator: ","))" : "")
    }
  }

  private func text(
    of container: Container, _ service: Service, _ instance: InstanceValues, _ variables: Variables
  ) throws -> String {
    let id = instance.key.id.text
    return text(
      [
        ("Unit", head(service.id, id) + order(of: service, id)),
        ("Container", try containerLines(container, service, instance, variables)),
        ("Service", try serviceLines(service, instance, variables)),
      ] + quadlet)
  }

  private func containerLines(
    _ container: Container, _ service: Service, _ instance: InstanceValues, _ variables: Variables
  ) throws -> [String] {
    var lines = try insides(
      of: container, service, instance, variables, name: service.id,
      network: networks(of: container, service, instance, isService: true) + publishedPorts(of: service, instance))
    if !container.exec.isEmpty {
      lines.append("Exec=\(try words(container.exec, variables).map(UnitText.word).joined(separator: " "))")
    }
    lines += [
      "StopSignal=\(service.stop.signal)",
      "StopTimeout=\(service.stop.grace)",
    ]
    // The manager asks it before the probes from outside, whatever their order.
    for case .exec(let exec) in service.ready.map(\.check) {
      let words = try exec.map { try variables.text($0) ?? "" }
      lines += [
        "HealthCmd=\(ContainerText.literal(ContainerText.list(words)))",
        "HealthInterval=5s",
        "HealthRetries=3",
        // A start is done when the program has ended well for the first time.
        "Notify=healthy",
      ]
    }
    return lines
  }

  /// What the containers of a service and of its jobs have alike: image, user, environment and what they see of the host.
  ///
  /// - Parameters:
  ///   - name: the service or the job; no two of them have one name.
  ///   - network: the lines about its network and ports.
  func insides(
    of container: Container, _ service: Service, _ instance: InstanceValues, _ variables: Variables, name: String,
    network: [String]
  ) throws -> [String] {
    let id = instance.key.id.text
    let reference = try variables.text(container.image) ?? ""
    var lines = [
      "ContainerName=\(ContainerName.container(manifest.id, instance.slug, service: name))",
      "Image=\(instance.images[service.id] ?? reference)",
      "Pull=\(instance.images[service.id] == nil ? "missing" : "never")",
    ]
    if !container.entrypoint.isEmpty {
      let list = ContainerText.list(try words(container.entrypoint, variables))
      lines.append("Entrypoint=\(ContainerText.literal(list))")
    }
    lines += try userLines(of: service, container, instance, variables)
    if let group = container.group { lines.append("Group=\(group)") }
    if let group = instance.sharedGroup {
      lines += ["GroupAdd=\(group.number)", "PodmanArgs=--umask=\(SharedGroup.umask)"]
    }
    if let workdir = container.workdir { lines.append("WorkingDir=\(ContainerText.literal(workdir))") }
    lines += try container.labels.map { label in
      "Label=" + UnitText.word("\(label.name)=\(try variables.text(label.value) ?? "")")
    }
    lines += container.places.map { "Tmpfs=\($0)" }
    if let size = container.shmSize.flatMap(ByteSize.bytes) { lines.append("ShmSize=\(size)") }
    lines += network
    lines.append(
      "EnvironmentFile=\(ContainerText.literal(context.paths.containerEnvironment(manifest.id, id, service: service.id)))"
    )
    lines += try service.mounts.enumerated().compactMap { number, mount in
      guard mount.condition?.holds(instance.settings) ?? true else { return nil }
      let folder = context.paths.mounts(manifest.id, id, unit: name)
      return try variables.text(mount.path).map {
        let source = context.pin(number, mount, in: folder) ?? $0
        return
          "Volume=\(ContainerText.literal(source)):\(ContainerText.literal(mount.target)):\(mount.isReadOnly ? "ro," : "")nosuid,nodev"
      }
    }
    lines += container.devices.filter { $0.condition?.holds(instance.settings) ?? true }.map { "AddDevice=\($0.path)" }
    return lines
      + ContainerHardening.lines(
        of: service, instance, profile: context.paths.seccomp(instance.key), context.rights)
  }

  private func words(_ words: [Template], _ variables: Variables) throws -> [String] {
    try words.map { try variables.text($0) ?? "" }
  }

  /// `ADDRESS:PORT:TARGET/PROTOCOL` for each port of the service, so that it is open on the declared address only.
  private func publishedPorts(of service: Service, _ instance: InstanceValues) -> [String] {
    manifest.enabledPorts(instance.settings).filter { manifest.publisher(of: $0)?.id == service.id }.flatMap { role in
      guard let number = instance.ports[role.role] else { return [String]() }
      // Without an address it is published on those of both versions.
      let address = role.isOnEveryAddress ? "" : role.bind.contains(":") ? "[\(role.bind)]:" : "\(role.bind):"
      return role.protocols.map { "PublishPort=\(address)\(number):\(role.target ?? number)/\($0.rawValue)" }
    }
  }

  private func serviceLines(
    _ service: Service, _ instance: InstanceValues, _ variables: Variables
  ) throws -> [String] {
    var lines = try guards(of: service, unit: service.id, serves: true, instance, variables)
    let numbers = ports(of: service).flatMap { role in
      role.protocols.compactMap { transport in instance.ports[role.role].map { "\(transport.rawValue)/\($0)" } }
    }
    if !numbers.isEmpty {
      let words = [context.berth, "probe", "free"] + numbers
      lines.append("ExecStartPre=\(words.map(UnitText.word).joined(separator: " "))")
    }
    for ready in service.ready {
      guard case .http(let check) = ready.check else { continue }
      lines.append("ExecStartPost=\(try probe(check, timeout: ready.timeout, instance, variables))")
    }
    if !service.ready.isEmpty { lines.append("TimeoutStartSec=\(service.ready.map(\.timeout).reduce(30, +))") }
    lines += try firstOfStop(service, instance, variables)
    lines +=
      [
        // What a program that ends by the signal leaves as its status (bash(1), "Exit status").
        "SuccessExitStatus=\(ContainerText.status(endedBy: service.stop.signal))",
        "TimeoutStopSec=\(service.stop.grace + (service.stop.first?.timeout ?? 0) + 15)",
        "Restart=on-failure",
        "RestartSec=2s",
        "SyslogIdentifier=%p@%i",
      ]
    return try lines + bounds(of: service, instance, variables)
  }

  /// What the manager counts, and the limits of a container and of its jobs.
  func bounds(of service: Service, _ instance: InstanceValues, _ variables: Variables) throws -> [String] {
    var lines = Self.accounting
    if let memory = instance.limits.memory ?? service.bounds.memory, let size = try variables.text(memory) {
      lines.append("MemoryMax=\(size)")
    }
    return lines + fixedLimits(service.bounds) + fixedLimits(instance.limits)
  }

  private func probe(
    _ check: ReadyProbe.HTTPCheck, timeout: Int, _ instance: InstanceValues, _ variables: Variables
  ) throws -> String {
    guard let number = instance.ports[check.role] else {
      throw BerthError.badManifest("there is no port '\(check.role)'", at: manifest.id, key: "ready.http.port")
    }
    let host = try check.host.flatMap { try variables.text($0) }
    return httpProbe(check, timeout: timeout, port: UnitText.word("\(number)"), host: host.map(UnitText.word))
  }
}

/// Quoting for unit files of containers.
enum ContainerText {
  /// A value of a key. Podman's generator reads it as it stands and puts it into a command line of the service's, where
  /// `%` and `$` mean something.
  static func literal(_ text: String) -> String { text.replacing("%", with: "%%").replacing("$", with: "$$") }

  /// A list in JSON, the form in which podman-run(1) takes a program and its arguments without a shell.
  static func list(_ words: [String]) -> String {
    "[" + words.map(quoted).joined(separator: ",") + "]"
  }

  private static func quoted(_ word: String) -> String { "\"\(word.backslashing("\"\\"))\"" }

  static func status(endedBy signal: String) -> Int {
    let numbers = ["SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGUSR1": 10, "SIGUSR2": 12, "SIGTERM": 15]
    return 128 + (numbers[signal] ?? 15)
  }
}
