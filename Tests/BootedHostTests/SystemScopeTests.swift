import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("the system scope")
  struct SystemScopeTests {
    init() throws { try BootedHost.require() }

    static func picture() async throws -> HostPicture { try await .take(of: HostPicture.systemFolders, .root) }

    @Test("real servers run side by side, each as a user of its own, and a removal leaves nothing")
    func realServers() async throws {
      let before = try await Self.picture()
      #expect(try await Person.root.berth("host", "status", "--json").json()["scope"].text == "system")
      let arena = try await Person.root.install("teeworlds", "--instance-name", "Arena")
      let capture = try await Person.root.install("teeworlds", "--instance-name", "Capture")
      let world = try await Person.root.install("luanti")
      let voice = try await Person.root.install("mumble", "--set", "users=37")
      let all = [arena, capture, world, voice]

      #expect(try ServerClient.teeworlds(port: arena.port).name == "Arena")
      #expect(try ServerClient.teeworlds(port: capture.port).name == "Capture")
      #expect(try ServerClient.luanti(port: world.port) > 0)
      #expect(try ServerClient.mumble(port: voice.port) == 37)
      #expect(try Set(all.map { try owner(of: $0) }).count == all.count)
      for instance in all {
        let target = instance.unit.replacing(".service", with: ".target")
        #expect(FileManager.default.fileExists(atPath: "/etc/systemd/system/multi-user.target.wants/\(target)"))
        #expect(try await BootedHost.output("systemctl", "is-active", instance.unit) == "active")
      }
      // That the limits hold is the kernel's part; here its v2 hierarchy has no controllers to do it with.
      let limits = try await BootedHost.output("systemctl", "show", "-p", "MemoryMax", "-p", "TasksMax", arena.unit)
      #expect(limits.split(separator: "\n").sorted() == ["MemoryMax=268435456", "TasksMax=32"])

      for app in ["teeworlds", "luanti", "mumble"] {
        #expect(try await Person.root.berth("remove", app, "--all", "--yes").status == 0)
      }
      #expect(try await Self.picture().added(to: before) == [])
      #expect(
        try await BootedHost.output(
          "systemctl", "list-units", "--all", "--plain", "--no-legend", "teeworlds@*", "luanti@*", "mumble@*") == "")
    }

    @Test("a panel finds an instance by its file and manages it; its console is its standard input")
    func panel() async throws {
      try await BootedHost.withPlugins { plugins in
        let before = try await Self.picture()
        // It writes down what it was told, when it is told to end.
        try Plugin.put(
          "reader", in: plugins,
          perl: "$| = 1; while (<STDIN>) { chomp; push @a, $_; print qq(read: $_); last if /^exit/ } "
            + "open F, q(>), q(told); print F qq(@a); close F",
          stop: "{ first: { console: exit now, ends: true }, grace: 20s }",
          extra: "console: { protocol: stdin }\nbackup: { told: { files: [\"{{paths.data}}/told\"], hot: true, "
            + "before: [{ console: look }] } }")
        let root = Person.root.with(plugins: plugins)
        let reader = try await root.install("reader")
        let folder = try #require(reader["dir"].text)
        let guid = try #require(try await root.berth("capabilities", "reader", "--json").json()["guid"].text)
        #expect(try String(contentsOfFile: "/var/lib/warlock/\(guid).app", encoding: .utf8) == folder)

        // The script finds its plugin no other way than by the usual folders, but for what is said.
        let services = try await BootedHost.output("\(folder)/manage.py", "--plugins", plugins, "--get-services")
        #expect(try JSON(parsing: services)["reader@default"]["status"].text == "running")
        let reply = try await BootedHost.output("\(folder)/manage", "--plugins", plugins, "cmd", "hello there")
        #expect(reply == "read: hello there")
        let metrics = try await root.berth("metrics", "reader", "--json").json()
        #expect(metrics["services"][0]["cpu_seconds"] != .null && metrics["cpu_fraction"] != .null)
        #expect(metrics["services"][0]["main_pid"].integer == reader["services"][0]["main_pid"].integer)
        let pipe = try FileManager.default.attributesOfItem(atPath: "\(folder)/stdin")
        let data = try FileManager.default.attributesOfItem(atPath: "\(folder)/data")
        #expect(pipe[.posixPermissions] as? Int == 0o600)
        #expect(pipe[.ownerAccountName] as? String == data[.ownerAccountName] as? String)
        #expect(try await root.berth("backup", "reader").status == 0)
        #expect(try await root.berth("stop", "reader").status == 0)
        #expect(try String(contentsOfFile: "\(folder)/data/told", encoding: .utf8) == "hello there look exit now\n")
        #expect(try await root.berth("remove", "reader", "--yes").status == 0)
        for backup in try await root.berth("backups", "list", "reader", "--json").json().list {
          let removal = try await root.berth("backups", "remove", backup["id"].text ?? "", "--yes")
          #expect(removal.status == 0, "\(removal.errors)")
        }
        #expect(
          try await Self.picture().added(to: before).filter {
            !$0.hasSuffix("/backups") && !$0.hasSuffix("/backups/reader") && !$0.hasSuffix("/berth/reader")
          } == [])
      }
    }

    /// The user of an instance, after a look at everything that has to belong to it.
    private func owner(of instance: JSON) throws -> String {
      let files = FileManager.default
      let folder = try #require(instance["dir"].text)
      let user = try #require(try files.attributesOfItem(atPath: "\(folder)/data")[.ownerAccountName] as? String)
      #expect(user.wholeMatch(of: /berth-[0-9a-f]{12}/) != nil, "\(user)")
      for own in ["config", "data", "cache"] {
        let attributes = try files.attributesOfItem(atPath: "\(folder)/\(own)")
        #expect(attributes[.ownerAccountName] as? String == user)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
      }
      #expect(try files.attributesOfItem(atPath: folder)[.ownerAccountName] as? String == "root")
      #expect(try files.attributesOfItem(atPath: "\(folder)/env")[.posixPermissions] as? Int == 0o600)
      let process = try #require(instance["services"][0]["main_pid"].integer)
      #expect(try files.attributesOfItem(atPath: "/proc/\(process)")[.ownerAccountName] as? String == user)
      return user
    }

    @Test("stop, start, restart, disable and enable mean what they say, and the journal has the server's lines")
    func control() async throws {
      let first = try await Person.root.install("teeworlds", "--instance-name", "Arena")
      #expect(try await Person.root.berth("stop", "teeworlds", "--json").json()["status"].text == "stopped")
      #expect(throws: ServerClient.NoAnswer.self) { try ServerClient.teeworlds(port: first.port) }
      #expect(try await Person.root.berth("start", "teeworlds").status == 0)
      let before = try await Person.root.berth("status", "teeworlds", "--json").json()
      let after = try await Person.root.berth("restart", "teeworlds", "--json").json()
      #expect(before["services"][0]["main_pid"] != after["services"][0]["main_pid"])
      #expect(try ServerClient.teeworlds(port: first.port).name == "Arena")

      #expect(try await Person.root.berth("disable", "teeworlds", "--json").json()["enabled"] == .boolean(false))
      #expect(try await BootedHost.output("systemctl", "is-enabled", "teeworlds@default.target") == "disabled")
      #expect(try await Person.root.berth("enable", "teeworlds", "--json").json()["enabled"] == .boolean(true))
      #expect(try await BootedHost.output("systemctl", "is-enabled", "teeworlds@default.target") == "enabled")

      #expect(try await Person.root.log("teeworlds", until: "server name is").contains("server name is 'Arena'"))
      let journal = try await BootedHost.output("journalctl", "-u", first.unit)
      #expect(journal.contains("server name is 'Arena'") && !journal.contains("thread priority"))
      #expect(try await Person.root.berth("remove", "teeworlds", "--yes").status == 0)
    }

    @Test("what is enabled comes back when the host reaches its boot target, and what is disabled does not")
    func boot() async throws {
      try await BootedHost.withPlugins { plugins in
        try Plugin.put("idle", in: plugins, perl: "sleep 1 while 1")
        let root = Person.root.with(plugins: plugins)
        for name in ["On", "Off"] { _ = try await root.install("idle", "--instance-name", name) }
        #expect(try await root.berth("disable", "idle", "--instance", "Off").status == 0)
        // The next best to a reboot, which would end the test too: everything down, then what a boot starts.
        try await BootedHost.run("systemctl", "stop", "idle@*.target", "idle@*.service")
        #expect(try await root.berth("list", "--json").json().list.map { $0["status"].text } == ["stopped", "stopped"])
        try await BootedHost.run("systemctl", "daemon-reload")
        try await BootedHost.run("systemctl", "start", "multi-user.target")
        let states = try await root.berth("list", "--json").json().list.map {
          [$0["instance_name"].text, $0["status"].text]
        }
        #expect(states == [["On", "running"], ["Off", "stopped"]])
        #expect(try await root.berth("remove", "idle", "--all", "--yes").status == 0)
      }
    }
  }
}

extension JSON {
  /// The first port of an instance's report.
  var port: Int { self["ports"][0]["port"].integer ?? 0 }
  /// The unit of its first service.
  var unit: String { self["services"][0]["unit"].text ?? "" }
}
