import BerthHost
import BerthKit

/// What lets an instance reach what is not its own.
extension Berth {
  /// Programs of the host that obey every program that reaches them, and strangers on the ports of instances that run.
  func doorFindings() async throws -> [Finding] {
    var findings = host.ports.openDoors().map { door in
      Finding(
        code: "open-door", subject: door.program.rawValue,
        problem: "every program of this host can give it orders at \(door.address)", remedy: door.program.remedy)
    }
    guard try hostConfig().proxy?.kind == .caddy, !findings.contains(where: { $0.subject == "caddy" }),
      let address = try await host.proxies.openAdmin(.caddy)
    else { return findings }
    findings.append(
      Finding(
        code: "open-door", subject: "caddy", problem: "every program of this host can give it orders at \(address)",
        remedy: OpenDoor.Program.caddy.remedy))
    return findings
  }
}

extension OpenDoor.Program {
  /// What closes it.
  fileprivate var remedy: Remedy {
    switch self {
    case .caddy: .prose(BerthError.closedAdmin)
    case .docker:
      .prose(
        "take 'tcp://' out of \"hosts\" in /etc/docker/daemon.json and '-H tcp://' out of docker.service; then: "
          + "systemctl restart docker")
    case .podman:
      "systemctl enable --now podman.socket, which listens on /run/podman/podman.sock, and end the other one"
    }
  }
}
