import BerthKit

extension DockerContainer {
  /// What its project's file and its image say of it; what Docker says where both are silent is left out.
  ///
  /// - Parameter networks: the names of the project's networks.
  func facts(in networks: Set<String>) -> [ContainerFact: String] {
    func list(_ parts: [String]?) -> String? { parts.flatMap { $0.isEmpty ? nil : $0.joined(separator: "\n") } }
    // In the network of the host, or of another container, it has the name that is there.
    let mode = host.NetworkMode ?? ""
    let hasName = mode != "host" && !mode.hasPrefix("container:")
    let memberships = (network.Networks ?? [:]).filter { networks.contains($0.key) }.sorted { $0.key < $1.key }
    let names: Set = [service, plainName, String(id.prefix(12))]
    let prefix = "\(project)_"
    let facts: [ContainerFact: String?] = [
      // Docker makes one of the id.
      .hostname: !hasName || config.Hostname == String(id.prefix(12)) ? nil : config.Hostname,
      .domainname: hasName ? config.Domainname : nil,
      .networks: list(memberships.map { $0.key.hasPrefix(prefix) ? String($0.key.dropFirst(prefix.count)) : $0.key }),
      .aliases: list(memberships.flatMap { $0.value.Aliases ?? [] }.filter { !names.contains($0) }),
      .address: list(memberships.compactMap { $0.value.IPAMConfig?.IPv4Address }.filter { !$0.isEmpty }),
      .dns: list(host.Dns), .dnsSearch: list(host.DnsSearch), .dnsOptions: list(host.DnsOptions),
      .hosts: list(host.ExtraHosts),
      .sharedMemory: host.ShmSize.map { "\($0)" }, .memory: host.Memory.map { "\($0)" },
      .processors: host.NanoCpus.map { "\(Double($0) / 1e9)" },
      .ulimits: list(host.Ulimits?.map { "\($0.Name)=\($0.Soft):\($0.Hard)" }),
      .sysctls: list(host.Sysctls?.map { "\($0.key)=\($0.value)" }),
      .devices: list(host.Devices?.map(\.PathOnHost)), .groups: list(host.GroupAdd),
      .capabilities: list(host.CapAdd), .privileged: host.Privileged.map { "\($0)" },
      .initProcess: host.Init.map { "\($0)" }, .stopSignal: config.StopSignal,
      .stopGrace: config.StopTimeout.map { "\($0)s" },
    ]
    let own = facts.compactMapValues { $0.flatMap { $0.isEmpty ? nil : $0 } }
    return own.merging(
      DockerImage.facts(
        user: config.User, config.Cmd, config.Entrypoint, folder: config.WorkingDir, config.Healthcheck)
    ) { own, _ in own }
  }
}

extension DockerImage {
  var facts: [ContainerFact: String] {
    Self.facts(user: config.User, config.Cmd, config.Entrypoint, folder: config.WorkingDir, config.Healthcheck)
  }

  /// What an image says, and a container in its place.
  fileprivate static func facts(
    user: String?, _ command: [String]?, _ entrypoint: [String]?, folder: String?, _ healthcheck: Healthcheck?
  ) -> [ContainerFact: String] {
    let facts: [ContainerFact: String?] = [
      .user: user, .command: command?.joined(separator: " "), .entrypoint: entrypoint?.joined(separator: " "),
      .workingFolder: folder, .healthcheck: healthcheck?.Test?.joined(separator: " "),
    ]
    return facts.compactMapValues { $0.flatMap { $0.isEmpty ? nil : $0 } }
  }
}
