import BerthKit
import Foundation

/// The host's ports, by trying to bind them, and the claims of runs of Berth.
public final class LivePorts: PortProbe {
  private let claims: PortClaims
  private let filter: PacketFilter

  /// - Parameters:
  ///   - claims: the folder of the owner's claims; see ``ScopePaths/claims``.
  ///   - runner: asks the host's packet filter.
  public init(claims: String, runner: any ProcessRunner = SubprocessRunner()) {
    self.claims = PortClaims(folder: claims)
    filter = PacketFilter(runner: runner)
  }

  public func listener(on port: PortNumber) -> String? {
    guard Self.isTaken(port) else { return nil }
    return SocketTable.owner(of: SocketTable.sockets(on: port))
  }

  public func isTaken(_ port: PortNumber) -> Bool { Self.isTaken(port) }

  public var firstOfPersons: Int {
    let text = SocketTable.contents("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    // The kernel's own default; see ip-sysctl.
    return Int(text.split(whereSeparator: \.isWhitespace).first ?? "") ?? 1024
  }

  public func isLingering(_ port: PortNumber) -> Bool { Self.hold(on: port) == .lingering }

  public func seat(on port: PortNumber, of peer: Peer) -> PortSeat? {
    let sockets = SocketTable.sockets(on: port)
    guard !sockets.isEmpty else { return nil }
    return PortSeat(
      isGlobal: sockets.contains { !$0.isLoopback },
      isOwned: !peer.own(among: sockets).isDisjoint(with: sockets.map(\.inode)))
  }

  public func open(among ports: [PortNumber]) async -> Set<PortNumber> { await filter.open(ports) }

  public func missingForwards() async -> [Command] {
    await filter.missingForwards(uplink: PacketFilter.uplink(in: SocketTable.contents("/proc/net/route")))
  }

  public func heldSubnets() -> [Subnet] {
    HostRoutes.subnets(in: SocketTable.contents("/proc/net/route")) + HostRoutes.addresses()
  }

  public func isClaimed(_ port: PortNumber) throws -> Bool { try claims.isTaken(port) }

  public func claim(_ port: PortNumber) throws -> Bool { try claims.take(port) }

  public func releaseClaims() { claims.release() }

  public func isCalled(at address: String, _ port: Int) -> Bool { SocketTable.isCalled(at: address, port) }

  public func openSockets() -> [OpenSocket] { SocketTable.takingAnything() }

  public func groups(holding inodes: Set<UInt64>) -> [UInt64: [String]] { SocketTable.groups(holding: inodes) }

  public func openDoors() -> [OpenDoor] { OpenDoors.all() }

  /// How a port is.
  enum Hold: Equatable {
    case free
    /// Nobody has it, and the kernel keeps it for closed connections a moment longer: a program that does not ask for it all
    /// the same (`SO_REUSEADDR`) cannot bind it yet.
    case lingering
    case taken
  }

  static func hold(on port: PortNumber) -> Hold {
    guard isBound(port, AF_INET) || isBound(port, AF_INET6) else { return .free }
    // A connection that is winding down is no process's any more.
    let entries = port.transport == .tcp ? SocketTable.entries(port) : []
    return !entries.isEmpty && entries.allSatisfy { $0.inode == 0 } ? .lingering : .taken
  }

  /// Whether somebody has bound the port on any address of this host.
  static func isTaken(_ port: PortNumber) -> Bool { hold(on: port) == .taken }

  /// Whether binding fails because someone else has the port. A protocol family that the host lacks takes nothing.
  private static func isBound(_ port: PortNumber, _ family: Int32) -> Bool {
    let kind = port.transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let socket = socket(family, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    // As servers do that start again at once.
    if port.transport == .tcp { setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, size) }
    let result: Int32
    if family == AF_INET {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port.number).bigEndian
      result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    } else {
      setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = in_port_t(port.number).bigEndian
      result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    guard result != 0 else { return false }
    // A port that only root may bind cannot be tried; the kernel's table tells.
    if errno == EACCES { return !SocketTable.sockets(on: port).isEmpty }
    return errno == EADDRINUSE
  }
}
