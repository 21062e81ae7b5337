import BerthKit
import Foundation

/// One line of the kernel's tables of sockets.
struct SocketEntry: Sendable, Equatable {
  /// 16 bytes each; those of IPv4 as IPv6 writes them (`::ffff:127.0.0.1`).
  let local, remote: [UInt8]
  let localPort, remotePort: Int
  /// The kernel's number for its state; 10 is TCP_LISTEN.
  let state: Int
  /// The user that made it.
  let user: uid_t
  /// 0 while no process has accepted the connection, or none has it any more.
  let inode: UInt64

  /// Whether it may be handed what is sent to an address.
  func reaches(_ address: [UInt8]) -> Bool { local == address || isWildcard }

  /// Whether only this host reaches it.
  var isLoopback: Bool {
    local[..<13] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127] || local == [UInt8](repeating: 0, count: 15) + [1]
  }

  private var isWildcard: Bool {
    local.allSatisfy { $0 == 0 }
      || local[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] && local[12...] == [0, 0, 0, 0]
  }
}

/// The kernel's tables of sockets, `/proc/net/{tcp,udp}{,6}` (proc(5)).
struct SocketTable {
  /// The sockets that take what comes to a port, on whatever address: for TCP those that listen, for UDP those that are
  /// bound and not connected to somebody.
  static func sockets(on port: PortNumber) -> [SocketEntry] {
    entries(port).filter { port.transport == .tcp ? $0.state == 10 : $0.remotePort == 0 }
  }

  /// All sockets of TCP that listen.
  static func listeners() -> [SocketEntry] {
    ["", "6"].flatMap { contents("/proc/net/tcp\($0)").split(separator: "\n").dropFirst().compactMap(entry) }
      .filter { $0.state == 10 }
  }

  /// All sockets that take what comes to a port, but for those of UDP on a number that the kernel chose.
  static func takingAnything() -> [OpenSocket] {
    let ends: [Int] = contents("/proc/sys/net/ipv4/ip_local_port_range").split(whereSeparator: \.isWhitespace)
      .compactMap { Int($0) }
    let chosen = ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
    var found: [OpenSocket] = []
    for transport in TransportProtocol.allCases {
      for suffix in ["", "6"] {
        let lines = contents("/proc/net/\(transport.rawValue)\(suffix)").split(separator: "\n").dropFirst()
        for entry in lines.compactMap(entry) {
          switch transport {
          case .tcp: guard entry.state == 10 else { continue }
          case .udp: guard entry.remotePort == 0, chosen?.contains(entry.localPort) != true else { continue }
          }
          found.append(OpenSocket(PortNumber(transport, entry.localPort), at: entry.address, inode: entry.inode))
        }
      }
    }
    return found
  }

  /// The control groups of the processes that hold these sockets.
  static func groups(holding inodes: Set<UInt64>) -> [UInt64: [String]] {
    var found: [UInt64: [String]] = [:]
    for process in inodes.isEmpty ? [] : processes() {
      let held = sockets(of: process)?.intersection(inodes) ?? []
      guard !held.isEmpty else { continue }
      let groups = UnitGroup.groups(of: "\(process)")
      for inode in held { found[inode, default: []] += groups }
    }
    return found
  }

  /// All sockets whose own port it is.
  static func entries(_ port: PortNumber) -> [SocketEntry] {
    let hex = String(port.number, radix: 16, uppercase: true)
    let mark = ":\(String(repeating: "0", count: 4 - hex.utf8.count))\(hex) "
    return ["", "6"].flatMap { suffix in
      contents("/proc/net/\(port.transport.rawValue)\(suffix)").split(separator: "\n").dropFirst()
        .filter { $0.contains(mark) }.compactMap(entry).filter { $0.localPort == port.number }
    }
  }

  /// Whether a socket of this host is connected to an address, or about to be (TCP_ESTABLISHED, TCP_SYN_SENT).
  static func isCalled(at address: String, _ port: Int) -> Bool {
    guard let bytes = bytes(of: address) else { return false }
    return ["", "6"].contains { suffix in
      contents("/proc/net/tcp\(suffix)").split(separator: "\n").dropFirst().lazy.compactMap(entry)
        .contains { $0.remotePort == port && $0.remote == bytes && [1, 2].contains($0.state) }
    }
  }

  /// The 16 bytes of an address in words; nil for a name.
  private static func bytes(of address: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, address, &four) == 1 { return mapped(withUnsafeBytes(of: four) { Array($0) }) }
    var six = in6_addr()
    return inet_pton(AF_INET6, address, &six) == 1 ? withUnsafeBytes(of: six) { Array($0) } : nil
  }

  private static func entry(_ line: Substring) -> SocketEntry? {
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count > 9, let (local, localPort) = place(words[1]), let (remote, remotePort) = place(words[2]),
      let state = Int(words[3], radix: 16), let user = uid_t(words[7]), let inode = UInt64(words[9])
    else { return nil }
    return SocketEntry(
      local: local, remote: remote, localPort: localPort, remotePort: remotePort, state: state, user: user, inode: inode
    )
  }

  /// `0100007F:1F90`: words of 32 bits as this machine writes them, and a port.
  private static func place(_ text: Substring) -> (address: [UInt8], port: Int)? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let port = Int(parts[1], radix: 16) else { return nil }
    var bytes: [UInt8] = []
    var rest = parts[0]
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      withUnsafeBytes(of: word) { bytes += $0 }
      rest = rest.dropFirst(8)
    }
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    return (bytes.count == 4 ? mapped(bytes) : bytes, port)
  }

  /// An address of IPv4 as IPv6 writes it.
  static func mapped(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] + bytes }

  // MARK: Whose they are

  /// Who has any of these sockets, as a person would name it.
  static func owner(of sockets: [SocketEntry]) -> String {
    let inodes = Set(sockets.map(\.inode))
    if let process = processes().first(where: { Self.sockets(of: $0).map { !$0.isDisjoint(with: inodes) } ?? false }) {
      let name = contents("/proc/\(process)/comm").split(separator: "\n").first.map(String.init) ?? "?"
      return "\(name) (process \(process))"
    }
    // Another user's processes are hidden from ordinary users; whose socket it is, is not.
    guard let user = sockets.first?.user, user != geteuid() else { return "another process" }
    return "a process of user '\(getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)")'"
  }

  /// The sockets that a process holds; nil when they cannot be seen.
  static func sockets(of process: Int) -> Set<UInt64>? {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd") else { return nil }
    // In another user namespace the names of a process of one's own can be listed, and none of them read.
    let targets = names.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")
    }
    guard !targets.isEmpty || names.isEmpty else { return nil }
    return Set(
      targets.compactMap { $0.hasPrefix("socket:[") ? UInt64($0.dropFirst("socket:[".count).dropLast()) : nil })
  }

  /// Every process on the host that this one can see.
  static func processes() -> [Int] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int.init)
  }

  /// A file of `/proc`; nothing where it cannot be read.
  ///
  /// The kernel hands a long one out in pieces, and says nothing of its size beforehand. Foundation takes the first piece
  /// for the whole.
  ///
  /// - Parameter limit: bytes; of a longer one there is nothing.
  static func contents(_ path: String, atMost limit: Int = .max) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(file, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
        if bytes.count > limit { return "" }
      } else if count == 0 || errno != EINTR {
        return String(decoding: bytes, as: UTF8.self)
      }
    }
  }
}
