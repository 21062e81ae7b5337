import Testing

@testable import BerthHost

@Suite("Where Caddy takes orders")
struct CaddyAdminTests {
  @Test(
    "is what its own configuration says, and by TCP where it says nothing",
    arguments: [
      ("{}", .network("localhost:2019")), (#"{"apps":{}}"#, .network("localhost:2019")),
      (#"{"admin":{"config":{"persist":false}}}"#, .network("localhost:2019")),
      (#"{"admin":{"disabled":true}}"#, .off), (#"{"admin":{"disabled":false}}"#, .network("localhost:2019")),
      (#"{"admin":{"listen":"unix//run/caddy/admin.sock"}}"#, .socket("/run/caddy/admin.sock")),
      (#"{"admin":{"listen":"unix//run/caddy/a.sock|0200"}}"#, .socket("/run/caddy/a.sock")),
      (#"{"admin":{"listen":":2020"}}"#, .network(":2020")),
      (#"{"admin":{"listen":"tcp/[::1]:1"}}"#, .network("tcp/[::1]:1")),
      ("nonsense", .network("localhost:2019")), ("", .network("localhost:2019")),
    ] as [(String, CaddyAdmin)])
  func reading(_ json: String, _ admin: CaddyAdmin) { #expect(CaddyAdmin(json: json) == admin) }

  @Test("is open by TCP, and on a socket whose folder others may enter")
  func open() {
    #expect(CaddyAdmin.network("localhost:2019").openAddress { _ in true } == "localhost:2019")
    #expect(CaddyAdmin.off.openAddress { _ in false } == nil)
    let socket = CaddyAdmin.socket("/run/caddy/admin.sock")
    #expect(socket.openAddress { $0 == "/run/caddy" } == nil && socket.openAddress { _ in nil } == nil)
    #expect(socket.openAddress { _ in false } == "unix//run/caddy/admin.sock")
  }
}
