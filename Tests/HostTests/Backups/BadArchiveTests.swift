import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("An archive that is not what it should be")
struct BadArchiveTests {
  /// An instance with a full backup and a difference, and something that came later.
  private static func prepare(_ box: SandboxFixture) async throws -> (chest: Chest, full: JSON, diff: JSON) {
    try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
    let chest = try await Chest.install(box)
    try chest.put(
      "data/world/map", String((0..<40_000).map { _ in Character(UnicodeScalar(UInt8.random(in: 32..<127))) }))
    let full = try await chest.backup()
    try chest.put("data/world/second", "of the difference")
    let diff = try await chest.backup()
    try chest.put("data/world/third", "of later")
    return (chest, full, diff)
  }

  /// A restore that is refused.
  private static func expectRefusal(
    _ box: SandboxFixture, _ words: [String], _ what: Comment, code: String = "bad-backup", status: Int32 = 65
  ) async throws {
    for more in [["--verify-only"], ["--yes"]] {
      let run = try await box.berth(["restore"] + words + more + ["--json"])
      #expect(run.status == status, "\(what), \(more): \(run.output)\(run.errors)")
      let failure = try run.failure()
      #expect(failure["code"].text == code, "\(what), \(more): \(run.errors)")
      #expect(failure["remedy"].text?.isEmpty == false, "\(what), \(more): \(run.errors)")
      #expect(run.output == "", "\(what), \(more)")
    }
  }

  /// Looks whether refusals change nothing.
  private static func unchanged(_ box: SandboxFixture, _ body: () async throws -> Void) async throws {
    let before = try await HostSnapshot(box)
    try await body()
    let after = try await HostSnapshot(box)
    #expect(after == before, "\(after.differences(from: before).joined(separator: "\n"))")
  }

  @Test("what is asked for cannot be both accepted and declined")
  func both() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth(
        "restore", "chest", "--from", "/none", "--accept", "a,media", "--decline", "media", "--json")
      #expect(run.status == 64 && run.errors.contains("'media' cannot be both"), "\(run.errors)")
    }
  }

  @Test("one that is cut off, or in which bits are others, is refused before anything is touched")
  func damaged() async throws {
    try await SandboxFixture.with { box in
      let (chest, full, diff) = try await Self.prepare(box)
      let (id, newest) = (try #require(diff["id"].text), try #require(diff["path"].text))
      try await Self.unchanged(box) {
        for backup in [full, diff] {
          let path = try #require(backup["path"].text)
          let whole = backup.archive
          var damages = [0, 200, whole.count / 2, whole.count - 1].map { ("cut off after \($0)", whole.prefix($0)) }
          for place in [2, whole.count / 3, whole.count * 4 / 5] {
            // One bit alone may be of a field that nobody reads; ArchiveTests change each of them.
            var flipped = whole
            for index in place..<min(place + 8, whole.count) { flipped[index] ^= 0x10 }
            damages.append(("flipped at \(place)", flipped))
          }
          for (what, archive) in damages {
            try Self.overwrite(path, archive)
            let what = "\(backup["kind"].text ?? ""), \(what)"
            try await Self.expectRefusal(box, ["chest", "--from", newest], "\(what)")
          }
          let verify = try await box.berth("backups", "verify", id, "--json")
          #expect(verify.status == 65, "\(verify.errors)")
          #expect(try verify.failure()["code"].text == "bad-backup", "\(verify.errors)")
          #expect(try await chest.backups()[0]["state"].text == "broken")
          let doctor = try await box.berth("doctor", "--json")
          #expect(try doctor.json().list.map { $0["code"].text } == ["backup-broken"], "\(doctor.output)")
          // The newest one that is good is meant where none is named.
          let plan = try await box.berth("restore", "chest", "--dry-run", "--json")
          #expect(plan.status == 0 && !plan.output.contains(newest), "\(plan.output)\(plan.errors)")
          try Self.overwrite(path, whole)
          try await box.succeed("backups", "verify", id)
          #expect(try await chest.backups()[0]["state"].text == "good")
        }
      }
      // What a verification finds in one is wrong with all that are made upon it.
      let (path, whole) = (try #require(full["path"].text), full.archive)
      var flipped = whole
      for index in (whole.count / 2)..<(whole.count / 2 + 8) { flipped[index] ^= 0x10 }
      try Self.overwrite(path, flipped)
      #expect(try await box.berth("backups", "verify", full["id"].text ?? "").status == 65)
      #expect(try await chest.backups().map { $0["state"].text } == ["broken", "broken"])
      try Self.overwrite(path, whole)
      try await box.succeed("backups", "verify", id)
      try await chest.restore()
      #expect(!chest.exists("data/world/third") && chest.text("data/world/second") == "of the difference")
    }
  }

  @Test(
    "one of another app, of a newer format, without what it needs, or none at all is refused with a word of its own")
  func strange() async throws {
    try await SandboxFixture.with { box in
      let (chest, full, diff) = try await Self.prepare(box)
      try box.addPlugin("other", ChestPlugin.yaml(port: FreePorts.block(3), id: "other"))
      let other = try await Chest.install(box, "other")
      let path = try #require(full["path"].text)
      try await Self.expectRefusal(box, ["other", "--from", path], "another app's", code: "foreign-backup")

      let newer = "\(box.plugins)/newer.tar.zst"
      try await Self.rewrite(path, to: newer, in: "\(box.plugins)/unpacked") { head in
        head.replacing(#""format":1"#, with: #""format":2"#).replacing(#""format" : 1"#, with: #""format" : 2"#)
      }
      try await Self.expectRefusal(box, ["chest", "--from", newer], "a newer format", code: "backup-newer")
      let import_ = try await box.berth("backups", "import", newer, "--json")
      #expect(import_.status == 65)
      #expect(try import_.failure()["code"].text == "backup-newer", "\(import_.errors)")

      let before = try await HostSnapshot(box)
      for (what, text) in [
        ("empty", ""), ("no archive", "schema: 1\n"), ("zeros", String(repeating: "\0", count: 5000)),
      ] {
        let file = try box.write("no.tar.zst", text)
        try await Self.expectRefusal(box, ["chest", "--from", file], "\(what)")
      }
      try await Self.expectRefusal(box, ["chest", "--from", box.plugins], "a folder")
      try await Self.expectRefusal(
        box, ["chest", "--from", "\(box.plugins)/none"], "a file that is not there", code: "backup-missing")

      let after = try await HostSnapshot(box)
      #expect(after == before, "\(after.differences(from: before).joined(separator: "\n"))")

      // The link that a difference needs.
      let aside = "\(box.plugins)/full.tar.zst"
      try FileManager.default.moveItem(atPath: path, toPath: aside)
      let id = try #require(diff["id"].text)
      try await Self.expectRefusal(box, ["chest", "--backup", id], "without its full one", code: "backup-link-missing")
      #expect(try await chest.backups().map { $0["state"].text } == ["missing", "missing"])
      // Another archive in its place.
      try FileManager.default.copyItem(atPath: try #require(try await other.backup()["path"].text), toPath: path)
      #expect(chmod(path, 0o600) == 0)
      try await Self.expectRefusal(
        box, ["chest", "--backup", id], "with another full one", code: "backup-link-missing")
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: aside, toPath: path)
      try await chest.restore()
      #expect(chest.text("data/world/second") == "of the difference" && !chest.exists("data/world/third"))
      try await chest.expectSound()
    }
  }

  @Test("a folder with archives that may not be entered is not allowed, and is named")
  func forbidden() async throws {
    let folder = "/var/tmp/berth-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["box", "archives"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
    }
    #expect(chown("\(folder)/box", 65534, 65534) == 0 && chmod("\(folder)/archives", 0o700) == 0)
    let archive = "\(folder)/archives/a.tar.zst"
    try Data("nothing".utf8).write(to: URL(fileURLWithPath: archive))
    let run = try await PublicProgram.with { program in
      try await SubprocessRunner().run(
        Command(
          "setpriv",
          [
            "--reuid", "65534", "--regid", "65534", "--clear-groups", program.path, "restore", "teeworlds", "--from",
            archive, "--verify-only", "--root", "\(folder)/box/sandbox", "--json",
          ]))
    }
    #expect(run.status == 77, "\(run.errorOutput)")
    let failure = try JSON(parsing: run.errorOutput.split(separator: "\n").last.map(String.init) ?? "{}")
    #expect(failure["summary"].text?.contains(archive) == true, "\(run.errorOutput)")
  }

  @Test("one that was not made here asks by name, on exit status 77, and a number out of its bounds is refused")
  func stranger() async throws {
    try await SandboxFixture.with { box in
      let (_, full, _) = try await Self.prepare(box)
      let path = try #require(full["path"].text)
      func forge(_ name: String, cpus: String) async throws -> String {
        let forged = "\(box.plugins)/\(name).tar.zst"
        try await Self.rewrite(path, to: forged, in: "\(box.plugins)/unpacked-\(name)") { head in
          let limits = #""limits" : {"cpus" : \#(cpus)}"#
          return head.replacing(/"limits" : \{[^}]*\}/, with: limits)
        }
        return forged
      }
      let words = ["chest", "--as", "Copy", "--from"]
      let asking = try await forge("asking", cpus: "2")
      let refused = try await box.berth(["restore"] + words + [asking, "--yes", "--json"])
      #expect(refused.status == 77, "\(refused.errors)")
      #expect(try refused.failure()["code"].text == "unconfirmed-grants")
      #expect(try refused.failure()["remedy"].text?.contains("--accept limits") == true, "\(refused.errors)")
      let plan = try await box.succeed("restore", "chest", "--as", "Copy", "--from", asking, "--dry-run", "--json")
      let grant = try plan.json()["changes"].list[0]["grants"].list[0]
      #expect(grant["item"].text == "limits" && grant["value"].text == "cpus=2.0" && grant["answer"].text == "open")
      let shown = try await box.succeed("restore", "chest", "--as", "Copy", "--from", asking, "--dry-run")
      #expect(shown.output.contains("has to be confirmed: --accept limits"), "\(shown.output)")
      // On a terminal a person is asked; the archive has no list of files, so that nothing comes of it.
      let typed = (words + [asking, "--root", box.root, "--plugins", box.plugins]).joined(separator: " ")
      let asked = try await SubprocessRunner().run(
        Command(
          "/bin/sh",
          [
            "-c",
            "(sleep 1; echo n; sleep 2) | script -qec '\(BerthProgram.path) restore \(typed) < /dev/tty' /dev/null",
          ]))
      #expect(asked.output.contains("Take limits = 'cpus=2.0'"), "\(asked.output)")
      #expect(asked.output.contains("the backup is broken"), "\(asked.output)")
      let huge = try await forge("huge", cpus: "1e300")
      try await Self.expectRefusal(box, words + [huge, "--accept", "limits"], "processors without end")
    }
  }

  /// Puts other bytes into a file, so that owner and mode stay.
  private static func overwrite(_ path: String, _ bytes: Data) throws {
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: bytes)
    try file.close()
  }

  /// An archive with another head.
  static func rewrite(_ archive: String, to target: String, in folder: String, _ change: (String) -> String)
    async throws
  {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let runner = SubprocessRunner()
    try await runner.succeed(Command("bsdtar", ["-xf", archive, "-C", folder]))
    let head = "\(folder)/.berth/manifest.json"
    let text = SandboxFixture.text(head)
    let changed = change(text)
    #expect(changed != text)
    try changed.write(toFile: head, atomically: false, encoding: .utf8)
    try await runner.succeed(
      Command(
        "bsdtar", ["-cf", target, "--zstd", "--format", "pax", "-C", folder, ".berth/manifest.json", "config", "data"]))
  }
}
