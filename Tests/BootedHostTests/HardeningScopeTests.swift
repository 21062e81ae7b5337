import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("what a service may not do")
  struct HardeningScopeTests {
    init() throws { try BootedHost.require() }

    @Test("system scope: every line of the unit refuses the act that it is for")
    func systemScope() async throws {
      try await BootedHost.withPlugins { plugins in
        let outcome = try await outcome(.root, plugins)
        let unit = try String(contentsOfFile: "/etc/systemd/system/acts@.service", encoding: .utf8)
        #expect(ForbiddenActs.problems(with: outcome, unit: unit, exceptions: [:]) == [])
        #expect(try await Person.root.with(plugins: plugins).berth("remove", "acts", "--yes").status == 0)
      }
    }

    @Test("user scope: every line of the unit refuses the act that it is for")
    func userScope() async throws {
      try await BootedHost.withPlugins { plugins in
        let outcome = try await outcome(.operator, plugins)
        let unit = try String(contentsOfFile: "/home/operator/.config/systemd/user/acts@.service", encoding: .utf8)
        #expect(unit.contains("PrivateUsers=yes"))
        #expect(ForbiddenActs.problems(with: outcome, unit: unit, exceptions: ForbiddenActs.exceptionsOfPerson) == [])
        #expect(try await Person.operator.with(plugins: plugins).berth("remove", "acts", "--yes").status == 0)
      }
    }

    /// What this host refuses even to root where nothing else holds it, since it is a container.
    static let impossible = [
      "ProtectKernelModules.call": "its root has no right to load or unload modules, which are the machine's",
      "ProtectKernelTunables.sys": "its /proc/sys is read-only",
      "ProtectKernelLogs.dev": "it has no /dev/kmsg",
    ]

    @Test("control: the same acts succeed for root where nothing holds it")
    func control() async throws {
      try await HardeningWitness.with { witness in
        let outcome = try await ForbiddenActs.control(witness)
        #expect(outcome.count > 40)
        for line in outcome.sorted(by: { $0.key < $1.key }) { print(line.key, line.value) }
        #expect(outcome.filter { $0.value != "allowed" && Self.impossible[$0.key] == nil } == [:])
      }
    }

    /// Keys whose act only these scopes can show; the tests of the sandbox loosen the others.
    static let loosened: [(person: Person, keys: [String], acts: Set<String>)] = [
      (.root, ["PrivateIPC"], ["PrivateIPC.segment"]),
      (.root, ["ProtectKernelModules"], ["ProtectKernelModules.folder"]),
      (.root, ["PrivateDevices"], ["PrivateDevices.device"]),
      // The clock's device brings a policy of its own.
      (.root, ["PrivateDevices", "DevicePolicy", "ProtectClock"], ["PrivateDevices.device", "DevicePolicy.device"]),
      (.operator, ["ProtectControlGroups"], ["ProtectControlGroups.make"]),
      (.operator, ["ProtectSystem"], ["ProtectSystem.var"]),
      // This host's folder of root's can be reached; see BootedHost.
      (.operator, ["ProtectHome"], ["ProtectHome.home", "ProtectHome.root"]),
      (.operator, ["RestrictAddressFamilies"], ["RestrictAddressFamilies.netlink"]),
    ]

    @Test("control: a key that a plugin loosens allows its own acts and no others")
    func loosenedKeys() async throws {
      try await BootedHost.withPlugins { plugins in
        for (number, row) in Self.loosened.enumerated() {
          let strict = try await outcome(row.person, plugins, id: "strict-\(number)")
          let loose = try await outcome(row.person, plugins, id: "loose-\(number)", loosen: row.keys)
          let gained = loose.keys.filter { loose[$0] == "allowed" && strict[$0] != "allowed" }
          #expect(Set(gained) == row.acts, "\(row.keys)")
          for id in ["strict-\(number)", "loose-\(number)"] {
            #expect(try await row.person.with(plugins: plugins).berth("remove", id, "--yes").status == 0)
          }
        }
      }
    }

    @Test(
      "systemd's own measure of every plugin is at most 1.5",
      arguments: ["teeworlds", "luanti", "mumble", "armagetron"])
    func exposure(app: String) async throws {
      let instance = try await Person.root.install(app)
      let words = ["security", "--no-pager", "--threshold=15", instance.unit]
      let result = try await SubprocessRunner().run(Command("systemd-analyze", words))
      #expect(result.status == 0, "\(result.output)")
      #expect(result.output.contains("Overall exposure level"))
      for line in result.output.split(separator: "\n") where line.contains("Overall") { print(app, line) }
      #expect(try await Person.root.berth("remove", app, "--yes").status == 0)
    }

    private func outcome(
      _ person: Person, _ plugins: String, id: String = "acts", loosen: [String] = []
    ) async throws -> ForbiddenActs.Outcome {
      try ForbiddenActs.addPlugin(id, loosen: loosen, in: plugins)
      return try await HardeningWitness.with { witness in
        try await ForbiddenActs.outcome(of: id, witness) { try await person.with(plugins: plugins).berth($0) }
      }
    }
  }
}
