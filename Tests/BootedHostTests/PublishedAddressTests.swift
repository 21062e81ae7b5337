import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// Ports of containers on IPv6 addresses.
  @Suite("published addresses")
  struct PublishedAddressTests {
    init() throws { try BootedHost.require() }

    private static let address = "fd42:5e7::1"

    /// What the web server says at an address; nil for no answer.
    private func answer(_ host: String, _ port: Int) async throws -> String? {
      let result = try await SubprocessRunner().run(
        Command("curl", ["--silent", "--globoff", "--fail", "--max-time", "5", "http://\(host):\(port)/version"]))
      return result.status == 0 ? result.output.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }

    @Test("a port answers at its own address alone, and one on '::' at every one", arguments: ["podman", "docker"])
    func sixth(_ engine: String) async throws {
      if engine == "docker" { try await BootedHost.run("systemctl", "start", "docker") }
      // The kernel forwards what comes to this address, and not what comes to the loopback's.
      try await BootedHost.run("ip", "link", "add", "six", "type", "bridge")
      try await BootedHost.run("ip", "address", "add", "\(Self.address)/64", "dev", "six", "nodad")
      try await BootedHost.run("ip", "link", "set", "six", "up")
      let image = "localhost/berth-test/six:1"
      try await BootedHost.run("load-image", engine, "web-1", image)
      try await BootedHost.withPlugins { plugins in
        // Podman opens nothing there.
        let own = engine == "podman" ? Self.address : "::1"
        let root = Person.root.with(plugins: plugins)
        let folder = "\(plugins)/six"
        try FileManager.default.createDirectory(atPath: "\(folder)/files", withIntermediateDirectories: true)
        try "services:\n  main:\n    image: \(image)\n".write(
          toFile: "\(folder)/files/compose.yaml", atomically: true, encoding: .utf8)
        let service = engine == "podman" ? "container: { image: \"\(image)\" }" : "compose: compose.yaml"
        try """
        schema: 1
        id: six
        name: Six
        summary: Only for a test
        category: web
        version: "1"
        ports:
          own: { protocol: tcp, default: 8881, bind: "\(own)", target: 8080 }
          all: { protocol: tcp, default: 8891, bind: "::", target: 8080 }
        services:
          main:
            \(service)
            stop: { grace: 2s }
            ready: { http: { port: own, path: /health }, timeout: 20s }
        """.write(toFile: "\(folder)/plugin.yaml", atomically: true, encoding: .utf8)
        _ = try await root.install("six")
        _ = try await root.install("six", "--instance-name", "two")
        for offset in [0, 1] {
          #expect(try await answer("[\(own)]", 8881 + offset) == "1")
          #expect(try await answer("127.0.0.1", 8881 + offset) == nil)
          #expect(try await answer("[\(Self.address)]", 8891 + offset) == "1")
          #expect(try await answer("127.0.0.1", 8891 + offset) == "1")
        }
        #expect(try await root.berth("doctor").status == 0)
        #expect(try await root.berth("remove", "six", "--all", "--yes").status == 0)
      }
      try await BootedHost.run("ip", "link", "delete", "six")
      #expect(try await Containers.left() == [])
    }
  }
}
