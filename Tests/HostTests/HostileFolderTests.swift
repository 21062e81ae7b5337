import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// What the user of an instance that was taken over does to root's Berth, in a sandbox of root's.
@Suite("The folders of an instance that was taken over")
struct HostileFolderTests {
  /// With a port of its own each time: what is stopped for a restore must find its own free.
  static var plugin: String {
    FixturePlugins.idle(
      "taken",
      extra: """
        config:
          app.conf:
            path: "{{paths.config}}/sub/app.conf"
            format: properties
            values: { greeting: "{{settings.greeting}}" }
        backup:
          data: { files: ["{{paths.data}}"], hot: true }
          db: { sqlite: ["{{paths.data}}/*.sqlite"] }
        """)
  }

  /// It says what it sees in a folder of its own that it has in another place.
  static let mounted = """
    schema: 1
    id: mounted
    name: Mounted
    summary: Sees its folder elsewhere
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    services:
      main:
        exec: ["{{programs.perl}}", -le, "$| = 1; opendir my $d, q(/srv) or die; print qq(sees $_) for readdir $d; sleep 1 while 1"]
        mounts: { /srv: "{{paths.data}}/saved" }
        stop: { signal: SIGTERM, grace: 5s }
    backup:
      saved: { files: ["{{paths.data}}/saved"] }
    """

  private struct Victim {
    let fixture: SandboxFixture
    var app = "taken"
    var home: String { "\(fixture.root)/state/instances/\(app)/default" }
    var conf: String { "\(home)/config/sub/app.conf" }

    /// Runs a program as the instance's user.
    @discardableResult
    func attack(_ words: String...) async throws -> CommandResult {
      var info = stat()
      try #require(stat("\(home)/data", &info) == 0 && info.st_uid != 0)
      let user = ["--reuid=\(info.st_uid)", "--regid=\(info.st_gid)", "--clear-groups", "--"]
      return try await SubprocessRunner().run(Command("setpriv", user + words))
    }

    /// Runs Berth, which may neither wait nor succeed.
    func refused(_ words: String..., code: String) async throws {
      let run = try await BerthProgram.run(
        words + ["--json", "--root", fixture.root, "--plugins", fixture.plugins], timeout: 60, signal: "KILL")
      #expect(run.status == 65, "\(words): \(run.status) \(run.errors)")
      #expect(try run.failure()["code"].text == code, "\(words): \(run.errors)")
    }
  }

  private func taken<Result>(_ body: (Victim) async throws -> Result) async throws -> Result {
    try await SandboxFixture.with { fixture in
      try fixture.addPlugin("taken", Self.plugin)
      try await fixture.succeed("install", "taken")
      return try await body(Victim(fixture: fixture))
    }
  }

  @Test("a link to root's file in a config file's place, or to its folder, is not read, shown, given away or written")
  func links() async throws {
    try await taken { victim in
      let secret = try victim.fixture.write("shadow", "root:$secret$\n")
      chmod(secret, 0o600)
      try await victim.attack("ln", "-sfn", secret, victim.conf)
      // The attack works where nobody looks: root reads the secret by that name.
      #expect(try String(contentsOfFile: victim.conf, encoding: .utf8).contains("$secret$"))
      for words in [["update", "taken"], ["update", "taken", "--dry-run"]] {
        let run = try await victim.fixture.berth(words + ["--json"])
        #expect(run.status == 65 && !(run.output + run.errors).contains("$secret$"), "\(words): \(run.errors)")
      }
      try await victim.refused("config", "set", "taken", "greeting=x", code: "link-in-the-way")
      let doctor = try await victim.fixture.berth("doctor")
      #expect(!(doctor.output + doctor.errors).contains("$secret$"))
      #expect((doctor.output + doctor.errors).contains(victim.conf))
      // The folder above.
      try await victim.attack("mv", "\(victim.home)/config/sub", "\(victim.home)/data/former")
      try await victim.attack("ln", "-s", victim.fixture.plugins, "\(victim.home)/config/sub")
      try await victim.refused("update", "taken", code: "link-in-the-way")
      #expect(try await victim.attack("rm", "\(victim.home)/config/sub").status == 0)
      var info = stat()
      #expect(stat(secret, &info) == 0 && info.st_uid == 0 && info.st_mode & 0o777 == 0o600)
      #expect(try String(contentsOfFile: secret, encoding: .utf8) == "root:$secret$\n")
      try await victim.fixture.succeed("update", "taken")
      #expect(stat(victim.conf, &info) == 0 && info.st_uid != 0)
    }
  }

  @Test("a FIFO in a config file's place is named at once, and holds up no other instance")
  func fifo() async throws {
    try await taken { victim in
      try await victim.fixture.succeed("install", "taken", "--instance-name", "Other")
      try await victim.attack("rm", victim.conf)
      try await victim.attack("mkfifo", victim.conf)
      try await victim.refused(
        "config", "set", "taken", "--instance", "default", "greeting=x", code: "not-a-file")
      let other = try await victim.fixture.berth(
        "config", "set", "taken", "--instance", "Other", "greeting=fine")
      #expect(other.status == 0, "\(other.errors)")
    }
  }

  @Test(
    "a config file among the data that is edited to garbage, and folders nested on purpose, keep no restore from being done"
  )
  func restoreOverGarbage() async throws {
    try await SandboxFixture.with { fixture in
      try fixture.addPlugin(
        "taken",
        Self.plugin.replacing("{{paths.config}}/sub/app.conf", with: "{{paths.data}}/app.json").replacing(
          "format: properties", with: "format: json"))
      try await fixture.succeed("install", "taken")
      try await fixture.succeed("backup", "taken")
      let victim = Victim(fixture: fixture)
      let file = "\(victim.home)/data/app.json"
      let before = try String(contentsOfFile: file, encoding: .utf8)
      try await victim.attack("sh", "-c", #"echo '{broken' > "$1""#, "sh", file)
      try await victim.attack(
        "perl", "-e", "chdir shift or die; for (1..10000) { mkdir 'd' or die; chdir 'd' or die }", "\(victim.home)/data"
      )
      try await victim.refused("update", "taken", code: "broken-config-file")
      try await fixture.succeed("restore", "taken", "--yes")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
      #expect(!FileManager.default.fileExists(atPath: "\(victim.home)/data/d"))
    }
  }

  @Test(
    "a restore during which its folders are exchanged for links leaves the instance whole at once, whatever comes of it"
  )
  func racedRestore() async throws {
    try await taken { victim in
      let fixture = victim.fixture
      try await victim.attack("mkdir", "\(victim.home)/data/world", "\(victim.home)/data/mods")
      try await victim.attack("touch", "\(victim.home)/data/world/map", "\(victim.home)/data/own.sqlite")
      try await fixture.succeed("backup", "taken")
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Attacks/churn.py")
      let script = try fixture.write("churn.py", String(contentsOf: source, encoding: .utf8))
      chmod(script, 0o644)
      var info = stat()
      try #require(stat("\(victim.home)/data", &info) == 0 && info.st_uid != 0)
      let attacker = Process()
      attacker.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
      attacker.arguments = [
        "--reuid=\(info.st_uid)", "--regid=\(info.st_gid)", "--clear-groups", "--", "/usr/bin/python3", script,
        "\(victim.home)/data",
      ]
      let (input, output) = (Pipe(), Pipe())
      (attacker.standardInput, attacker.standardOutput) = (input, output)
      try attacker.run()
      func end() {
        try? input.fileHandleForWriting.close()
        attacker.waitUntilExit()
      }
      defer { if attacker.isRunning { end() } }
      #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("ready"))
      var statuses: [Int32] = []
      for round in 0..<12 {
        // What belongs to the other set is kept, and moved from one folder to the other.
        let set = round % 3 == 0 ? "data" : "db"
        let run = try await fixture.berth("restore", "taken", "--set", set, "--yes", "--json")
        statuses.append(run.status)
        let status = try await fixture.berth("status", "taken", "--json").json()["status"].text
        #expect(status == "running", "\(status ?? "") after \(run.errors)")
      }
      end()
      print("statuses of raced restores: \(statuses)")
      try await fixture.succeed("restore", "taken", "--yes")
      #expect(FileManager.default.fileExists(atPath: "\(victim.home)/data/world/map"))
      let left = try FileManager.default.contentsOfDirectory(atPath: victim.home).filter { $0.hasPrefix(".") }
      #expect(left == [])
    }
  }

  @Test("a link in the place of a backup's own folder leads a backup nowhere, and nothing is removed behind it")
  func backups() async throws {
    try await taken { victim in
      let kept = "\(victim.fixture.plugins)/kept"
      try FileManager.default.createDirectory(atPath: "\(kept)/db", withIntermediateDirectories: true)
      try "precious".write(toFile: "\(kept)/db/archive", atomically: true, encoding: .utf8)
      try await victim.attack("ln", "-sfn", kept, "\(victim.home)/cache/.berth-backup")
      // A link of the instance's own in its cache is gone or in the way; what it leads to is neither kept nor removed.
      let backup = try await victim.fixture.berth("backup", "taken", "--json")
      #expect(try String(contentsOfFile: "\(kept)/db/archive", encoding: .utf8) == "precious", "\(backup.errors)")
      if backup.status == 0 {
        let list = try await victim.fixture.berth("backups", "list", "--json")
        #expect(!list.output.contains("precious"))
      }
      try await victim.fixture.succeed("remove", "taken", "--yes")
      #expect(try String(contentsOfFile: "\(kept)/db/archive", encoding: .utf8) == "precious")
    }
  }

  @Test(
    "a link in the place of what is mounted keeps the service from starting, and leads to the host where nobody looks")
  func mounts() async throws {
    try await SandboxFixture.with { fixture in
      try fixture.addPlugin("mounted", Self.mounted)
      try await fixture.succeed("install", "mounted")
      let victim = Victim(fixture: fixture, app: "mounted")
      try await fixture.succeed("stop", "mounted")
      let host = "\(fixture.plugins)/of-root"
      try FileManager.default.createDirectory(atPath: host, withIntermediateDirectories: true)
      try "x".write(toFile: "\(host)/treasure", atomically: true, encoding: .utf8)
      try await victim.attack("rmdir", "\(victim.home)/data/saved")
      try await victim.attack("ln", "-s", host, "\(victim.home)/data/saved")
      let refused = try await fixture.berth("start", "mounted")
      #expect(
        refused.status != 0 && refused.errors.contains("data/saved' is a link, and Berth follows none"),
        "\(refused.errors)")
      // Whoever asks learns of it, and nothing else is begun.
      let doctor = try await fixture.berth("doctor", "--json")
      #expect(doctor.output.contains("not-a-folder"), "\(doctor.output)")
      let update = try await fixture.berth("update", "mounted")
      #expect(update.status == 65 && update.errors.contains("data/saved' is a file, or a link"), "\(update.errors)")
      // The attack works where the look is taken away.
      let unit = "mounted@default.service"
      let folder = "\(fixture.root)/config/systemd/user/\(unit).d"
      let own = ["config", "data", "cache"].map { "\(victim.home)/\($0)" }.joined(separator: " ")
      try "[Service]\nExecStartPre=\nBindPaths=\nBindPaths=\(own) \(victim.home)/data/saved:/srv\n".write(
        toFile: "\(folder)/control.conf", atomically: true, encoding: .utf8)
      _ = try await fixture.systemctl("daemon-reload")
      _ = try await fixture.systemctl("reset-failed", unit)
      _ = try await fixture.systemctl("start", unit)
      var log = ""
      for _ in 0..<100 where !log.contains("treasure") {
        try await Task.sleep(for: .milliseconds(50))
        log = try await fixture.berth("logs", "mounted").output
      }
      #expect(log.contains("sees treasure"), "\(log)")
      try FileManager.default.removeItem(atPath: "\(folder)/control.conf")
    }
  }

  @Test("a folder that others can change is refused for --dir, before anything is made")
  func unsafeFolder() async throws {
    try await SandboxFixture.with { fixture in
      try fixture.addPlugin("taken", Self.plugin)
      let shared = "\(fixture.plugins)/shared"
      try FileManager.default.createDirectory(atPath: "\(shared)/theirs", withIntermediateDirectories: true)
      chmod(shared, 0o777)
      chown("\(shared)/theirs", 12345, 12345)
      for place in ["\(shared)/new", "\(shared)/theirs", "\(shared)/theirs/deep/new"] {
        let run = try await fixture.berth("install", "taken", "--dir", place, "--json")
        #expect(run.status == 77, "\(run.errors)")
        #expect(try run.failure()["code"].text == "unsafe-directory")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: shared) == ["theirs"])
      // A link of somebody else's, in a folder where nobody can exchange it, still leads where they chose.
      let sticky = "\(fixture.plugins)/sticky"
      for folder in [sticky, "\(fixture.plugins)/target"] { mkdir(folder, 0o755) }
      chmod(sticky, 0o1777)
      symlink("\(fixture.plugins)/target", "\(sticky)/link")
      lchown("\(sticky)/link", 12345, 12345)
      let led = try await fixture.berth("install", "taken", "--dir", "\(sticky)/link/new", "--json")
      #expect(led.status == 77, "\(led.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(fixture.plugins)/target") == [])
      // An instance in Berth's own folders could write plugins, or other instances.
      for own in ["config/plugins.d", "state/instances/taken/other", "backups/taken"] {
        let run = try await fixture.berth("install", "taken", "--dir", "\(fixture.root)/\(own)", "--json")
        #expect(run.status == 73, "\(own): \(run.errors)")
      }
      #expect(try await fixture.berth("list", "--json").json() == .list([]))
      // What is another instance's has an owner that can change it, too, and is somebody's above all.
      try await fixture.succeed("install", "taken", "--dir", "\(fixture.plugins)/first")
      for place in ["", "/data", "/data/deep"] {
        let run = try await fixture.berth("install", "taken", "--dir", "\(fixture.plugins)/first\(place)", "--json")
        #expect(run.status == 73, "\(place): \(run.errors)")
        #expect(try run.failure()["code"].text == "directory-in-use")
      }
    }
  }
}
