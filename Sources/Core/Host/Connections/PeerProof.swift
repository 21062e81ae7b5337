import BerthKit
import Foundation

/// Shows that a port, and the other end of a connection, belong to the processes that they should.
///
/// The kernel's tables say which socket is there, and `/proc/PID/fd` says whose it is. What cannot be seen is not shown.
struct PeerProof: Sendable {
  /// How often it is looked again for the owner of a socket that goes from one process to another just then.
  private static let looks = 5
  /// Between two looks.
  private static let pause = Duration.milliseconds(10)

  private let endpoint: Endpoint
  private let peer: Peer
  private let address: [UInt8]

  /// - Throws: `.failed` for what is no address.
  init(_ endpoint: Endpoint, _ peer: Peer) throws {
    self.endpoint = endpoint
    self.peer = peer
    var (four, six) = (in_addr(), in6_addr())
    if inet_pton(AF_INET, endpoint.address, &four) == 1 {
      address = SocketTable.mapped(withUnsafeBytes(of: four) { Array($0) })
    } else if inet_pton(AF_INET6, endpoint.address, &six) == 1 {
      address = withUnsafeBytes(of: six) { Array($0) }
    } else {
      throw ConnectionFailure.failed("'\(endpoint.address)' is no address")
    }
  }

  private var port: PortNumber { PortNumber(endpoint.transport, endpoint.port) }

  /// Looks who has the port: all sockets that may get what is sent there must be the peer's.
  ///
  /// - Throws: `.refused` where nobody has it, `.foreign`.
  func requireOwnPort() throws {
    let sockets = SocketTable.sockets(on: port).filter { $0.reaches(address) }
    guard !sockets.isEmpty else { throw ConnectionFailure.refused }
    let own = peer.own(among: sockets)
    let others = sockets.filter { !own.contains($0.inode) }
    if !others.isEmpty { throw ConnectionFailure.foreign(SocketTable.owner(of: others)) }
  }

  /// Looks who has the other end of a stream, once somebody has taken it.
  ///
  /// - Throws: `.foreign`, `.closed` where nobody has it any more, `.silent` where nobody takes it in time.
  func requireOwnEnd(of socket: Int32, until deadline: ContinuousClock.Instant) async throws {
    guard let (local, port) = Self.name(of: socket) else { throw ConnectionFailure.closed }
    var looks = 0
    while true {
      let end = SocketTable.entries(self.port).first {
        $0.remotePort == port && $0.remote == local && $0.local == address && $0.state != 10
      }
      // The kernel hands it on, by rules that only root makes. Who took the port after the first look would be there now.
      if end == nil, peer.isForwarded { return try requireOwnPort() }
      if let end, end.inode != 0 {
        if peer.own(among: [end]).contains(end.inode) { return }
        let owner = SocketTable.owner(of: [end])
        looks += 1
        if looks == Self.looks { throw ConnectionFailure.foreign(owner) }
      } else {
        // 1 and 3 are established and about to be: nobody has accepted it yet.
        if end.map({ ![1, 3].contains($0.state) }) ?? true { looks += 1 }
        if looks == Self.looks { throw ConnectionFailure.closed }
        guard ContinuousClock.now < deadline else { throw ConnectionFailure.silent }
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// The address and the port of a socket's own end.
  private static func name(of socket: Int32) -> (address: [UInt8], port: Int)? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { storage in
      let isKnown = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) == 0 }
      guard isKnown else { return nil }
      if storage.pointee.ss_family == sa_family_t(AF_INET) {
        return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          let bytes = withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }
          return (SocketTable.mapped(bytes), Int(in_port_t(bigEndian: $0.pointee.sin_port)))
        }
      }
      return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        (withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }, Int(in_port_t(bigEndian: $0.pointee.sin6_port)))
      }
    }
  }
}

extension Peer {
  /// Those of some sockets that its processes hold.
  func own(among sockets: [SocketEntry]) -> Set<UInt64> {
    let processes = SocketTable.processes().filter { UnitGroup.holds($0, in: groups) }
    let others = processes.filter { $0 != Int(getpid()) }
    let seen = others.compactMap { SocketTable.sockets(of: $0) }
    guard seen.isEmpty, !others.isEmpty, Self.isShutIn else {
      return (SocketTable.sockets(of: Int(getpid())) ?? []).filter { _ in processes.count > others.count }
        .union(seen.joined())
    }
    // A process in a user namespace of its own, as a person's manager makes for each, sees whose the sockets of its unit's
    // others are and no more. All of that person's instances run as the same user.
    return Set(sockets.filter { $0.user == geteuid() }.map(\.inode))
  }

  /// Whether this process is in another user namespace than that of the host's root.
  private static var isShutIn: Bool { !SocketTable.contents("/proc/self/uid_map").contains("4294967295") }
}
