import BerthKit
import Synchronization
import Testing

@testable import BerthHost

@Suite("What the host's packet filter lets through")
struct PacketFilterTests {
  private let ports = [
    PortNumber(.udp, 8303), PortNumber(.tcp, 8303), PortNumber(.udp, 8405), PortNumber(.tcp, 22),
    PortNumber(.udp, 9000),
  ]

  /// Programs that answer as they are told; one that is not named is not there.
  private struct Programs: ProcessRunner {
    let answers: [String: (status: Int32, output: String)]

    func run(_ command: Command) async throws -> CommandResult {
      guard let answer = answers["\(command.program) \(command.arguments.joined(separator: " "))"] else {
        throw BerthError("program-missing", .unavailable, "there is no '\(command.program)'")
      }
      return CommandResult(status: answer.status, output: answer.output, errorOutput: "")
    }

    func pieces(_ command: Command, each: @Sendable @escaping ([UInt8]) async throws -> Void) async throws -> Int32 {
      1
    }
  }

  private func open(_ answers: [String: (status: Int32, output: String)]) async -> [PortNumber] {
    await PacketFilter(runner: Programs(answers: answers)).open(ports).sorted()
  }

  @Test("where none is at work, or none may be looked at, everything counts as open")
  func none() async {
    #expect(await open([:]) == ports.sorted())
    #expect(await open(["ufw status verbose": (0, "Status: inactive\n")]) == ports.sorted())
    #expect(await open(["ufw status verbose": (1, ""), "iptables -S INPUT": (4, "")]) == ports.sorted())
    #expect(await open(["firewall-cmd --state": (252, "not running\n")]) == ports.sorted())
    #expect(await open(["iptables -S INPUT": (0, "-P INPUT ACCEPT\n")]) == ports.sorted())
  }

  // MARK: What is passed on

  private static let docker = """
    -P FORWARD DROP
    -A FORWARD -j DOCKER-USER
    -A FORWARD -j DOCKER-ISOLATION-STAGE-1
    -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    -A FORWARD -i docker0 ! -o docker0 -j ACCEPT

    """

  @Test("where Docker has everything else dropped, Podman's containers need rules, and none twice")
  func forwards() {
    func missing(_ forward: String, _ own: String) -> [String] {
      PacketFilter.missingForwards(forward: forward, own: own, uplink: "eth0").map(\.line)
    }
    let bare = "-N DOCKER-USER\n-A DOCKER-USER -j RETURN\n"
    let all = [
      "iptables -I DOCKER-USER -o podman+ -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT",
      "iptables -I DOCKER-USER -i podman+ -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "iptables -I DOCKER-USER -i podman+ -o eth0 -j ACCEPT",
    ]
    #expect(missing(Self.docker, bare) == all)
    // As iptables prints them once they are there.
    let rules = all.map { $0.replacing("iptables -I", with: "-A") }.joined(separator: "\n")
    #expect(missing(Self.docker, "-N DOCKER-USER\n\(rules)\n") == [])
    #expect(missing(Self.docker, "\(bare)-A DOCKER-USER -i podman+ -j ACCEPT\n") == [all[0]])
    #expect(missing(Self.docker, "\(bare)-A DOCKER-USER -s 192.0.2.0/24 -i podman+ -j ACCEPT\n") == all)
    #expect(missing("-P FORWARD ACCEPT\n", bare) == [])
    #expect(missing("\(Self.docker)-A FORWARD -j NETAVARK_FORWARD\n", bare) == [])
  }

  @Test("the way to other hosts is that of the default route")
  func uplink() {
    let table = """
      Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
      podman1\t0000580A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
      eth0\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
      """
    #expect(PacketFilter.uplink(in: table) == "eth0")
    #expect(PacketFilter.uplink(in: "Iface\tDestination\n") == nil)
  }

  @Test("ufw's rules for everybody count, also ranges and those for both protocols")
  func ufw() async {
    let text = """
      Status: active
      Logging: on (low)
      Default: deny (incoming), allow (outgoing), disabled (routed)
      New profiles: skip

      To                         Action      From
      --                         ------      ----
      8303/udp                   ALLOW IN    Anywhere
      8400:8410/udp              ALLOW IN    Anywhere                   # game
      22                         ALLOW IN    Anywhere
      9000/udp                   ALLOW IN    192.0.2.0/24
      8303/tcp                   DENY IN     Anywhere
      8303/udp (v6)              ALLOW IN    Anywhere (v6)
      """
    let found = await open(["ufw status verbose": (0, text)])
    #expect(found == [PortNumber(.tcp, 22), PortNumber(.udp, 8303), PortNumber(.udp, 8405)])
    let lax = text.replacing("Default: deny (incoming)", with: "Default: allow (incoming)")
    #expect(await open(["ufw status verbose": (0, lax)]) == ports.sorted())
  }

  @Test(
    "a line of ufw's that begins with a lone slash, or with nothing, opens nothing",
    arguments: ["/", "//", "/udp", ","])
  func oddLine(_ word: String) async {
    let text = "Status: active\nDefault: deny (incoming)\n\(word)   ALLOW IN    Anywhere\n22   ALLOW IN    Anywhere\n"
    #expect(await open(["ufw status verbose": (0, text)]) == [PortNumber(.tcp, 22)])
  }

  @Test("firewalld's ports count while it runs")
  func firewalld() async {
    let found = await open([
      "firewall-cmd --state": (0, "running\n"), "firewall-cmd --list-ports": (0, "8303/udp 8400-8410/udp 22/tcp\n"),
    ])
    #expect(found == [PortNumber(.tcp, 22), PortNumber(.udp, 8303), PortNumber(.udp, 8405)])
  }

  @Test("rules of iptables for some senders or one interface open nothing to everybody")
  func iptables() async {
    let text = """
      -P INPUT DROP
      -A INPUT -i lo -p udp -m udp --dport 9000 -j ACCEPT
      -A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 8303 -j ACCEPT
      -A INPUT -p udp -m udp --dport 8303 -j ACCEPT
      -A INPUT -p udp -m multiport --dports 8400:8410,8500 -j ACCEPT
      -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
      -A INPUT -p udp -m udp --dport 9000 -j DROP
      """
    #expect(
      await open(["iptables -S INPUT": (0, text)])
        == [PortNumber(.tcp, 22), PortNumber(.udp, 8303), PortNumber(.udp, 8405)])
  }
}
