import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// What panels do that know manage scripts and nothing of Berth.
@Suite("A panel")
struct PanelTests {
  /// A server that is ready once there is a file `go` in its data.
  ///
  /// Each time it has other ports: what one sandbox stops for a moment, another would take.
  private static var slow: String {
    FixturePlugins.slow(
      port: FreePorts.block(10), until: "go", settings: ["one": "1", "two": "2", "three": "3"],
      extra: "backup: { data: { files: [\"{{paths.data}}\"] } }")
  }

  private func run(_ folder: String, _ words: String..., script: String = "manage.py") async throws -> CommandResult {
    try await SubprocessRunner().run(Command("\(folder)/\(script)", words, environment: ["NO_COLOR": "1"]))
  }

  private func home(_ box: SandboxFixture, _ app: String, _ id: String = "default") -> String {
    "\(box.root)/state/instances/\(app)/\(id)"
  }

  private func status(_ box: SandboxFixture, _ app: String, _ id: String = "default") async throws -> String? {
    try await box.berth("status", app, "--instance", id, "--json").json()["status"].text
  }

  @Test("is answered once a change is recorded, and what is slow becomes ready in the background")
  func patience() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", Self.slow)
      #expect(try await box.berth("install", "slow", "--no-start").status == 0)
      let folder = home(box, "slow")
      let made = try await run(folder, "create-service", "--service", "Second")
      let unit = try #require(made.output.split(separator: "\n").last?.split(separator: ":").last.map(String.init))
      #expect(made.status == 0 && unit.hasPrefix("slow@"), "\(made.errorOutput)")
      let id = String(unit.dropFirst("slow@".count))
      let second = home(box, "slow", id)
      #expect(try await status(box, "slow", id) == "starting")
      // Several at once, as a panel sends them: all arrive.
      let results = try await withThrowingTaskGroup(of: CommandResult.self) { group in
        for name in ["one", "two", "three"] {
          group.addTask { try await run(second, "--service", unit, "--set-config", name, "new \(name)") }
        }
        return try await group.reduce(into: [CommandResult]()) { $0.append($1) }
      }
      for result in results { #expect(result.status == 0, "\(result.errorOutput)") }
      let options = try JSON(parsing: try await run(second, "get-configs").output).list
      for name in ["one", "two", "three"] {
        #expect(options.first { $0["option"].text == name }?["value"].text == "new \(name)")
      }
      #expect(try await status(box, "slow", id) == "starting")
      try "".write(toFile: "\(second)/data/go", atomically: false, encoding: .utf8)
      #expect(try await box.berth("start", "slow", "--instance", id).status == 0)
      // It is stopped for its copy and not started again, or this would wait in vain.
      try FileManager.default.removeItem(atPath: "\(second)/data/go")
      let removed = try await run(second, "remove-service", "--service", unit)
      #expect(removed.status == 0 && !removed.errorOutput.contains("start"), "\(removed.errorOutput)")
      #expect(try await box.berth("list", "--json").json().list.count == 1)
      #expect(try await box.berth("backups", "list", "--json").json().list.count == 1)
    }
  }

  /// A server that does not end before there is a file `end` in its data.
  private static let stubborn = """
    schema: 1
    id: stubborn
    name: Stubborn
    summary: Takes leave
    category: game
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -e
          - "$SIG{TERM} = sub { sleep 1 until -e $ARGV[0]; exit 0 }; sleep 1 while 1"
          - "{{paths.data}}/end"
        stop: { signal: SIGTERM, grace: 120s }
    backup:
      data: { files: ["{{paths.data}}"] }
    """

  @Test("is answered while a server that it removes takes leave, and the removal comes to its end by itself")
  func slowRemoval() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("stubborn", Self.stubborn)
      #expect(try await box.berth("install", "stubborn").status == 0)
      let folder = home(box, "stubborn")
      let answer = try await run(folder, "remove-service", "--service", "stubborn@default", "--patience=5")
      #expect(answer.status == 0 && answer.errorOutput.contains("goes on in the background"), "\(answer.errorOutput)")
      #expect(try await status(box, "stubborn") == "stopping")
      try "".write(toFile: "\(folder)/data/end", atomically: false, encoding: .utf8)
      for _ in 0..<120 where try await box.berth("list", "--json").json().list.isEmpty == false {
        try await Task.sleep(for: .milliseconds(500))
      }
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
      #expect(try await box.berth("backups", "list", "--json").json().list.count == 1)
    }
  }

  @Test(
    "is answered while a server starts, or is copied and starts again, which goes on",
    arguments: ["start", "restart", "backup"])
  func slowOrders(_ verb: String) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", Self.slow)
      try await box.succeed("install", "slow", "--no-start")
      let folder = home(box, "slow")
      let go = "\(folder)/data/go"
      if verb != "start" {
        try "".write(toFile: go, atomically: false, encoding: .utf8)
        try await box.succeed("start", "slow")
        try FileManager.default.removeItem(atPath: go)
      }
      let begun = ContinuousClock.now
      let answer = try await SubprocessRunner().run(Command("\(folder)/manage.py", [verb, "--patience=2"]))
      #expect(ContinuousClock.now - begun < .seconds(20))
      #expect(answer.status == 0 && answer.output.isEmpty, "\(answer.errorOutput)")
      #expect(answer.errorOutput.contains("goes on in the background"), "\(answer.errorOutput)")
      // The command that it names shows it, while it is at work and afterwards.
      #expect(answer.errorOutput.contains(": berth operations list --root \(box.root)"), "\(answer.errorOutput)")
      let operation = try await box.berth("operations", "list", "--json").json()[0]
      #expect(operation["verb"].text == verb && operation["ended_at"] == .null, "\(operation)")
      try "".write(toFile: go, atomically: false, encoding: .utf8)
      try await eventually("the operation is over", within: 60) {
        try await box.berth("operations", "list", "--json").json()[0]["status"].text == "done"
      }
      #expect(try await status(box, "slow") == "running")
    }
  }

  @Test("is answered while a server takes leave that it stops, or one is played on, and both come to their end")
  func slowStops() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("stubborn", Self.stubborn)
      try await box.succeed("install", "stubborn")
      let folder = home(box, "stubborn")
      let stop = try await run(folder, "--stop", "--patience=2")
      #expect(stop.status == 0 && stop.errorOutput.contains("goes on in the background"), "\(stop.errorOutput)")
      #expect(try await status(box, "stubborn") == "stopping")
      try "".write(toFile: "\(folder)/data/end", atomically: false, encoding: .utf8)
      try await eventually("it is stopped") { try await status(box, "stubborn") == "stopped" }

      // It does not say who plays, and so somebody may.
      try box.addPlugin("slow", Self.slow + "\nquery: { protocol: quake3, port: game }")
      try await box.succeed("install", "slow", "--no-start")
      try "".write(toFile: "\(home(box, "slow"))/data/go", atomically: false, encoding: .utf8)
      try await box.succeed("start", "slow")
      let delayed = try await run(home(box, "slow"), "delayed-stop", "--patience", "2")
      #expect(delayed.status == 0 && delayed.errorOutput.contains("goes on in the background"))
      #expect(try await status(box, "slow") == "running")
      try await box.succeed("stop", "slow")
      try await eventually("the wait is over", within: 60) {
        SandboxFixture.processes(with: "delayed-stop").allSatisfy {
          !SandboxFixture.text("/proc/\($0)/cmdline").contains(box.root)
        }
      }
    }
  }

  @Test("is told at once what fails at once")
  func failsAtOnce() async throws {
    try await SandboxFixture.with { box in
      let slow = Self.slow
      try box.addPlugin("slow", slow)
      try await box.succeed("install", "slow", "--no-start")
      let yaml = slow.replacing("select(undef, undef, undef, 0.1) until -e q(go)", with: "die qq(no map)")
      try box.addPlugin("slow", yaml)
      try await box.succeed("update", "slow")
      let failed = try await run(home(box, "slow"), "--start")
      #expect(failed.status == 70 && failed.errorOutput.contains("no map"), "\(failed.errorOutput)")
      #expect(!failed.errorOutput.contains("background"))
      let none = try await run(home(box, "slow"), "--restore", "/no/such/archive.tar.gz")
      #expect(none.status == 65, "\(none.errorOutput)")
    }
  }

  @Test("that is a person at a terminal is asked what to do")
  func menu() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      // script(1) gives its command a terminal.
      let command = "\(home(box, "idle"))/manage.py < /dev/tty"
      let result = try await SubprocessRunner().run(
        Command("/bin/sh", ["-c", "(sleep 1; echo 1; sleep 3; echo; sleep 1) | script -qec '\(command)' /dev/null"]))
      #expect(
        result.output.contains("1  is-running") && result.output.contains("default is running"), "\(result.output)")
      #expect(try await run(home(box, "idle")).output.contains("\noptions:"))
    }
  }

  @Test("that deletes what a script leads to deletes no program, and gets the script again from an update")
  func deletes() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      let script = "\(home(box, "idle"))/manage.py"
      #expect(try await run(home(box, "idle"), "is-running").output == "default is running\n")
      // As the panel's file browser does it.
      let real = LinuxFileTree().realPath(script)
      try FileManager.default.removeItem(atPath: real)
      #expect(try await box.berth("update", "idle").status == 0)
      #expect(try await run(home(box, "idle"), "is-running").status == 0)
    }
  }

  @Test(
    "lists backups by their ending, keeps all of them with 0, renames one and restores it by the path that it shows")
  func backups() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", Self.slow)
      #expect(try await box.berth("install", "slow", "--no-start").status == 0)
      let folder = home(box, "slow")
      try "old".write(toFile: "\(folder)/data/book", atomically: false, encoding: .utf8)
      for words in [["--backup", "--max-backups=0"], ["backup", "--service", "slow@default", "--max-backups", "0"]] {
        let made = try await SubprocessRunner().run(Command("\(folder)/manage.py", words))
        #expect(made.status == 0, "\(made.errorOutput)")
      }
      func shown() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/backups").filter { $0.hasSuffix(".tar.gz") }
      }
      #expect(try shown().count == 2)
      try FileManager.default.moveItem(
        atPath: "\(folder)/backups/\(try shown().sorted()[0])", toPath: "\(folder)/backups/before-patch.tar.gz")
      let listed = try await box.berth("backups", "list", "--json").json().list
      #expect(listed.count == 2 && listed.allSatisfy { $0["state"].text == "good" }, "\(listed)")
      #expect(listed.contains { $0["path"].text?.hasSuffix("/before-patch.tar.gz") == true }, "\(listed)")
      for words in [
        ["--restore", "\(folder)/backups/before-patch.tar.gz"],
        ["restore", "--service", "slow@default", "before-patch.tar.gz"],
      ] {
        try "new".write(toFile: "\(folder)/data/book", atomically: false, encoding: .utf8)
        let restored = try await SubprocessRunner().run(Command("\(folder)/manage.py", words))
        #expect(restored.status == 0, "\(restored.errorOutput)")
        #expect(SandboxFixture.text("\(folder)/data/book") == "old")
      }
      #expect(try await run(folder, "--backup", "--max-backups=1").status == 0)
      #expect(try shown().count == 1 && !shown().contains("before-patch.tar.gz"))
    }
  }

  @Test("enables and disables an instance by its service, as systemctl does for others")
  func enables() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("install", "idle").status == 0)
      func isEnabled() async throws -> JSON {
        try JSON(parsing: try await run(home(box, "idle"), "get-services").output)["idle@default"]["enabled"]
      }
      #expect(try await isEnabled() == .boolean(true))
      _ = try await box.systemctl("disable", "idle@default")
      #expect(try await isEnabled() == .boolean(false))
      _ = try await box.systemctl("enable", "idle@default")
      #expect(try await isEnabled() == .boolean(true))
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("installs the same instance again without making another, and removes none that it has not named")
  func installer() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle())
      for _ in 1...2 {
        let run = try await box.berth("manage", "idle", "install", "--non-interactive")
        #expect(run.status == 0 && run.output == "default\n", "\(run.errors)")
      }
      let place = "\(box.root)/state/instances/idle/default"
      #expect(try await box.berth("manage", "idle", "install", "--branch=main", "--dir=\(place)/").status == 0)
      #expect(try await box.berth("manage", "idle", "install", "--dir=/srv/elsewhere").status == 64)
      #expect(try await box.berth("manage", "idle", "install", "--instance-name=B").status == 0)
      let again = try await run(home(box, "idle"), "--non-interactive", "--skip-firewall", script: "installer.sh")
      #expect(again.status == 0 && again.output == "default\n", "\(again.errorOutput)")
      #expect(try await box.berth("list", "--json").json().list.count == 2)
      let refused = try await box.berth("manage", "idle", "install", "--non-interactive", "--uninstall")
      #expect(refused.status == 64 && refused.errors.contains("'--uninstall' may mean several"), "\(refused.errors)")
      #expect(try await box.berth("list", "--json").json().list.count == 2)
      // As the panel runs the one in the folder of what it removes.
      let removed = try await run(home(box, "idle"), "--non-interactive", "--uninstall", script: "installer.sh")
      #expect(removed.status == 0, "\(removed.errorOutput)")
      let left = try await box.berth("list", "--json").json().list
      #expect(left.map { $0["instance_name"].text } == ["B"])
      #expect(try await box.berth("manage", "idle", "install", "--uninstall").status == 0)
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
    }
  }

  @Test("keeps its folder, and is shown where all backups are, when it is told to know no app any more")
  func goneStyle() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", Self.slow)
      let folder = "\(box.root)/panel"
      try FileManager.default.createDirectory(atPath: "\(box.root)/config", withIntermediateDirectories: true)
      func know(_ style: String, in folder: String) throws {
        try "schema: 1\nregistrations: { folder: \(folder), style: \(style) }\n".write(
          toFile: "\(box.root)/config/host.yaml", atomically: true, encoding: .utf8)
      }
      try know("app", in: "\(box.root)/former")
      for name in ["A", "B"] { try await box.succeed("install", "slow", "--name", name, "--no-start") }
      try know("app", in: folder)
      try await box.succeed("update", "slow", "--all")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(box.root)/former").isEmpty)
      try know("instance", in: folder)
      // Two give up in one plan what they shared.
      let changed = try await box.berth("update", "slow", "--all")
      #expect(changed.status == 0, "\(changed.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)

      // As after a sandbox was moved.
      let link = "\(home(box, "slow"))/backups"
      let place = try FileManager.default.destinationOfSymbolicLink(atPath: link)
      try FileManager.default.removeItem(atPath: link)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/srv/former/backups")
      let found = try await box.berth("doctor")
      #expect(found.status == 1 && found.output.contains("\(link) leads elsewhere"), "\(found.output)")
      try await box.succeed("update", "slow", "--all")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == place)
      #expect(try await box.berth("doctor").status == 0)

      for name in ["A", "B"] { try await box.succeed("remove", "slow", "--instance", name, "--yes") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("that knows one script for an app tells its instances apart by their services")
  func byApp() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", Self.slow)
      let folder = "\(box.root)/panel"
      try FileManager.default.createDirectory(atPath: "\(box.root)/config", withIntermediateDirectories: true)
      try "schema: 1\nregistrations: { folder: \(folder), style: app }\n".write(
        toFile: "\(box.root)/config/host.yaml", atomically: true, encoding: .utf8)
      #expect(try await box.berth("install", "slow", "--no-start").status == 0)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(files.count == 1)
      let app = SandboxFixture.text("\(folder)/\(files[0])")
      let help = try await run(app, "--help").output
      #expect(help.contains("╭─ Commands") && !help.contains("\noptions:"))
      let made = try await run(app, "create-service", "--service", "Second")
      let unit = try #require(made.output.split(separator: "\n").last?.split(separator: ":").last.map(String.init))
      // The same script knows the new one at once, and its file is the only one.
      let services = try JSON(parsing: try await run(app, "get-services").output)
      #expect(services["slow@default"]["name"].text == "default" && services[unit]["name"].text == "Second")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == files)
      #expect(try await run(app, "set-config", "--service", unit, "one", "stop").status == 0)
      func value(_ service: String) async throws -> String? {
        try JSON(parsing: try await run(app, "get-configs", "--service", service).output).list
          .first { $0["option"].text == "one" }?["value"].text
      }
      #expect(try await value(unit) == "stop")
      #expect(try await value("slow@default") == "1")
      #expect(try await run(app, "get-configs").output.filter { !$0.isWhitespace } == "[]")
      let unnamed = try await run(app, "set-config", "one", "2")
      #expect(unnamed.status == 64 && unnamed.errorOutput.contains("needs --service"), "\(unnamed.errorOutput)")
      #expect(try await run(app, "is-running").status == 1)
      #expect(try await run(app, "remove").status == 1)
      let go = "\(home(box, "slow", String(unit.dropFirst("slow@".count))))/data/go"
      try "".write(toFile: go, atomically: false, encoding: .utf8)
      let saved = try await run(app, "backup", "--service", unit, "--max-backups=0")
      #expect(saved.status == 0, "\(saved.errorOutput)")
      #expect(try await run(app, "remove-service", "--service", unit).status == 0)
      #expect(try JSON(parsing: try await run(app, "get-services").output)[unit] == .null)
      let third = try await run(app, "create-service", "--service", "Third")
      let other = try #require(third.output.split(separator: "\n").last?.split(separator: ":").last.map(String.init))
      // A script that speaks for all removes none that is not named, as long as there are several.
      let several = try await run(app, "--non-interactive", "--uninstall", script: "installer.sh")
      #expect(several.status == 64 && several.errorOutput.contains("Third (\(other))"), "\(several.errorOutput)")
      #expect(several.errorOutput.contains("manage slow install --uninstall --instance-id default --root"))
      for words in [["--service", "slow@none"], ["--service", "main"], ["--instance", "slow"]] {
        let refused = try await SubprocessRunner().run(Command("\(app)/installer.sh", ["--uninstall"] + words))
        #expect(refused.status == 64, "\(words): \(refused.errorOutput)")
      }
      let wrong = try await SubprocessRunner().run(
        Command("\(home(box, "slow"))/installer.sh", ["--uninstall", "--service", other]))
      #expect(wrong.status == 64, "\(wrong.errorOutput)")
      #expect(try await box.berth("list", "--json").json().list.count == 2)
      let named = try await run(app, "--non-interactive", "--uninstall", "--service", other, script: "installer.sh")
      #expect(named.status == 0, "\(named.errorOutput)")
      #expect(try await box.berth("list", "--json").json().list.map { $0["instance_id"].text } == ["default"])
      #expect(try await run(app, "--non-interactive", "--uninstall", script: "installer.sh").status == 0)
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(files[0])"))
    }
  }
}
