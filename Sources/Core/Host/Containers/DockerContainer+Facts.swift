import BerthKit

extension DockerContainer {
  /// What its project's file says of it; what Docker and the image say where the file is silent is left out.
  ///
  /// - Parameters:
  ///   - image: its own; nil where Docker has it no longer.
  ///   - networks: the names of the project's networks.
  func facts(of image: DockerImage?, _ networks: Set<String>) -> [ContainerFact: String] {
    let common = image?.config
    func own<Value: Equatable>(_ value: Value?, _ images: Value?) -> Value? { value == images ? nil : value }
    func list(_ parts: [String]?) -> String? { parts.flatMap { $0.isEmpty ? nil : $0.joined(separator: "\n") } }
    func words(_ parts: [String]?) -> String? { parts.flatMap { $0.isEmpty ? nil : $0.joined(separator: " ") } }
    let memberships = (network.Networks ?? [:]).filter { networks.contains($0.key) }.sorted { $0.key < $1.key }
    let names: Set = [service, plainName, String(id.prefix(12))]
    let prefix = "\(project)_"
    let facts: [ContainerFact: String?] = [
      .user: own(user, common?.User ?? ""),
      .command: words(own(config.Cmd, common?.Cmd)),
      .entrypoint: words(own(config.Entrypoint, common?.Entrypoint)),
      .workingFolder: own(config.WorkingDir ?? "", common?.WorkingDir ?? ""),
      .healthcheck: words(own(config.Healthcheck?.Test, common?.Healthcheck?.Test)),
      // Docker makes one of the id, and in the host's network it is the host's.
      .hostname: host.NetworkMode == "host" || config.Hostname == String(id.prefix(12)) ? nil : config.Hostname,
      .domainname: config.Domainname,
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
    return facts.compactMapValues { $0.flatMap { $0.isEmpty ? nil : $0 } }
  }
}
