import BerthKit
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import BerthHost
@testable import BerthQuery

/// Passwords and whoever has taken the port of a server.
@Suite("Who is spoken to") struct PeerTests {
  /// Takes down what it is told, and asks for a password as Teeworlds does.
  private final class Squatter: Sendable {
    private let heard: Heard
    let server: LoopbackServer

    private final class Heard: Sendable {
      let bytes = Mutex<[UInt8]>([])
    }

    init(_ transport: TransportProtocol) throws {
      let heard = Heard()
      self.heard = heard
      server =
        try transport == .udp
        ? LoopbackServer(udp: 0) { packet in
          heard.bytes.withLock { $0 += packet }
          return []
        }
        : LoopbackServer(tcp: 0) { client in
          client.send(Array("Enter password:\n".utf8))
          let told = client.receive()
          heard.bytes.withLock { $0 += told }
        }
    }

    var text: String { String(decoding: heard.bytes.withLock { $0 }, as: UTF8.self) }

    /// What it heard, once a word is in it, or after ten seconds.
    func text(with word: String) async -> String {
      for _ in 0..<500 where !text.contains(word) { try? await Task.sleep(for: .milliseconds(20)) }
      return text
    }
  }

  private static let kinds = Console.Kind.allCases.filter { $0.transport != nil }

  private func tell(
    _ kind: Console.Kind, _ squatter: Squatter, _ peer: Peer, through connector: any Connector
  ) async -> ConnectionFailure? {
    let place = Endpoint(kind.transport ?? .tcp, "127.0.0.1", squatter.server.port)
    let console = ServerConsole(
      kind, at: place, of: peer, password: "hunter2", through: connector,
      seconds: kind.transport == .udp ? 0.3 : 60)
    do {
      _ = try await console.run("save")
      return nil
    } catch { return error as? ConnectionFailure }
  }

  /// What a password looks like in a protocol.
  private static func secret(_ kind: Console.Kind) -> String {
    kind == .palworldREST ? Data("admin:hunter2".utf8).base64EncodedString() : "hunter2"
  }

  @Test("no console's password is told to whoever else has the port", arguments: kinds)
  func console(_ kind: Console.Kind) async throws {
    let squatter = try Squatter(kind.transport ?? .tcp)
    guard case .foreign = await tell(kind, squatter, .nobody, through: SocketConnector()) else {
      Issue.record("it was not refused")
      return
    }
    #expect(squatter.text == "")
  }

  @Test("without the guard a squatter hears the password", arguments: kinds)
  func unguarded(_ kind: Console.Kind) async throws {
    let squatter = try Squatter(kind.transport ?? .tcp)
    _ = await tell(kind, squatter, .nobody, through: UnguardedConnector())
    #expect(await squatter.text(with: Self.secret(kind)).contains(Self.secret(kind)))
  }

  @Test("the unit's own process hears it", arguments: kinds)
  func own(_ kind: Console.Kind) async throws {
    let squatter = try Squatter(kind.transport ?? .tcp)
    _ = await tell(kind, squatter, .thisProcess, through: SocketConnector())
    #expect(await squatter.text(with: Self.secret(kind)).contains(Self.secret(kind)))
  }

  @Test("no query tells a password to somebody else either")
  func query() async throws {
    let squatter = try Squatter(.tcp)
    let query = ServerQuery(
      .palworldREST, at: Endpoint(.tcp, "127.0.0.1", squatter.server.port), of: .nobody, password: "hunter2",
      through: SocketConnector(), seconds: 5)
    await #expect(throws: ConnectionFailure.self) { try await query.ask() }
    #expect(squatter.text == "")
  }

  private static let container = Peer(groups: Peer.nobody.groups, isForwarded: true)

  @Test(
    "a connection that somebody else took between the look and the connect is given up before anything is said",
    arguments: [Peer.nobody, container])
  func race(_ peer: Peer) async throws {
    let squatter = try Squatter(.tcp)
    let place = Endpoint(.tcp, "127.0.0.1", squatter.server.port)
    // The look came before the squatter; the proof has only the connection itself to go by.
    let connection = try SocketConnection(place, proof: PeerProof(place, peer), seconds: 5, bytes: 1000)
    let error = await #expect(throws: ConnectionFailure.self) { try await connection.waitUntilOpen() }
    guard case .foreign = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("one that the kernel handed on is given up where somebody else has the port by then")
  func forwarded() async throws {
    let (container, port) = (try Squatter(.tcp), try Squatter(.tcp))
    let inside = Endpoint(.tcp, "127.0.0.1", container.server.port)
    let outside = Endpoint(.tcp, "127.0.0.1", port.server.port)
    func open(_ peer: Peer) async throws {
      // As after a translation of addresses, the other end has not the port that was connected to.
      let connection = try SocketConnection(inside, proof: PeerProof(outside, peer), seconds: 900, bytes: 1000)
      try await connection.waitUntilOpen()
    }
    let error = await #expect(throws: ConnectionFailure.self) { try await open(Self.container) }
    guard case .foreign = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    try await open(Peer(groups: Peer.thisProcess.groups, isForwarded: true))
    // Where the kernel hands nothing on, the other end has to be there.
    await #expect(throws: ConnectionFailure.closed) { try await open(.thisProcess) }
  }

  @Test("one that nobody accepts is not spoken on")
  func unaccepted() async throws {
    let server = try LoopbackServer(tcp: 0) { $0.stay() }
    let place = Endpoint(.tcp, "127.0.0.1", server.port)
    // The one client that is served keeps the next one waiting.
    let first = try await SocketConnector().open(place, to: .thisProcess, seconds: 60, bytes: 1000)
    await #expect(throws: ConnectionFailure.silent) {
      try await SocketConnector().open(place, to: .thisProcess, seconds: 0.2, bytes: 1000)
    }
    withExtendedLifetime(first) {}
  }

  @Test("nobody there is refused, and what is no address is none")
  func nobody() async throws {
    let port = FreePorts.block(1)
    for transport in TransportProtocol.allCases {
      await #expect(throws: ConnectionFailure.refused) {
        try await SocketConnector().open(Endpoint(transport, "127.0.0.1", port), to: .thisProcess, seconds: 1, bytes: 9)
      }
    }
    await #expect(throws: ConnectionFailure.self) {
      try await SocketConnector().open(Endpoint(.tcp, "localhost", port), to: .thisProcess, seconds: 1, bytes: 9)
    }
  }
}
