/// A protocol and a number: what can be taken only once on a host.
public struct PortNumber: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  public let transport: TransportProtocol
  public let number: Int

  public init(_ transport: TransportProtocol, _ number: Int) {
    self.transport = transport
    self.number = number
  }

  /// Seconds for which Linux keeps a port of TCP's from programs after its connections were closed (TIME-WAIT).
  public static let linger = 60

  public var description: String { "\(transport.rawValue)/\(number)" }

  public static func < (left: PortNumber, right: PortNumber) -> Bool {
    (left.number, left.transport) < (right.number, right.transport)
  }
}

/// A port on which a program of the host does what everybody says who reaches it.
public struct OpenDoor: Sendable, Equatable {
  /// Which program it is.
  public enum Program: String, Sendable {
    case caddy, docker, podman
  }

  public let program: Program
  /// Such as `127.0.0.1:2019`.
  public let address: String

  public init(_ program: Program, at address: String) {
    self.program = program
    self.address = address
  }
}

/// Who takes what comes to a port now.
public struct PortSeat: Sendable, Equatable {
  /// Whether others than this host reach it, as far as its address says.
  public let isGlobal: Bool
  /// Whether those have it who should.
  public let isOwned: Bool

  public init(isGlobal: Bool, isOwned: Bool) {
    self.isGlobal = isGlobal
    self.isOwned = isOwned
  }
}

/// A socket of this host that takes what comes to a port: for TCP one that listens, for UDP one that is bound and not
/// connected to somebody.
public struct OpenSocket: Sendable, Hashable {
  /// Who reaches it, as far as its address says.
  public enum Reach: Sendable, Comparable {
    /// This host alone.
    case host
    /// Whoever reaches one address of the host's.
    case address
    /// Whoever reaches any address of the host's.
    case everywhere
  }

  public let port: PortNumber
  /// Such as `127.0.0.1` and `::`.
  public let address: String
  /// The kernel's number for it.
  public let inode: UInt64

  public init(_ port: PortNumber, at address: String, inode: UInt64) {
    (self.port, self.address, self.inode) = (port, address, inode)
  }

  public var reach: Reach { Self.reach(of: address) }

  /// What an address in words reaches.
  public static func reach(of address: String) -> Reach {
    if ["0.0.0.0", "::"].contains(address) { return .everywhere }
    return HostAddress.isLoopback(address) ? .host : .address
  }
}

/// The host's live ports.
public protocol PortProbe: Sendable {
  /// Whether a port is somebody's now, on IPv4 or IPv6: two calls of the kernel, however many ports are taken.
  func isTaken(_ port: PortNumber) -> Bool
  /// The first number that programs of a person may open; those below are root's.
  var firstOfPersons: Int { get }
  /// Who listens on a port now, on IPv4 or IPv6; nil when it is free. For one that is taken the sockets of all processes are
  /// looked at, which is too dear for a search.
  ///
  /// - Returns: a process as a person would name it, or `another process` when it cannot be seen.
  func listener(on port: PortNumber) -> String?
  /// Who has a port now; nil when nobody has.
  ///
  /// - Parameter peer: who should.
  func seat(on port: PortNumber, of peer: Peer) -> PortSeat?
  /// Those of some ports that the host's packet filter lets everybody reach; all where none is at work.
  func open(among ports: [PortNumber]) async -> Set<PortNumber>
  /// Whether another Berth of the same owner is about to use a port, whatever its scope or registry.
  ///
  /// - Throws: what ``claim(_:)`` throws.
  func isClaimed(_ port: PortNumber) throws -> Bool
  /// Takes a port for this run of Berth against every other Berth of the same owner, whatever its scope or registry.
  ///
  /// The claim ends with ``releaseClaims()``, or with the process; claiming a second time is no error.
  /// - Returns: false when another Berth is about to use it.
  /// - Throws: an error of the file system, or `claims-folder` where others may write in the folder of the claims.
  func claim(_ port: PortNumber) throws -> Bool
  func releaseClaims()
  /// Whether a port is nobody's, and closed connections keep it from a service for up to ``PortNumber/linger`` seconds.
  func isLingering(_ port: PortNumber) -> Bool
  /// The commands that let Podman's containers reach other hosts, and be reached by them, where the host's packet filter
  /// keeps them from it, as Docker sets it up; nothing where it does not.
  func missingForwards() async -> [Command]
  /// The ranges of addresses that this host has an address in or a way to, but for the way to everywhere.
  func heldSubnets() -> [Subnet]
  /// Whether a program of this host has a connection of TCP to an address, or asks for one.
  func isCalled(at address: String, _ port: Int) -> Bool
  /// The sockets of this host that listen on a port, read once. UDP sockets on the kernel's own range of ports
  /// (`ip_local_port_range`) are left out.
  func openSockets() -> [OpenSocket]
  /// The control groups of the processes that hold sockets, by the sockets' inodes, with one look at all processes. What
  /// cannot be seen is left out.
  func groups(holding inodes: Set<UInt64>) -> [UInt64: [String]]
  /// Programs that take orders by TCP, and so from every instance too.
  func openDoors() -> [OpenDoor]
}
