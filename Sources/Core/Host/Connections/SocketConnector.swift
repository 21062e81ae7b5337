import BerthKit
import Foundation

/// Connections over the host's own sockets.
public struct SocketConnector: Connector {
  public init() {}

  public func open(_ endpoint: Endpoint, to peer: Peer, seconds: Double, bytes: Int) async throws -> any Connection {
    let proof = try PeerProof(endpoint, peer)
    try proof.requireOwnPort()
    let connection = try SocketConnection(endpoint, proof: proof, seconds: seconds, bytes: bytes)
    try await connection.waitUntilOpen()
    return connection
  }

  /// A connection to whoever listens, for a question that holds nothing secret.
  func openToAnyone(_ endpoint: Endpoint, seconds: Double, bytes: Int) async throws -> any Connection {
    let connection = try SocketConnection(endpoint, proof: nil, seconds: seconds, bytes: bytes)
    try await connection.waitUntilOpen()
    return connection
  }
}

/// A socket that never blocks: where it is not ready, the task sleeps, so that it can be cancelled and holds no thread.
final class SocketConnection: Connection {
  /// Seconds between two looks at a socket: the first, and the longest.
  private static let pauses = (0.0005, 0.02)

  private let socket: Int32
  private let transport: TransportProtocol
  private let deadline: ContinuousClock.Instant
  private let budget: ByteBudget
  private let proof: PeerProof?

  init(_ endpoint: Endpoint, proof: PeerProof?, seconds: Double, bytes: Int) throws {
    transport = endpoint.transport
    self.proof = proof
    deadline = .now + .seconds(seconds)
    budget = ByteBudget(bytes)
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32((endpoint.transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(endpoint.address, "\(endpoint.port)", &hints, &found) == 0, let place = found else {
      throw ConnectionFailure.failed("'\(endpoint.address)' is no address")
    }
    defer { freeaddrinfo(place) }
    let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    socket = Glibc.socket(place.pointee.ai_family, place.pointee.ai_socktype | flags, 0)
    guard socket >= 0 else { throw Self.failure(errno) }
    guard connect(socket, place.pointee.ai_addr, place.pointee.ai_addrlen) == 0 || errno == EINPROGRESS else {
      // The socket is closed by deinit, which runs for what was initialised as a whole.
      throw Self.failure(errno)
    }
  }

  deinit { close(socket) }

  func waitUntilOpen() async throws {
    guard transport == .tcp else { return }
    try await wait(for: POLLOUT, until: deadline)
    var problem: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size)
    guard problem == 0 else { throw Self.failure(problem) }
    // Who had the port a moment ago need not be who took the connection.
    try await proof?.requireOwnEnd(of: socket, until: deadline)
  }

  func send(_ bytes: [UInt8]) async throws {
    // A packet goes to whoever has the port by now.
    if transport == .udp { try proof?.requireOwnPort() }
    var sent = 0
    repeat {
      let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        guard try await wait(for: POLLOUT, until: deadline) else { throw ConnectionFailure.silent }
      } else if errno != EINTR {
        throw Self.failure(errno)
      }
    } while sent < bytes.count
  }

  func receive(within seconds: Double?) async throws -> [UInt8]? {
    let end = seconds.map { min(deadline, .now + .seconds($0)) } ?? deadline
    while true {
      guard try await wait(for: POLLIN, until: end) else {
        if end < deadline { return nil }
        throw ConnectionFailure.silent
      }
      // The largest packet of UDP.
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = recv(socket, &buffer, buffer.count, 0)
      if count >= 0 {
        try budget.spend(count)
        // An empty packet of UDP says nothing; only a stream ends with nothing.
        if count == 0, transport == .udp { continue }
        return Array(buffer[..<count])
      }
      guard errno == EAGAIN || errno == EINTR else { throw Self.failure(errno) }
    }
  }

  /// - Returns: false when the time is over.
  @discardableResult
  private func wait(for events: Int32, until end: ContinuousClock.Instant) async throws -> Bool {
    var pause = Self.pauses.0
    while true {
      try Task.checkCancellation()
      var question = pollfd(fd: socket, events: Int16(events), revents: 0)
      if poll(&question, 1, 0) > 0 { return true }
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else {
        if events == POLLOUT { throw ConnectionFailure.silent }
        return false
      }
      try await Task.sleep(for: min(left, .seconds(pause)))
      pause = min(pause * 2, Self.pauses.1)
    }
  }

  private static func failure(_ number: Int32) -> ConnectionFailure {
    switch number {
    case ECONNREFUSED: .refused
    case ECONNRESET, EPIPE: .closed
    case ETIMEDOUT: .silent
    default: .failed(String(cString: strerror(number)))
    }
  }
}
