import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// Networks of Docker's, of which a host can have more than Docker has addresses for.
  @Suite("addresses of many networks")
  struct AddressPoolTests {
    init() throws { try BootedHost.require() }

    private func put(in plugins: String) throws {
      let folder = "\(plugins)/pond"
      try FileManager.default.createDirectory(atPath: "\(folder)/files", withIntermediateDirectories: true)
      try """
      schema: 1
      id: pond
      name: Pond
      summary: Only for a test
      category: web
      version: "1"
      ports:
        http: { protocol: tcp, default: 8881, bind: 127.0.0.1, target: 8080, service: main }
      services:
        main:
          compose: compose.yaml
          stop: { grace: 2s }
          ready: { http: { port: http, path: /health }, timeout: 20s }
      backup: { config: { files: ["{{paths.config}}"], hot: true } }

      """.write(toFile: "\(folder)/plugin.yaml", atomically: true, encoding: .utf8)
      try "services: { main: { image: \"berth-test/words:1\", networks: [default, back] } }\nnetworks: { back: }\n"
        .write(toFile: "\(folder)/files/compose.yaml", atomically: true, encoding: .utf8)
    }

    private func subnet(_ network: String) async throws -> String {
      try await BootedHost.output(
        "docker", "network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", network)
    }

    /// Has Docker make networks until it has no addresses left.
    private func fill() async throws -> [String] {
      var made: [String] = []
      for number in 1...60 {
        let result = try await SubprocessRunner().run(Command("docker", ["network", "create", "fill-\(number)"]))
        guard result.status == 0 else {
          #expect(result.errorOutput.contains("non-overlapping IPv4 address pool"), "\(result.errorOutput)")
          return made
        }
        made.append("fill-\(number)")
      }
      Issue.record("Docker has addresses for sixty networks here")
      return made
    }

    @Test(
      "an instance comes up where Docker's own are used up, past what the host has a way to; an empty pool is named before"
    )
    func many() async throws {
      let config = ScopePaths.system.hostConfig
      try await Hospitals.withDocker {
        try await Hospitals.load("web-1", as: "berth-test/words:1")
        try await BootedHost.withPlugins { plugins in
          try put(in: plugins)
          let root = Person.root.with(plugins: plugins)
          let filled = try await fill()
          #expect(filled.count > 20)
          try await BootedHost.run("ip", "route", "add", "10.213.0.0/26", "dev", "lo")
          _ = try await root.install("pond", "--instance-name", "North")
          #expect(try await subnet("pond_north") == "10.213.0.64/27")
          #expect(try await subnet("pond_north_back") == "10.213.0.96/27")
          #expect(try await Containers.answer(8881) == "1")
          _ = try await root.install("pond", "--instance-name", "South")
          #expect(try await subnet("pond_south") == "10.213.0.128/27")
          #expect(try await root.berth("doctor").status == 0)
          // Five more make more than Docker could have had on its own.
          let more = try await root.berth("install", "pond", "--count", "5")
          #expect(more.status == 0, "\(more.errors)")
          try FileManager.default.createDirectory(
            atPath: ScopePaths.system.config, withIntermediateDirectories: true)
          try "schema: 1\naddress-pools: [10.213.0.64/26]\n".write(toFile: config, atomically: true, encoding: .utf8)
          let doctor = try await root.berth("doctor")
          #expect(
            doctor.status == 1 && doctor.output.contains("has addresses for no more networks"), "\(doctor.output)")
          let plan = try await root.berth("install", "pond", "--dry-run")
          #expect(plan.status == 73 && plan.errors.contains("'address-pools' of \(config)"), "\(plan.errors)")
          try FileManager.default.removeItem(atPath: config)
          #expect(try await root.berth("remove", "pond", "--all", "--yes").status == 0)
          try await BootedHost.run("ip", "route", "del", "10.213.0.0/26", "dev", "lo")
          for network in filled { try await BootedHost.run("docker", "network", "rm", network) }
        }
      }
    }
  }
}
