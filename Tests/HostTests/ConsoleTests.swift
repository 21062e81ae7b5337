import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Debian's own game servers, in a sandbox, asked and told what to do by the program.
@Suite("Players and consoles of real servers")
struct ConsoleTests {
  @Test("OpenArena tells of its bots, and takes commands")
  func openArena() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth(
        "install", "openarena", "--instance-name", "Den", "--set", "bots=3", "--set", "server-name=Den one", "--json")
      try #require(run.status == 0, "\(run.errors)")
      var report = try await box.berth("players", "openarena", "--json").json()
      // Bots come one after the other. More than one question a second would make the server deaf to this address, to
      // commands too.
      for _ in 0..<40 where report["bots"].integer ?? 0 < 2 {
        try await Task.sleep(for: .milliseconds(2500))
        report = try await box.berth("players", "openarena", "--instance", "Den", "--json").json()
      }
      #expect(report["server"].text == "Den one" && report["map"].text == "oa_dm1" && report["max"].integer == 12)
      // A bot is no player, and keeps nobody from an update of an empty server.
      #expect(report["bots"].integer ?? 0 >= 2 && report["count"].integer == 0)
      #expect(report["players"] == .list([]))
      let shown = try await box.berth("players", "openarena").output
      #expect(shown.hasPrefix("openarena/Den: 0 of 12 players, and ") && shown.contains(" bots\n"), "\(shown)")

      let status = try await box.berth("console", "openarena", "--instance", "Den", "status")
      #expect(status.status == 0 && status.output.contains("map: oa_dm1"), "\(status.errors)")
      #expect(try await box.berth("console", "openarena", "map", "oa_dm2").status == 0)
      for _ in 0..<20 where report["map"].text != "oa_dm2" {
        try await Task.sleep(for: .milliseconds(2500))
        report = try await box.berth("players", "openarena", "--json").json()
      }
      #expect(report["map"].text == "oa_dm2")
      // What the server gives away of itself stays a secret.
      let secret = try await box.berth("status", "openarena", "--reveal", "--json").json()["settings"]["rcon-password"]
      let told = try await box.berth("console", "openarena", "rconPassword")
      #expect(told.status == 0)
      #expect(!told.output.contains(try #require(secret.text)))
    }
  }

  @Test("Teeworlds tells who plays, takes commands one by one or line by line, and refuses a wrong password")
  func teeworlds() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "teeworlds", "--instance-name", "Zoë's", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let report = try await box.berth("players", "teeworlds", "--json")
      #expect(report.status == 0, "\(report.errors)")
      #expect(try report.json()["server"].text == "Zoë's")
      #expect(try report.json()["count"].integer == 0)
      #expect(try report.json()["max"].integer == 16)
      #expect(try report.json()["players"] == .list([]))
      #expect(try await box.berth("players", "teeworlds").output.hasPrefix("teeworlds/Zoë's: 0 of 16 players\n"))

      #expect(try await box.berth("console", "teeworlds", "sv_map").output == "[Console]: Value: dm1\n")
      let reply = try await box.berth("console", "teeworlds", "--json", "say", "a  \"b\" $HOME").json()
      #expect(reply["command"].text == "say a  \"b\" $HOME")
      #expect(reply["reply"].text == "[chat]: *** a  \"b\" $HOME")
      let lines = "\(box.plugins)/lines"
      try "sv_gametype\n\nsv_map\n".write(toFile: lines, atomically: true, encoding: .utf8)
      let read = try await BerthProgram.run(
        ["console", "teeworlds", "--root", box.root], through: ["/usr/bin/bash", "-c", "exec \"$@\" < '\(lines)'", "-"])
      #expect(read.output == "[Console]: Value: dm\n[Console]: Value: dm1\n", "\(read.errors)")

      // The server goes by another password than the settings.
      #expect(try await box.berth("console", "teeworlds", "ec_password", "another-one").status == 0)
      let wrong = try await box.berth("console", "teeworlds", "status", "--json")
      #expect(wrong.status == 77)
      #expect(try wrong.failure()["code"].text == "wrong-password")
      #expect(try await box.berth("restart", "teeworlds").status == 0)
      #expect(try await box.berth("console", "teeworlds", "status").status == 0)

      #expect(try await box.berth("stop", "teeworlds").status == 0)
      let stopped = try await box.berth("players", "teeworlds", "--json")
      #expect(stopped.status == 70)
      #expect(try stopped.failure()["code"].text == "not-running")
      #expect(try stopped.failure()["remedy"].text?.hasPrefix("berth start teeworlds --instance default") == true)
    }
  }

  @Test("Mumble tells how many use it, and has no console")
  func mumble() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "mumble", "--set", "users=37", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let report = try await box.berth("players", "mumble", "--json").json()
      #expect(report["count"].integer == 0 && report["max"].integer == 37)
      #expect(report["players"] == .null && report["map"] == .null)
      let console = try await box.berth("console", "mumble", "hello", "--json")
      #expect(console.status == 64)
      #expect(try console.failure()["code"].text == "no-console")
    }
  }

  @Test("Armagetron tells its name without colours, its limit, and that nobody plays")
  func armagetron() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth(
        "install", "armagetron", "--set", "server-name=0xff8000Zoë's 0xRESETTgrid", "--set", "max-clients=7", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let report = try await box.berth("players", "armagetron", "--json")
      #expect(report.status == 0, "\(report.errors)")
      #expect(try report.json()["server"].text == "Zoë's grid")
      #expect(try report.json()["count"].integer == 0 && report.json()["max"].integer == 7)
      #expect(try report.json()["players"] == .list([]) && report.json()["map"] == .null)
      #expect(try report.json()["version"].text?.hasPrefix("0.2.") == true)
      // One after the other, as by somebody who waits for a server to be empty.
      for _ in 0..<3 { #expect(try await box.berth("players", "armagetron").status == 0) }
    }
  }

  @Test("Luanti answers, and what it does not tell is no number")
  func luanti() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "luanti", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let report = try await box.berth("players", "luanti", "--json")
      #expect(report.status == 0, "\(report.errors)")
      for key in ["server", "map", "version", "count", "max", "players"] {
        #expect(try report.json()[key] == .null, "\(key)")
      }
      let shown = try await box.berth("players", "luanti").output
      #expect(shown == "luanti/default: it answers, and does not say who plays\n")
      // Somebody may play, and so it waits.
      let patient = try await box.berth("stop", "luanti", "--when-empty", "--within", "1s", "--json")
      #expect(patient.status == 0, "\(patient.errors)")
      #expect(try await box.berth("status", "luanti", "--json").json()["status"].text == "stopped")
    }
  }

  @Test("a prompt on a terminal reads commands until the end, and goes on after a mistake")
  func prompt() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "teeworlds", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let typed = "\(box.plugins)/typed"
      // ^V takes what follows it as it stands, and ^D ends.
      try "sv_map\na\u{16}\u{7}b\nsv_gametype\n\u{4}".write(toFile: typed, atomically: true, encoding: .utf8)
      let command = "\(BerthProgram.path) console teeworlds --root \(box.root) < /dev/tty"
      let shell = try await SubprocessRunner().run(
        Command("/bin/sh", ["-c", "(sleep 1; cat \(typed); sleep 5) | script -qec '\(command)' /dev/null"]))
      #expect(shell.output.contains("teeworlds/default>"), "\(shell.output)")
      #expect(shell.output.contains("[Console]: Value: dm1"))
      #expect(shell.output.contains("cannot say a command with control characters"))
      #expect(shell.output.contains("[Console]: Value: dm\r"))
    }
  }

  @Test("a server is told what its plugin says: before it stops, and before and after a backup")
  func actions() async throws {
    try await SandboxFixture.with { box in
      let shipped = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "plugins.d/teeworlds/plugin.yaml")
      let yaml = try String(contentsOf: shipped, encoding: .utf8)
        .replacing("id: teeworlds\n", with: "id: lively\n")
        .replacing(
          "data: { files: [\"{{paths.data}}\"], hot: true }",
          with: """
            data:
                files: ["{{paths.data}}"]
                hot: true
                before: [{ console: "say copying {{instance.slug}}" }]
                after: [{ console: say copied }, { exec: [/usr/bin/true] }]
            """)
      try #require(yaml.contains("copied"))
      try box.addPlugin("lively", yaml)
      // A password that every format has to quote.
      let run = try await box.berth("install", "lively", "--set", "rcon-password=p\"a $s`\\ %x", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let backup = try await box.berth("backup", "lively")
      #expect(backup.status == 0, "\(backup.errors)")
      #expect(try await box.berth("stop", "lively").status == 0)
      let log = try await box.berth("logs", "lively", "--lines", "400").output
      for text in ["*** copying default", "*** copied", "*** The server stops."] {
        #expect(log.contains(text), "\(log)")
      }

      // What runs is told by its own password and port, whatever the settings say from now on.
      #expect(try await box.berth("start", "lively").status == 0)
      try await box.succeed("config", "set", "lively", "rcon-password=changed")
      try await box.succeed("config", "set", "lively", "--port", "game=\(FreePorts.block(2))")
      let told = try await box.berth("logs", "lively", "--lines", "400").output
      #expect(told.components(separatedBy: "][chat]: *** The server stops.").count == 4, "\(told)")

      // One that cannot be reached holds up no stop, and makes a backup fail.
      #expect(try await box.berth("console", "lively", "ec_password", "another-one").status == 0)
      #expect(try await box.berth("stop", "lively", "--json").json()["status"].text == "stopped")
      #expect(try await box.berth("start", "lively").status == 0)
      #expect(try await box.berth("console", "lively", "ec_password", "another-one").status == 0)
      let failed = try await box.berth("backup", "lively", "--json")
      #expect(failed.status == 70)
      #expect(try failed.failure()["cause"].text?.contains("refuses the password") == true, "\(failed.errors)")
      #expect(!failed.errors.contains("$s`"), "\(failed.errors)")
    }
  }
}
