import BerthKit

/// What the host's packet filter lets everybody reach, by the program that people set it up with.
///
/// Berth changes nothing there. Where no filter is at work, or it cannot be seen, everything counts as open.
struct PacketFilter {
  /// For one answer; a filter that somebody else is about to change does not answer meanwhile.
  private static let patience = Duration.seconds(3)

  let runner: any ProcessRunner

  /// Those of some ports that are open to everybody.
  func open(_ ports: [PortNumber]) async -> Set<PortNumber> {
    if let text = await answer("ufw", "status", "verbose"), text.contains("Status: active") {
      return Set(ports.filter { Self.ufw(text).allows($0) })
    }
    if await answer("firewall-cmd", "--state")?.hasPrefix("running") == true,
      let text = await answer("firewall-cmd", "--list-ports")
    {
      return Set(ports.filter { Self.firewalld(text).allows($0) })
    }
    if let text = await answer("iptables", "-S", "INPUT") {
      return Set(ports.filter { Self.iptables(text).allows($0) })
    }
    return Set(ports)
  }

  /// What a program says; nil where there is none, or it may not look.
  func answer(_ program: String, _ words: String...) async -> String? {
    let result = try? await runner.run(Command(program, words), within: Self.patience)
    return result.flatMap { $0.status == 0 ? $0.output : nil }
  }

  /// Which ports are open to everybody.
  struct Rules: Equatable {
    var allowsOthers = false
    /// The transport, nil for both, with the first and the last number.
    var open: [(transport: String?, numbers: ClosedRange<Int>)] = []

    func allows(_ port: PortNumber) -> Bool {
      allowsOthers
        || open.contains { rule in
          (rule.transport.map { $0 == port.transport.rawValue } ?? true) && rule.numbers.contains(port.number)
        }
    }

    mutating func add(_ numbers: Substring, _ transport: Substring?) {
      let ends = numbers.split { $0 == ":" || $0 == "-" }.compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return }
      open.append((transport.map(String.init), first...last))
    }

    static func == (left: Rules, right: Rules) -> Bool {
      left.allowsOthers == right.allowsOthers
        && left.open.elementsEqual(right.open) { $0.transport == $1.transport && $0.numbers == $1.numbers }
    }
  }

  /// `8303/udp   ALLOW IN   Anywhere`
  static func ufw(_ text: String) -> Rules {
    var rules = Rules(allowsOthers: text.contains("Default: allow (incoming)"))
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard let action = words.firstIndex(of: "ALLOW"), action > 0, words[action...].contains("Anywhere") else {
        continue
      }
      let parts = words[0].split(separator: "/")
      for numbers in parts.first?.split(separator: ",") ?? [] { rules.add(numbers, parts.count > 1 ? parts[1] : nil) }
    }
    return rules
  }

  /// `8303/udp 8400-8410/tcp`
  static func firewalld(_ text: String) -> Rules {
    var rules = Rules()
    for word in text.split(whereSeparator: \.isWhitespace) {
      let parts = word.split(separator: "/")
      if parts.count == 2 { rules.add(parts[0], parts[1]) }
    }
    return rules
  }

  /// `-A INPUT -p udp -m udp --dport 8303 -j ACCEPT`
  static func iptables(_ text: String) -> Rules {
    var rules = Rules(allowsOthers: text.contains("-P INPUT ACCEPT"))
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      func value(_ option: Substring) -> Substring? {
        words.firstIndex(of: option).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
      }
      // A rule for some senders or one interface is none for everybody.
      guard value("-j") == "ACCEPT", value("-s") == nil, value("-i") == nil else { continue }
      for numbers in (value("--dport") ?? value("--dports"))?.split(separator: ",") ?? [] {
        rules.add(numbers, value("-p"))
      }
    }
    return rules
  }
}
