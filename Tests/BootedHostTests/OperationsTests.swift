import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("operations in the system scope")
  struct OperationsTests {
    init() throws { try BootedHost.require() }

    private func withFleet(_ text: String, _ body: (String) async throws -> Void) async throws {
      let file = "/var/tmp/berth-fleet-\(UUID().uuidString.prefix(8)).yaml"
      try "schema: 1\ninstances:\n\(text)".write(toFile: file, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(atPath: file) }
      try await body(file)
    }

    private func faulty(_ fault: String) -> Person { Person(environment: ["BERTH_FAULT": fault]) }

    @Test("a fleet of real servers is made, left alone, changed and pruned, and nothing is left")
    func fleet() async throws {
      let before = try await SystemScopeTests.picture()
      try await withFleet("  - { app: teeworlds, name: arena, count: 2 }\n") { file in
        #expect(try await Person.root.berth("plan", "-f", file).status == 1)
        let made = try await Person.root.berth("apply", "-f", file, "--json")
        try #require(made.status == 0, "\(made.errors)")
        let instances = try made.json()["instances"].list
        #expect(
          try instances.map { try ServerClient.teeworlds(port: $0.port).name }.sorted() == ["arena-1", "arena-2"])
        #expect(try await Person.root.berth("plan", "-f", file).status == 0)
        let first = try await Person.root.berth("status", "teeworlds", "--instance", "arena-1", "--json").json()
        #expect(try await Person.root.berth("apply", "-f", file).status == 0)
        let again = try await Person.root.berth("status", "teeworlds", "--instance", "arena-1", "--json").json()
        #expect(first["services"][0]["main_pid"] == again["services"][0]["main_pid"])
      }
      try await withFleet("  - { app: teeworlds, name: arena-1, settings: { max-clients: 5 } }\n") { file in
        #expect(try await Person.root.berth("apply", "-f", file, "--prune").status == 64)
        let pruned = try await Person.root.berth("apply", "-f", file, "--prune", "--yes")
        #expect(pruned.status == 0, "\(pruned.errors)")
        let left = try await Person.root.berth("list", "--json").json().list
        #expect(left.map { $0["instance_name"].text } == ["arena-1"])
        #expect(try ServerClient.teeworlds(port: left[0].port).name == "arena-1")
      }
      #expect(try await Person.root.berth("doctor").status == 0)
      #expect(try await Person.root.berth("remove", "teeworlds", "--all", "--yes").status == 0)
      #expect(try await SystemScopeTests.picture().added(to: before) == [])
    }

    @Test("an installation that was killed is incomplete, and is taken back with its user", arguments: [6, 18, 28])
    func killed(_ point: Int) async throws {
      let before = try await SystemScopeTests.picture()
      #expect(try await faulty("kill:\(point)").berth("install", "teeworlds").status == 137)
      let open = try await Person.root.berth("operations", "list", "--json").json().list[0]
      #expect(open["status"].text == "incomplete")
      #expect(try await Person.root.berth("start", "teeworlds").status == 73)
      let recovered = try await Person.root.berth("operations", "recover", "--json")
      try #require(recovered.status == 0, "\(recovered.errors)")
      #expect(try recovered.json().list.map { $0["ending"].text } == ["undone"])
      #expect(try await SystemScopeTests.picture().added(to: before) == [])
      #expect(try await Person.root.berth("doctor").status == 0)
    }

    @Test("the journal knows who called sudo, and no secret")
    func audit() async throws {
      try await BootedHost.withPlugins { plugins in
        try Plugin.put(
          "idle", in: plugins, perl: "sleep 1 while 1",
          extra: "settings: { password: { type: password, optional: true } }")
        var root = Person.root.with(plugins: plugins)
        root.environment["SUDO_USER"] = "operator"
        _ = try await root.install("idle", "--set", "password=hunter2hunter2")
        let newest = try await root.berth("operations", "list", "--json")
        #expect(try newest.json().list[0]["sudo_user"].text == "operator")
        #expect(try newest.json().list[0]["user"].text == "root")
        #expect(!newest.output.contains("hunter2"))
        #expect(try await root.berth("remove", "idle", "--yes").status == 0)
      }
    }

    @Test("a job on a calendar is a timer of the instance's own, which goes with it")
    func timer() async throws {
      try await BootedHost.withPlugins { plugins in
        try Plugin.put(
          "idle", in: plugins, perl: "sleep 1 while 1",
          extra: "jobs: { tick: { calendar: daily, exec: [/usr/bin/touch, \"{{paths.cache}}/ticked\"] } }")
        let root = Person.root.with(plugins: plugins)
        let instance = try await root.install("idle")
        #expect(try await BootedHost.output("systemctl", "is-active", "idle-tick@default.timer") == "active")
        try await BootedHost.run("systemctl", "start", "idle-tick@default.service")
        let data = try #require(instance["dir"].text) + "/cache/ticked"
        let owner = try FileManager.default.attributesOfItem(atPath: data)[.ownerAccountName] as? String
        #expect(owner?.hasPrefix("berth-") == true)
        #expect(try await root.berth("stop", "idle").status == 0)
        #expect(try await BootedHost.output("systemctl", "is-active", "idle-tick@default.timer") == "inactive")
        #expect(try await root.berth("remove", "idle", "--yes").status == 0)
        let stamps = try? FileManager.default.contentsOfDirectory(atPath: "/var/lib/systemd/timers")
        #expect(stamps?.contains { $0.contains("idle-tick") } != true)
        #expect(try await BootedHost.output("systemctl", "list-unit-files", "--no-legend", "idle*") == "")
      }
    }
  }
}
