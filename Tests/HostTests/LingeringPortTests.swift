import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthHost

@Suite("A port that closed connections still keep")
struct LingeringPortTests {
  /// A server that does not ask for a port whatever is left of it, and that has closed a connection first.
  private static func serveOnce(_ port: Int) throws -> Int32 {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    func with(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    }
    try #require(with { bind(server, $0, $1) } == 0 && listen(server, 1) == 0)
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(with { connect(client, $0, $1) } == 0)
    let connection = accept(server, nil, nil)
    close(connection)
    // The other side closes afterwards, so that what remains is the server's.
    var byte: UInt8 = 0
    _ = read(client, &byte, 1)
    close(client)
    return server
  }

  @Test("is nobody's, as soon as its server has ended")
  func nobodys() async throws {
    let number = FreePorts.block(2)
    let port = PortNumber(.tcp, number)
    // The kernel keeps it for a minute, and so nothing is waited for until all is seen.
    close(try Self.serveOnce(number))
    #expect(LivePorts.hold(on: port) == .lingering)
    #expect(!LivePorts.isTaken(port) && LivePorts(claims: "/nowhere").listener(on: port) == nil)
    #expect(LivePorts(claims: "/nowhere").isLingering(port))
    // The control: as long as somebody listens, the port is theirs, and a start is refused.
    let other = PortNumber(.tcp, number + 1)
    #expect(LivePorts.hold(on: other) == .free)
    let server = try Self.serveOnce(other.number)
    #expect(LivePorts.hold(on: other) == .taken)
    await #expect(throws: BerthError.self) { try await Readiness.requireFree([other], patience: 0.2) }
    close(server)
  }

  @Test(
    "is waited for by a start, which is refused by somebody who has the port, and goes on without either",
    arguments: [
      (LivePorts.Hold.free, 0.0, Readiness.Verdict.begin), (.taken, 0.5, .wait), (.taken, 1, .refuse),
      (.lingering, 1, .wait),
      (.lingering, 9.9, .wait), (.lingering, 10, .begin),
    ])
  func verdict(_ hold: LivePorts.Hold, _ waited: Double, _ verdict: Readiness.Verdict) {
    #expect(Readiness.verdict(on: hold, waited: .seconds(waited), patience: 1) == verdict)
  }
}
