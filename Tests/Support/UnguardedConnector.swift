import BerthKit

@testable import BerthHost

/// The host's connector without its guard: the control of every test in which a squatter hears no password.
public struct UnguardedConnector: Connector {
  public init() {}

  public func open(_ endpoint: Endpoint, to peer: Peer, seconds: Double, bytes: Int) async throws -> any Connection {
    try await SocketConnector().openToAnyone(endpoint, seconds: seconds, bytes: bytes)
  }

  public func write(_ bytes: [UInt8], toPipe path: String, seconds: Double) async throws {}
}
