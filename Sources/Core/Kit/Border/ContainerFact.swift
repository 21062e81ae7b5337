/// What a file of Docker Compose may say of a service beyond its image, variables, ports and folders, by the words of Compose.
///
/// A value is a text; what is a list there has a line for each part.
public enum ContainerFact: String, Sendable, Hashable, CaseIterable {
  case user, command, entrypoint
  case workingFolder = "working_dir"
  case healthcheck, hostname, domainname, networks, aliases
  case address = "ipv4_address"
  case dns
  case dnsSearch = "dns_search"
  case dnsOptions = "dns_opt"
  case hosts = "extra_hosts"
  case sharedMemory = "shm_size"
  case memory = "mem_limit"
  case processors = "cpus"
  case ulimits, sysctls, devices
  case groups = "group_add"
  case capabilities = "cap_add"
  case privileged
  case initProcess = "init"
  case stopSignal = "stop_signal"
  case stopGrace = "stop_grace_period"

  /// Whether a password may stand in it.
  public var mayHoldSecret: Bool { [.command, .entrypoint, .healthcheck].contains(self) }

  /// Whether the image says it where nobody else does.
  public var isImages: Bool { [.user, .command, .entrypoint, .workingFolder, .healthcheck].contains(self) }

  /// What Docker takes where nobody says anything.
  private var standard: String? {
    switch self {
    case .sharedMemory: "64M"
    case .stopSignal: "SIGTERM"
    default: nil
    }
  }

  /// Whether only what a container loses of it matters: what it gets beyond that, the plugin's plan shows.
  private var isRight: Bool { [.devices, .capabilities, .aliases].contains(self) }

  /// Whether every instance has a bound of its own, which is no news where the project had none.
  private var isBound: Bool { [.memory, .processors, .stopGrace].contains(self) }

  /// What is otherwise than it was; nil where it is the same, in whatever words.
  ///
  /// - Parameter image: what the image says where nobody else does.
  /// - Returns: both, as people are told of them; nil where nobody says anything but the image.
  public func change(
    from before: String?, to after: String?, image: String? = nil
  ) -> (before: String?, after: String?)? {
    let own = image.flatMap(canonical)
    let former = before.flatMap(canonical) ?? own ?? standard
    var now = after.flatMap(canonical) ?? own ?? standard
    if isRight {
      let had = Set(Self.parts(former))
      now = Self.list(Self.parts(now).filter(had.contains))
    }
    guard former != now, !(isBound && former == nil) else { return nil }
    return own == nil ? (former, now) : (former == own ? nil : former, now == own ? nil : now)
  }

  // MARK: One way to say it

  private static func parts(_ text: String?) -> [String] { text?.split(separator: "\n").map(String.init) ?? [] }

  private static func list(_ parts: [String]) -> String? {
    parts.isEmpty ? nil : Set(parts).sorted().joined(separator: "\n")
  }

  private func canonical(_ text: String) -> String? {
    switch self {
    case .user, .workingFolder, .hostname, .domainname: return text.isEmpty ? nil : text
    case .command, .entrypoint, .healthcheck:
      // One text or a list of words, and quotes around some of them.
      let words = text.filter { $0 != "\"" && $0 != "'" }.split(whereSeparator: \.isWhitespace)
      return words.isEmpty ? nil : words.joined(separator: " ")
    case .sharedMemory, .memory: return Self.bytes(text).map(ByteSize.text(ofBytes:)) ?? (text == "0" ? nil : text)
    case .processors: return Double(text).flatMap { $0 > 0 ? "\($0)" : nil }
    case .privileged, .initProcess: return text == "true" ? text : nil
    case .stopSignal: return Self.signal(text)
    case .stopGrace: return text
    case .networks:
      let names = Self.list(Self.parts(text))
      return names == Container.Network.shared ? nil : names
    case .ulimits: return Self.list(Self.parts(text).map(Self.ulimit))
    case .hosts: return Self.list(Self.parts(text).map { Self.replacing("=", with: ":", in: $0) })
    case .capabilities:
      return Self.list(
        Self.parts(text).map { $0.uppercased() }.map { $0.hasPrefix("CAP_") ? String($0.dropFirst(4)) : $0 })
    case .devices:
      return Self.list(Self.parts(text).map { String($0.prefix { $0 != ":" }) })
    case .aliases, .address, .dns, .dnsSearch, .dnsOptions, .sysctls, .groups: return Self.list(Self.parts(text))
    }
  }

  /// `64m`, `64mb` and `67108864` are one size to Compose.
  private static func bytes(_ text: String) -> Int? {
    var text = text.uppercased()
    if text.hasSuffix("B") { text.removeLast() }
    return ByteSize.bytes(of: text)
  }

  private static func signal(_ text: String) -> String? {
    let numbers = ["1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "10": "USR1", "12": "USR2", "15": "TERM"]
    let name = numbers[text] ?? text.uppercased()
    return name.isEmpty ? nil : name.hasPrefix("SIG") ? name : "SIG\(name)"
  }

  /// `nofile=1024` bounds both.
  private static func ulimit(_ text: String) -> String {
    guard let equals = text.firstIndex(of: "="), !text[equals...].contains(":") else { return text }
    return "\(text):\(text[text.index(after: equals)...])"
  }

  private static func replacing(_ character: Character, with other: Character, in text: String) -> String {
    guard let index = text.firstIndex(of: character), !text[..<index].contains(other) else { return text }
    return "\(text[..<index])\(other)\(text[text.index(after: index)...])"
  }
}
