import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// A panel that drives game servers by the manage script in their folder, and knows nothing of Berth.
private struct Panel {
  /// The folder that a registration names.
  let path: String

  func run(_ words: String...) async throws -> CommandResult {
    try await SubprocessRunner().run(Command("\(path)/manage.py", words, environment: ["NO_COLOR": "1"]))
  }

  func json(_ words: String...) async throws -> JSON {
    let result = try await SubprocessRunner().run(Command("\(path)/manage.py", words))
    try #require(result.status == 0, "\(result.errorOutput)")
    return try JSON(parsing: result.output)
  }
}

@Suite("The manage script of an instance")
struct ManageTests {
  @Test("a panel finds out what it can do, and lists, starts, stops, backs up, restores, changes and measures a server")
  func panel() async throws {
    try await SandboxFixture.with { box in
      for name in ["PvP", "Other"] {
        let run = try await box.berth("install", "teeworlds", "--instance-name", name, "--json")
        try #require(run.status == 0, "\(run.errors)")
      }
      let reports = try await box.berth("list", "--json").json().list
      let pvp = try #require(reports.first { $0["instance_name"].text == "PvP" })
      let other = try #require(reports.first { $0["instance_name"].text == "Other" })
      let panel = Panel(path: try #require(pvp["dir"].text))

      // The first generation says `options:`, and has a line for whatever it can do.
      let help = try await panel.run("--help").output
      #expect(help.contains("\noptions:\n") && !help.contains("╭─ Commands"))
      for flag in ["--get-services", "--has-players", "--backup", "--restore", "--set-config", "--get-metrics"] {
        #expect(help.contains("\n  \(flag) "), "\(help)")
      }

      let services = try await panel.json("--get-services")
      let service = "teeworlds@\(try #require(pvp["instance_id"].text))"
      #expect(services[service]["name"].text == "PvP" && services[service]["status"].text == "running")
      #expect(services[service]["instance_id"].text == pvp["instance_id"].text)
      #expect(services[service]["port"].integer == pvp["ports"][0]["port"].integer)
      #expect(try await panel.json("get-services", "--service", service)[service]["app_dir"].text == panel.path)

      #expect(help.contains("\n  --get-commands "))
      #expect(try await panel.json("get-commands").list.map(\.text).contains("status"))

      // Another instance's service is none of this one's.
      let foreign = try #require(other["services"][0]["unit"].text)
      let refused = try await panel.run("--service", foreign, "--stop")
      #expect(refused.status == 64, "\(refused.errorOutput)")
      #expect(
        try await box.berth("status", "teeworlds", "--instance", "Other", "--json").json()["status"].text == "running")

      #expect(try await panel.run("--is-running").status == 0)
      #expect(try await panel.run("--has-players").status == 1)
      #expect(try await panel.run("--service", service, "--stop").status == 0)
      #expect(try await panel.run("is-running", "--service", service).status == 1)
      #expect(try await panel.json("--get-metrics")[service]["memory_usage"].text == "N/A")
      #expect(try await panel.run("--service", service, "--start").status == 0)

      // A value is a value, whatever it holds, and one of the wrong type changes nothing.
      let motd = #"it's "$(reboot)"; `x` --root"#
      #expect(try await panel.run("--set-config", "motd", motd).status == 0)
      let bad = try await panel.run("set-config", "max-clients", "many")
      #expect(bad.status == 64 && bad.errorOutput.contains("max-clients"), "\(bad.errorOutput)")
      // A value may be a secret, and stays out of the journal; who asked is in it.
      #expect(try await panel.run("--set-config", "rcon-password", "sesame-7").status == 0)
      let operations = try await box.berth("operations", "list", "--json").output
      #expect(!operations.contains("sesame-7") && !operations.contains("reboot"))
      #expect(operations.contains("manage teeworlds --instance"), "\(operations)")
      let options = try await panel.json("--get-configs").list
      #expect(options.first { $0["option"].text == "motd" }?["value"].text == motd)
      #expect(options.first { $0["option"].text == "max-clients" }?["value"].integer == 16)
      #expect(options.first { $0["option"].text == "gametype" }?["options"].list.count == 5)
      #expect(options.first { $0["option"].text == "rcon-password" }?["value"] == .null)
      let ports = try await panel.json("--get-ports").list
      #expect(ports.contains { $0["config"].text == "game" && $0["protocol"].text == "udp" })

      // A setting is answered before the server is ready with it, and a panel goes on asking until it is.
      #expect(try await box.berth("start", "teeworlds", "--instance", "PvP").status == 0)
      var metrics = try await panel.json("--get-metrics")[service]
      for _ in 0..<120 where metrics["player_count"].integer == nil {
        try await Task.sleep(for: .milliseconds(500))
        metrics = try await panel.json("--get-metrics")[service]
      }
      #expect(metrics["player_count"].integer == 0 && metrics["max_players"].integer == 16)
      #expect(metrics["players"].list.isEmpty && metrics["players"] != .null)
      let game = try #require(metrics["ports"].list.first { $0["option"].text == "game" })
      for key in ["listening", "owned", "global"] { #expect(game[key] == .boolean(true), "\(key)") }
      #expect(game["open"] != .null)
      // Whether the manager counts, depends on the controllers that the machine gives to a sandbox.
      #expect(metrics["memory_usage"].text != nil && metrics["cpu_usage"].text?.hasSuffix("%") == true)
      #expect(try await panel.run("--logs").output.contains("server name is"))
      #expect(try await panel.run("cmd", "say hello").status == 0)

      let backup = try await panel.run("--backup", "--max-backups", "1")
      let archive = backup.output.trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(backup.status == 0 && FileManager.default.fileExists(atPath: archive), "\(backup.errorOutput)")
      #expect(try await panel.run("--set-config", "motd", "later").status == 0)
      let restore = try await panel.run("--restore", archive)
      #expect(restore.status == 0, "\(restore.errorOutput)")
      let restored = try await panel.json("get-configs").list
      #expect(restored.first { $0["option"].text == "motd" }?["value"].text == motd)
      // What somebody has changed is no update.
      let file = "\(panel.path)/config/server.cfg"
      try (SandboxFixture.text(file) + "sv_map ctf5\n").write(toFile: file, atomically: false, encoding: .utf8)
      #expect(try await panel.run("--check-update").status == 1)
      #expect(try await box.berth("doctor").status != 0)
      #expect(try await panel.run("--update").status == 0)

      for words in [["--frobnicate"], ["get-mods"], ["--start", "--stop"]] {
        let run = try await SubprocessRunner().run(Command("\(panel.path)/manage", words))
        #expect(run.status == 64 && run.errorOutput.contains("--help"), "\(run.errorOutput)")
      }
    }
  }

  @Test("a panel installs, adds and removes instances, and finds each by a file")
  func instances() async throws {
    try await SandboxFixture.with { box in
      let folder = "\(box.root)/panel"
      try FileManager.default.createDirectory(atPath: "\(box.root)/config", withIntermediateDirectories: true)
      try "schema: 1\nregistrations: \(folder)\n".write(
        toFile: "\(box.root)/config/host.yaml", atomically: true, encoding: .utf8)
      func files() -> [String: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Dictionary(uniqueKeysWithValues: names.map { ($0, SandboxFixture.text("\(folder)/\($0)")) })
      }
      let port = FreePorts.block(1)
      let made = try await box.berth(
        "manage", "teeworlds", "install", "--instance-name=Den", "--port=\(port)", "--non-interactive",
        "--skip-firewall")
      #expect(made.status == 0 && made.output == "default\n", "\(made.errors)")
      let guid = try #require(try await box.berth("capabilities", "teeworlds", "--json").json()["guid"].text)
      let path = try #require(files()["\(guid).app"])
      let panel = Panel(path: path)
      #expect(try await panel.json("--get-services")["teeworlds@default"]["port"].integer == port)
      // The number of a port is an option as others are.
      let other = FreePorts.block(1)
      #expect(try await panel.run("--set-config", "game", "\(other)").status == 0)
      #expect(try await panel.json("--get-services")["teeworlds@default"]["port"].integer == other)
      #expect(
        try await panel.json("--get-configs").list.first { $0["option"].text == "game" }?["value"].integer == other)

      let created = try await panel.run("create-service", "--service", "Second")
      let unit = try #require(created.output.split(separator: "\n").last?.split(separator: ":").last.map(String.init))
      #expect(created.status == 0 && unit.hasPrefix("teeworlds@") && files().count == 2, "\(created.errorOutput)")
      let second = Panel(path: try #require(files()["\(guid).\(unit.dropFirst("teeworlds@".count)).app"]))
      #expect(try await second.json("get-services")[unit]["name"].text == "Second")
      #expect(try await second.run("delayed-restart").status == 0)
      let removed = try await second.run("remove-service", "--service", unit)
      #expect(removed.status == 0 && files().count == 1, "\(removed.errorOutput)")
      #expect(try await box.berth("backups", "list", "--json").json().list.count == 1)
      #expect(try await box.berth("manage", "teeworlds", "install", "--uninstall").status == 0)
      #expect(files().isEmpty)
    }
  }

  @Test("'--instance default' and none are the same, and metrics are numbers")
  func defaults() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      let none = try await box.berth("manage", "idle", "--get-services")
      let named = try await box.berth("manage", "idle", "--instance", "default", "--get-services")
      #expect(none.status == 0 && none.output == named.output, "\(none.errors)")
      #expect(try await box.berth("manage", "idle", "--has-players").status == 64)
      for (word, value) in [("--scope", "moon"), ("--wait", "soon"), ("--wait", "-1"), ("--scope", "user")] {
        let refused = try await box.berth("manage", "idle", "--get-services", word, value)
        #expect(refused.status == 64 && refused.output.isEmpty, "\(word) \(value): \(refused.errors)")
      }
      let patient = try await box.berth(
        "manage", "idle", "--get-services", "--wait", "1", "--progress", "none", "--verbose", "--yes", "--json")
      #expect(patient.status == 0 && patient.output == none.output, "\(patient.errors)")
      let metrics = try await box.berth("metrics", "idle", "--json").json()
      #expect(metrics["status"].text == "running" && metrics["players"] == .null)
      // The kernel counts the time of every group, whatever controllers a sandbox is given.
      #expect(metrics["services"][0]["cpu_seconds"] != .null && metrics["cpu_fraction"] != .null)
      #expect(metrics["disk_bytes"].integer != nil)
      #expect(metrics["services"][0]["main_pid"].integer ?? 0 > 1)
      let table = try await box.berth("metrics", "--all").output
      #expect(table.contains("idle/default") && table.contains("running"))
    }
  }
}
