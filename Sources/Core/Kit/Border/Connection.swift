/// Where a program listens: an address of IPv4 or IPv6, and a port.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  public let transport: TransportProtocol
  public let address: String
  /// 1…65535.
  public let port: Int

  public init(_ transport: TransportProtocol, _ address: String, _ port: Int) {
    self.transport = transport
    self.address = address
    self.port = port
  }

  public var description: String { "\(transport.rawValue) \(address.contains(":") ? "[\(address)]" : address):\(port)" }
}

/// Whose processes have to be at the other end of a connection.
public struct Peer: Sendable, Equatable {
  /// Paths of control groups, as the service manager and `/proc/PID/cgroup` show them. What is below one belongs to it.
  public let groups: [String]
  /// Whether the kernel may hand connections on into a container, so that this host has no socket at their other end. The
  /// port itself still has to be the peer's, and so has a socket that is there.
  public let isForwarded: Bool

  public init(groups: [String], isForwarded: Bool = false) {
    self.groups = groups
    self.isForwarded = isForwarded
  }
}

/// Opens connections.
public protocol Connector: Sendable {
  /// Opens one: a stream for TCP, packets to and from this one place for UDP. There is no way to open one without saying
  /// who has to be at its other end, so that no protocol can tell a secret to somebody else.
  ///
  /// - Parameters:
  ///   - peer: who has to have the port, and the other end of the connection, before anything can be sent.
  ///   - seconds: how long everything on it may take together.
  ///   - bytes: the most that it may receive altogether.
  /// - Throws: ``ConnectionFailure``, which is `.foreign` where somebody else is there.
  func open(_ endpoint: Endpoint, to peer: Peer, seconds: Double, bytes: Int) async throws -> any Connection
  /// Writes to a FIFO that a service reads.
  ///
  /// - Parameters:
  ///   - bytes: no more than 4,096, which do not mix with those of others.
  ///   - seconds: how long the service may take until there is room for them.
  /// - Throws: ``ConnectionFailure``, which is `.refused` where nobody reads.
  func write(_ bytes: [UInt8], toPipe path: String, seconds: Double) async throws
}

/// A conversation with a program, which is bounded in time and size. It ends when nobody holds on to it any more.
public protocol Connection: Sendable {
  /// Sends all bytes; for UDP one packet.
  ///
  /// - Throws: ``ConnectionFailure``.
  func send(_ bytes: [UInt8]) async throws
  /// The bytes that have come, or the next packet; empty once the other side has closed a stream.
  ///
  /// - Parameter seconds: how long to wait at most; nil for as long as the connection may take.
  /// - Returns: nil when nothing came in these seconds.
  /// - Throws: ``ConnectionFailure``, which is `.silent` once the time of the whole connection is over.
  func receive(within seconds: Double?) async throws -> [UInt8]?
}

/// Why a conversation came to no end.
public enum ConnectionFailure: Error, Sendable, Equatable {
  /// Nobody listens there.
  case refused
  /// Somebody else has the port, named as a person would.
  case foreign(String)
  /// The time was over before the answer was complete.
  case silent
  /// The other side closed in the middle of an answer.
  case closed
  /// It sent more than it may.
  case tooLarge(bytes: Int)
  /// What the operating system says.
  case failed(String)
}
