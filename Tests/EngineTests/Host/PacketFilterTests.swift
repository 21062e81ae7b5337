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

    func lines(_ command: Command, each: @Sendable @escaping (String) async throws -> Void) async throws -> Int32 { 1 }
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
