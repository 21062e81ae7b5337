import BerthKit

/// What the host forwards between networks.
///
/// Docker has the kernel drop everything that no rule lets through (`-P FORWARD DROP`), and lets through what is its own.
/// Podman's own rules lie in a table of nftables of their own, which cannot overrule that.
///
/// Source: https://docs.docker.com/engine/network/packet-filtering-firewalls/
extension PacketFilter {
  /// The chain that Docker leaves to the operator, and asks before its own.
  private static let chain = "DOCKER-USER"

  /// - Parameter uplink: the interface that leads to other hosts; nil for none.
  func missingForwards(uplink: String?) async -> [Command] {
    guard let forward = await answer("iptables", "-S", "FORWARD"),
      let own = await answer("iptables", "-S", Self.chain)
    else { return [] }
    return Self.missingForwards(forward: forward, own: own, uplink: uplink)
  }

  /// - Parameters:
  ///   - forward: the rules of `FORWARD`, as `iptables -S` prints them.
  ///   - own: those that are the operator's.
  static func missingForwards(forward: String, own: String, uplink: String?) -> [Command] {
    // Podman with iptables has rules of its own there.
    guard forward.contains("-P FORWARD DROP"), !forward.contains("NETAVARK") else { return [] }
    var wanted = [
      // What answers, and what comes to a published port. From one engine's networks into the other's nothing begins.
      ["-o", "podman+", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED,DNAT", "-j", "ACCEPT"],
      ["-i", "podman+", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"],
    ]
    if let uplink { wanted.append(["-i", "podman+", "-o", uplink, "-j", "ACCEPT"]) }
    let present = own.split(separator: "\n").map(String.init) + forward.split(separator: "\n").map(String.init)
    return wanted.filter { rule in !present.contains { isLet($0, by: rule) } }
      .map { Command("iptables", ["-I", chain] + $0) }
  }

  /// Whether a line accepts at least what a rule does: the same, or everything of these interfaces.
  private static func isLet(_ line: String, by rule: [String]) -> Bool {
    let words = line.split(separator: " ").map(String.init)
    guard words.first == "-A", words.suffix(2) == ["-j", "ACCEPT"] else { return false }
    func value(_ option: String, _ words: [String]) -> String? {
      words.firstIndex(of: option).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
    }
    func states(_ words: [String]) -> Set<Substring>? {
      value("--ctstate", words).map { Set($0.split(separator: ",")) }
    }
    let interfaces = ["-i", "-o"].allSatisfy { option in
      value(option, words) == nil || value(option, words) == value(option, rule)
    }
    guard interfaces, !words.contains("!"), value("-s", words) == nil, value("-d", words) == nil else { return false }
    guard let found = states(words) else { return true }
    return states(rule).map(found.isSuperset) ?? false
  }

  /// The interface of the first default route.
  ///
  /// - Parameter table: `/proc/net/route` (proc(5)).
  static func uplink(in table: String) -> String? {
    for line in table.split(separator: "\n").dropFirst() {
      let words: [Substring] = line.split { $0 == "\t" || $0 == " " }
      let isDefault = words.count > 7 && words[1] == "00000000" && words[7] == "00000000"
      if isDefault { return String(words[0]) }
    }
    return nil
  }
}
