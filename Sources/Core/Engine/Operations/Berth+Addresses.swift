import BerthKit
import BerthPlanning

/// The addresses of networks that Docker Compose makes.
extension Berth {
  /// What the host has of the pools that its configuration names.
  func addressSpace(_ config: HostConfig) async throws -> AddressSpace {
    async let docker = host.containers.docker.subnets()
    async let podman = host.containers.podman.subnets()
    let held = try await docker + podman + host.ports.heldSubnets()
    return AddressSpace(pools: config.addressPools, held: held, file: paths.hostConfig)
  }

  /// Pools that have room for a few instances only.
  func addressFindings(_ records: [InstanceRecord]) async throws -> [Finding] {
    guard records.contains(where: { $0.images.values.contains(where: \.runner.kind.needsAddresses) }) else { return [] }
    let (config, few) = (try hostConfig(), 8)
    let room = try await addressSpace(config).room(besides: records, upTo: few)
    guard room < few else { return [] }
    let pools = config.addressPools.map(\.description).joined(separator: ", ")
    return [
      Finding(
        code: "no-addresses", subject: paths.hostConfig,
        problem: "\(pools) has addresses for \(room == 0 ? "no" : "\(room)") more networks of Docker Compose",
        remedy: .pools(paths.hostConfig))
    ]
  }
}
