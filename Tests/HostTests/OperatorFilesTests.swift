import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// What operators do to the files of their instances, on a bad day and on a good one.
@Suite("Files that an operator has touched")
struct OperatorFilesTests {
  private static func plugin(_ format: String = "properties") -> String {
    FixturePlugins.idle(
      extra: """
        config:
          app.conf: { format: \(format), values: { greeting: "{{settings.greeting}}" } }
        backup:
          data: { files: ["{{paths.data}}", "{{paths.config}}"], hot: true }
        """)
  }

  private struct Idle {
    let box: SandboxFixture
    var home: String { "\(box.root)/state/instances/idle/default" }
    var conf: String { "\(home)/config/app.conf" }

    /// Puts a file in the config file's place, with the owner that the former one had.
    func replace(with bytes: [UInt8]) throws {
      var info = stat()
      #expect(stat(conf, &info) == 0)
      try Data(bytes).write(to: URL(fileURLWithPath: conf))
      #expect(chown(conf, info.st_uid, info.st_gid) == 0)
    }

    func backup(_ words: String...) async throws -> JSON {
      try await box.berth(["backup", "idle", "--json"] + words).json()
    }

    func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
  }

  private func idle(_ format: String = "properties", _ body: (Idle) async throws -> Void) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", Self.plugin(format))
      try await box.succeed("install", "idle")
      try await body(Idle(box: box))
    }
  }

  @Test(
    "keep every byte that is not UTF-8, in the file, beside it and in a backup",
    arguments: ["properties", "words", "env"])
  func latin1(_ format: String) async throws {
    try await idle(format) { idle in
      let theirs = Array("# sv_vote_kick_msg \"bient".utf8) + [0xF4] + Array("t\"\n".utf8)
      try idle.replace(with: theirs + Array(try idle.bytes(idle.conf)))
      try await idle.box.succeed("config", "set", "idle", "greeting=changed")
      let now = try idle.bytes(idle.conf)
      #expect(now.starts(with: theirs) && String(decoding: now, as: UTF8.self).contains("changed"))
      // The control: what was there before stands beside it, to the byte.
      let folder = "\(idle.home)/config"
      let beside = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first { $0 != "app.conf" })
      #expect(try idle.bytes("\(folder)/\(beside)").starts(with: theirs))
      try await idle.box.succeed("backup", "idle")
      try await idle.box.succeed("config", "set", "idle", "greeting=again")
      try await idle.box.succeed("restore", "idle", "--yes")
      #expect(try idle.bytes(idle.conf) == now)
      let diff = try await idle.box.berth("config", "set", "idle", "greeting=third", "--dry-run")
      #expect(diff.output.contains("bient\\xf4t"), "\(diff.output)")
    }
  }

  @Test("name the file that a service could not read, instead of a start with the program's own defaults")
  func unreadable() async throws {
    try await idle { idle in
      #expect(chown(idle.conf, 0, 0) == 0 && chmod(idle.conf, 0o600) == 0)
      // What runs goes on: once stopped, it would not start.
      let run = try await idle.box.berth("restart", "idle", "--json")
      #expect(run.status == 65, "\(run.errors)")
      #expect(run.errors.contains("the service cannot read its config file '\(idle.conf)'"), "\(run.errors)")
      #expect(try run.failure()["remedy"].text?.hasPrefix("berth update idle --instance default --root") == true)
      #expect(try await idle.box.berth("status", "idle", "--json").json()["status"].text == "running")
      // The unit itself refuses, also when systemctl starts it, and its remedy reaches this scope and this plugin.
      try await idle.box.succeed("stop", "idle")
      let start = try await idle.box.berth("start", "idle", "--json")
      #expect(start.status == 70, "\(start.errors)")
      #expect(start.errors.contains("the service cannot read its config file '\(idle.conf)'"), "\(start.errors)")
      let remedy = "berth update idle --instance default --root \(idle.box.root) --plugins \(idle.box.plugins)"
      #expect(start.errors.contains(remedy), "\(start.errors)")
      let doctor = try await idle.box.berth("doctor", "--json").json().list
      #expect(doctor.contains { $0["problem"].text?.hasPrefix("\(idle.conf) does not belong to its user") == true })
      try await idle.box.succeed("update", "idle")
      try await idle.box.succeed("start", "idle")
      var info = stat()
      #expect(stat(idle.conf, &info) == 0 && info.st_uid != 0)
      #expect(try await idle.box.berth("doctor", "--json").json().list.isEmpty)
      // One that is gone is named, too, while what runs goes on.
      try FileManager.default.removeItem(atPath: idle.conf)
      let gone = try await idle.box.berth("restart", "idle")
      #expect(gone.status == 65 && gone.errors.contains("cannot read its config file '\(idle.conf)': it is not there"))
      #expect(try await idle.box.berth("status", "idle", "--json").json()["status"].text == "running")
      try await idle.box.succeed("update", "idle")
      try await idle.box.succeed("restart", "idle")
    }
  }

  @Test(
    "a folder, a link or a closed folder in the place of a config file keeps a service from its end and from a start")
  func noFile() async throws {
    try await idle { idle in
      let aside = "\(idle.conf).aside"
      let closings: [(close: () -> Bool, open: () -> Bool)] = [
        (
          { rename(idle.conf, aside) == 0 && mkdir(idle.conf, 0o755) == 0 },
          { rmdir(idle.conf) == 0 && rename(aside, idle.conf) == 0 }
        ),
        (
          { rename(idle.conf, aside) == 0 && symlink(aside, idle.conf) == 0 },
          { unlink(idle.conf) == 0 && rename(aside, idle.conf) == 0 }
        ),
        ({ chmod("\(idle.home)/config", 0) == 0 }, { chmod("\(idle.home)/config", 0o700) == 0 }),
      ]
      for (number, (close, open)) in closings.enumerated() {
        // Root's own sandbox has users of its own; a person's is the person's.
        guard getuid() == 0 || number < 2 else { continue }
        #expect(close(), "\(number)")
        let restart = try await idle.box.berth("restart", "idle", "--json")
        #expect(restart.status == 65 && restart.errors.contains("unreadable-file"), "\(number): \(restart.errors)")
        #expect(try await idle.box.berth("status", "idle", "--json").json()["status"].text == "running", "\(number)")
        if number == 0 {
          try await idle.box.succeed("stop", "idle")
          let start = try await idle.box.berth("start", "idle", "--json")
          #expect(start.status == 70 && start.errors.contains("it is no regular file"), "\(start.errors)")
        }
        #expect(open(), "\(number)")
        try await idle.box.succeed("start", "idle")
      }
      guard getuid() == 0 else { return }
      // A folder that is closed is named, and mended.
      #expect(chmod("\(idle.home)/config", 0) == 0)
      let doctor = try await idle.box.berth("doctor", "--json").json().list
      #expect(doctor.contains { $0["problem"].text?.contains("may not read \(idle.home)/config") == true }, "\(doctor)")
      try await idle.box.succeed("update", "idle")
      #expect(try await idle.box.berth("doctor", "--json").json().list.isEmpty)
    }
  }

  @Test(
    "a result that cannot be written is an error",
    arguments: [["list", "--json"], ["app", "list"], ["export"], ["--help"], ["list", "--help"], ["--version"]])
  func fullOutput(_ words: [String]) async throws {
    try await idle { idle in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: BerthProgram.path)
      process.arguments = words + ["--root", idle.box.root, "--plugins", idle.box.plugins]
      let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
      let errors = Pipe()
      (process.standardOutput, process.standardError) = (full, errors)
      try process.run()
      let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 70 && said.contains("the result could not be written"), "\(said)")
      // The control: the same command succeeds where there is room.
      #expect(try await idle.box.berth(words).status == 0)
    }
  }

  @Test("an argument or a fleet file that is not UTF-8 is refused by its place, and the sign for such a byte is taken")
  func notText() async throws {
    try await idle { idle in
      let fleet = "\(idle.box.root)/fleet.yaml"
      try Data(Array("schema: 1\ninstances:\n  - { app: idle, name: ".utf8) + [0xF4, 0x20, 0x7D, 0x0A])
        .write(to: URL(fileURLWithPath: fleet))
      let plan = try await idle.box.berth("plan", "-f", fleet, "--json")
      #expect(plan.status == 65)
      #expect(try plan.failure()["where"].text == "\(fleet):3" && plan.errors.contains("a byte is not UTF-8"))
      // The test's own words are text, so that another program has to pass this one on.
      let run = try await SubprocessRunner().run(
        Command(
          "/usr/bin/perl",
          [
            "-e", "exec @ARGV, qq(greeting=bient\\xf4t)", BerthProgram.path, "config", "set", "idle", "--root",
            idle.box.root,
            "--plugins", idle.box.plugins,
          ]))
      #expect(run.status == 64 && run.errorOutput.contains("is not UTF-8"), "\(run.errorOutput)")
      try await idle.box.succeed("config", "set", "idle", "greeting=\u{FFFD}")
      #expect(String(decoding: try idle.bytes(idle.conf), as: UTF8.self).contains("\u{FFFD}"))
    }
  }

  @Test("a link out of the instance is named by the backup, and one that stays or leads to the system is not")
  func links() async throws {
    try await idle { idle in
      for (name, target) in [
        ("out", "/srv/elsewhere"), ("up", "../../../elsewhere"), ("near", "app.conf"), ("system", "/usr/share/games"),
        ("local", "/usr/local/maps"), ("run", "/run/media/disk"), ("own", "\(idle.home)/data"),
      ] { #expect(symlink(target, "\(idle.home)/data/\(name)") == 0) }
      let made = try await idle.backup()
      #expect(
        made["left_out"]["files"].list.compactMap { $0["path"].text }.sorted() == [
          "data/local", "data/out", "data/run", "data/up",
        ])
      #expect(made["warnings"].list.allSatisfy { $0.text?.contains("is a link out of the instance") == true })
    }
  }

  @Test("a folder inside another instance's, around one, or the same by a link is refused before anything is done")
  func nested() async throws {
    try await SandboxFixture.with { box in
      for id in ["idle", "other"] { try box.addPlugin(id, FixturePlugins.idle(id)) }
      let place = "\(box.root)/elsewhere"
      try FileManager.default.createDirectory(atPath: "\(place)/a", withIntermediateDirectories: true)
      try await box.succeed("install", "idle", "--no-start", "--dir", "\(place)/a/b")
      #expect(symlink("\(place)/a", "\(place)/link") == 0)
      for folder in ["a/b", "a/b/c", "a", "", "link/b", "link/b/x"] {
        let run = try await box.berth("install", "other", "--no-start", "--dir", "\(place)/\(folder)", "--json")
        #expect(run.status == 73, "\(folder): \(run.errors)")
        #expect(try run.failure()["code"].text == "directory-in-use", "\(folder): \(run.errors)")
      }
      let own = try await box.berth(
        "install", "other", "--no-start", "--dir", "\(box.root)/state/instances/idle/default/data/x", "--json")
      // Root's Berth sees already that the folder's owner could lead it elsewhere.
      #expect([73, 77].contains(own.status), "\(own.errors)")
      let fleet = try box.write(
        "fleet.yaml",
        "schema: 1\ninstances:\n  - { app: other, name: out, dir: \(place)/new, enabled: false }\n"
          + "  - { app: other, name: in, dir: \(place)/new/in, enabled: false }\n")
      let plan = try await box.berth("plan", "-f", fleet, "--json")
      #expect(try plan.json()["refused"][0]["error"]["code"].text == "directory-in-use", "\(plan.output)\(plan.errors)")
      #expect(try await box.berth("list", "--json").json().list.count == 1)
      // The control: beside it there is room.
      try await box.succeed("install", "other", "--no-start", "--dir", "\(place)/a/bc")
    }
  }

  @Test(
    "a folder of another instance's is refused by a bind mount of it, too, as an own one and as one that is mounted")
  func mountedAgain() async throws {
    try await SandboxFixture.with { box in
      for id in ["idle", "other"] { try box.addPlugin(id, FixturePlugins.idle(id)) }
      try box.addPlugin(
        "guest",
        FixturePlugins.idle("guest", extra: "    mounts: { /mnt: \"{{settings.more}}\" }").replacing(
          "settings:\n", with: "settings:\n  more: { type: path, default: /usr/share }\n"))
      let place = "\(box.root)/elsewhere"
      for folder in ["own", "again"] {
        try FileManager.default.createDirectory(atPath: "\(place)/\(folder)", withIntermediateDirectories: true)
      }
      try await box.succeed("install", "idle", "--no-start")
      try await box.succeed("install", "idle", "--no-start", "--dir", "\(place)/own/idle")
      for (tree, path) in [
        ("\(place)/own/idle", "again/x"), ("\(place)/own", "again/idle/x"), ("\(place)/own", "again"),
        ("\(box.root)/state/instances/idle/default/data", "again/x"),
      ] {
        for words in [
          ["install", "other", "--dir", "\(place)/\(path)"],
          ["install", "guest", "--set", "more=\(place)/\(path)"],
        ] {
          let run = try await SubprocessRunner().run(
            Command(
              "unshare",
              ["--mount", "sh", "-c", "mount --bind $1 $2 && shift 2 && exec \"$@\"", "sh", tree, "\(place)/again"]
                + [BerthProgram.path] + words
                + ["--no-start", "--json", "--yes", "--root", box.root, "--plugins", box.plugins]))
          #expect(
            (run.output + run.errorOutput).contains("directory-in-use"),
            "\(words): \(run.status) \(run.output)\(run.errorOutput)")
        }
      }
      #expect(try await box.berth("list", "--json").json().list.count == 2)
    }
  }

  @Test(
    "an archive that was cut off, or begins or ends otherwise, is no base of a difference, and status and doctor say so"
  )
  func cutArchive() async throws {
    try await idle { idle in
      let box = idle.box
      for damage in ["empty", "half", "head", "end"] {
        let made = try await idle.backup("--full")
        let path = try #require(made["path"].text)
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        let size = UInt64(try #require(made["size"].integer))
        switch damage {
        case "empty": try file.truncate(atOffset: 0)
        case "half": try file.truncate(atOffset: size / 2)
        case "head":
          try file.seek(toOffset: 100)
          try file.write(contentsOf: Data(repeating: 0, count: 10))
        default:
          try file.seek(toOffset: size - 10)
          try file.write(contentsOf: Data(repeating: 0, count: 10))
        }
        try file.close()
        let list = try await box.berth("backups", "list", "--json").json().list
        #expect(list.first { $0["path"].text == path }?["state"].text == "broken", "\(damage)")
        let status = try await box.berth("status", "idle", "--json").json()["last_backup"]
        #expect(!status["succeeded"].isTrue && status["error"].text?.contains(path) == true, "\(damage)")
        let doctor = try await box.berth("doctor", "--json").json().list
        #expect(doctor.contains { $0["code"].text == "backup-broken" && $0["problem"].text?.contains(path) == true })
        let next = try await idle.backup()
        #expect(next["kind"].text == "full", "\(damage)")
        // The control: upon one that is whole, the next is a difference.
        #expect(try await idle.backup()["kind"].text == "diff", "\(damage)")
        #expect(try await box.berth("status", "idle", "--json").json()["last_backup"]["succeeded"].isTrue)
      }
    }
  }
}
