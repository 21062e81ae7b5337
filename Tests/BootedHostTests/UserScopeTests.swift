import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("the user scope")
  struct UserScopeTests {
    init() throws { try BootedHost.require() }

    private func picture() async throws -> HostPicture { try await .take(of: HostPicture.operatorFolders, .operator) }

    @Test(
      "a person's servers run as that person, come back with the manager, and a removal leaves nothing",
      arguments: [
        Person.operator, Person(user: "operator"),
      ])
    func realServers(person: Person) async throws {
      let before = try await picture()
      #expect(try await person.berth("host", "status", "--json").json()["scope"].text == "user")
      let arena = try await person.install("teeworlds", "--instance-name", "Arena")
      let world = try await person.install("luanti")
      #expect(try ServerClient.teeworlds(port: arena.port).name == "Arena")
      #expect(try ServerClient.luanti(port: world.port) > 0)
      let process = try #require(arena["services"][0]["main_pid"].integer)
      #expect(
        try FileManager.default.attributesOfItem(atPath: "/proc/\(process)")[.ownerAccountName] as? String == "operator"
      )
      #expect(arena["dir"].text == "/home/operator/.local/state/berth/instances/teeworlds/default")
      #expect(try await person.log("teeworlds", until: "server name is").contains("server name is 'Arena'"))

      #expect(try await person.berth("disable", "luanti").status == 0)
      #expect(try await BootedHost.output("loginctl", "show-user", "operator", "--property=Linger") == "Linger=yes")
      // What a reboot means to a person's services.
      try await BootedHost.run("systemctl", "restart", "user@1000.service")
      let expected = ["teeworlds": "running", "luanti": "stopped"]
      #expect(try await settled(person, expected) == expected)
      #expect(try ServerClient.teeworlds(port: arena.port).name == "Arena")

      for app in ["teeworlds", "luanti"] { #expect(try await person.berth("remove", app, "--yes").status == 0) }
      #expect(try await picture().added(to: before) == [])
    }

    /// Each app's state, once it is as expected, or as it is after a while: what starts with the manager waits until what broke
    /// off is recovered.
    private func settled(_ person: Person, _ expected: [String: String]) async throws -> [String: String] {
      var states: [String: String] = [:]
      for _ in 0..<300 {
        let list = try await person.berth("list", "--json").json().list
        states = Dictionary(list.map { ($0["app"].text ?? "", $0["status"].text ?? "") }, uniquingKeysWith: { $1 })
        if states == expected { break }
        try await Task.sleep(for: .milliseconds(200))
      }
      return states
    }

    /// Its program needs a folder of its data's in another place; its backup does not hold that folder.
    private static let mounted = """
      schema: 1
      id: mounted
      name: Mounted
      summary: Only for a test
      category: other
      version: "1"
      programs: { perl: [/usr/bin/perl] }
      services:
        main:
          exec: ["{{programs.perl}}", -e, "sleep 1 while 1"]
          mounts: { /srv: "{{paths.data}}/deep/saved" }
          stop: { grace: 5s }
      backup:
        kept: { files: ["{{paths.data}}/kept"], hot: true }
      """

    @Test("with --dir no folder is made behind a link of the instance's, and a restore makes it anew")
    func chosenFolder() async throws {
      let before = try await picture()
      try await BootedHost.withPlugins { plugins in
        let person = Person.operator.with(plugins: plugins)
        let (chosen, other) = ("/home/operator/chosen", "/home/operator/elsewhere")
        func act(_ words: String...) async throws {
          try await SubprocessRunner().succeed(Command("runuser", ["-u", "operator", "--"] + words))
        }
        func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
        try FileManager.default.createDirectory(atPath: "\(plugins)/mounted", withIntermediateDirectories: true)
        try Self.mounted.write(toFile: "\(plugins)/mounted/plugin.yaml", atomically: true, encoding: .utf8)
        _ = try await person.install("mounted", "--dir", chosen, "--no-start")
        #expect(exists("\(chosen)/data/deep/saved"))
        try await act("mkdir", "\(chosen)/data/kept", other)
        #expect(try await person.berth("backup", "mounted").status == 0)

        try await act("rm", "-r", "\(chosen)/data/deep")
        try await act("ln", "-s", other, "\(chosen)/data/deep")
        // Something is there, so that nothing is made.
        let update = try await person.berth("update", "mounted")
        #expect(update.status == 65 && update.errors.contains("where a folder has to be"), "\(update.errors)")
        #expect(!exists("\(other)/saved"))
        // The same path where nobody looks.
        try await act("mkdir", "\(chosen)/data/deep/saved")
        #expect(exists("\(other)/saved"))

        try await act("rm", "\(chosen)/data/deep")
        let restore = try await person.berth("restore", "mounted", "--yes")
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(exists("\(chosen)/data/deep/saved") && exists("\(chosen)/data/kept"))
        #expect(try await person.berth("remove", "mounted", "--yes").status == 0)
        #expect(!exists("\(chosen)/data"))
        for folder in [chosen, other] { try? FileManager.default.removeItem(atPath: folder) }
      }
      #expect(try await picture().added(to: before).filter { !$0.contains("/backups") } == [])
    }

    @Test("two people's instances know nothing of each other, but share the ports")
    func besideTheSystem() async throws {
      let own = try await Person.operator.install("teeworlds")
      let system = try await Person.root.install("teeworlds")
      #expect(own.port != system.port)
      #expect(try await Person.operator.berth("list", "--json").json().list.count == 1)
      #expect(try await Person.root.berth("list", "--json").json().list.count == 1)
      for person in [Person.operator, .root] {
        #expect(try await person.berth("remove", "teeworlds", "--yes").status == 0)
      }
    }
  }

  @Suite("a sandbox on a host with a manager of its own")
  struct SandboxScopeTests {
    init() throws { try BootedHost.require() }

    @Test("root's sandbox works beside the host's manager, and ends without leftovers")
    func root() async throws {
      let before = try await SystemScopeTests.picture()
      try await SandboxFixture.with { box in
        let run = try await box.berth("install", "teeworlds", "--instance-name", "Boxed", "--json")
        try #require(run.status == 0, "\(run.errors)")
        #expect(try ServerClient.teeworlds(port: try run.json().port).name == "Boxed")
        #expect(try await box.berth("logs", "teeworlds").output.contains("server name is 'Boxed'"))
        #expect(
          try await BootedHost.output("systemctl", "list-units", "--all", "--plain", "--no-legend", "teeworlds@*") == ""
        )
        // The sandbox has users of its own, and keeps them when the host's change.
        try await BootedHost.run("useradd", "--system", "berth-passer-by")
        try await BootedHost.run("userdel", "berth-passer-by")
        #expect(try await box.berth("restart", "teeworlds").status == 0)
        #expect(try await box.berth("install", "teeworlds").status == 0)
        #expect(try await box.berth("remove", "teeworlds", "--all", "--yes").status == 0)
      }
      #expect(try await SystemScopeTests.picture().added(to: before) == [])
    }
  }
}
