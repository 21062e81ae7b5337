import BerthKit

/// What is otherwise where a container is run by a person's own Podman, without root.
extension UnitRenderer {
  /// Who a container runs as, and in a person's scope whose its files are.
  ///
  /// There the number that writes them is the person's on the host, so that the person can read, back up and delete what a
  /// container wrote. It is the user that the plugin tells by a number, or the instance's where the image starts as root and
  /// is told that number (as by `PUID`). Where it is root, Podman does so by itself.
  func userLines(
    of service: Service, _ container: Container, _ instance: InstanceValues, _ variables: Variables
  ) throws -> [String] {
    let user = try container.user.flatMap { try variables.text($0) }
    let told = user.map { ["User=\($0)"] } ?? []
    guard context.rights == .person else { return told }
    if let user {
      let numbers = user.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
      guard let number = numbers[0], number != 0 else { return told }
      let group = numbers.count > 1 ? numbers[1] : nil
      return told + ["UserNS=keep-id:uid=\(number)" + (group.map { ",gid=\($0)" } ?? "")]
    }
    guard service.environment.contains(where: { $0.value.variables.contains("instance.uid") }) else { return [] }
    return ["User=0", "UserNS=keep-id:uid=\(instance.userNumber),gid=\(instance.groupNumber)"]
  }

  /// A section that keeps Podman from waiting for the host's network: no person's manager knows when it is there, and what
  /// Podman waits with takes 90 s on a host where nothing asks for it (podman-systemd.unit(5), "DefaultDependencies=").
  var quadlet: [(name: String, lines: [String])] {
    context.rights == .person ? [("Quadlet", ["DefaultDependencies=false"])] : []
  }
}
