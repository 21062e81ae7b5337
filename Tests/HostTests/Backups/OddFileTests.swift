import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Files of an instance that are out of the ordinary")
struct OddFileTests {
  private static func list(_ backup: JSON) async throws -> [String] {
    try await SubprocessRunner().succeed(Command("bsdtar", ["-tvf", backup["path"].text ?? ""]))
      .split(separator: "\n").map(String.init)
  }

  /// A folder outside of the sandbox with secrets in it.
  private static func withOutside(_ body: (String) async throws -> Void) async throws {
    let folder = "/var/tmp/berth-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: "\(folder)/deep", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["secret", "deep/map"] {
      try "a secret of others\n".write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }
    try await body(folder)
    for name in ["secret", "deep/map"] { #expect(SandboxFixture.text("\(folder)/\(name)") == "a secret of others\n") }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() == ["deep", "deep/map", "secret"])
  }

  @Test("links that an instance has planted are kept as links: nothing outside is read, and nothing is written there")
  func links() async throws {
    try await SandboxFixture.with { box in
      try await Self.withOutside { outside in
        try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
        let chest = try await Chest.install(box)
        let files = FileManager.default
        try chest.put("data/world/map", "the map")
        try chest.put("config/extra", "more")
        func link(_ name: String, to target: String) throws {
          if chest.exists(name) { try chest.remove(name) }
          try files.createSymbolicLink(atPath: chest.path(name), withDestinationPath: target)
          try chest.own(name)
        }
        try link("data/file", to: "\(outside)/secret")
        try link("data/folder", to: outside)
        try link("data/up", to: "../../../../../..")
        let first = try await chest.backup()
        let text = try await Self.list(first).joined(separator: "\n")
        #expect(text.contains("data/file -> \(outside)/secret") && text.contains("data/folder -> \(outside)"))
        #expect(!text.contains("data/folder/") && !text.contains("data/up/"))

        // Where the backup has a folder or a file, there is a link to the outside now.
        try chest.remove("data/world")
        try link("data/world", to: "\(outside)/deep")
        try link("config/extra", to: "\(outside)/secret")
        try link("config/app.conf", to: "\(outside)/secret")
        let one = try await box.berth("restore", "chest", "--file", "data/world/map", "--yes", "--json")
        #expect(SandboxFixture.text("\(outside)/deep/map") == "a secret of others\n", "\(one.output)\(one.errors)")
        // A config file that stays must be one: the link is moved beside, and the file made anew.
        let part = try await box.berth("restore", "chest", "--set", "data", "--yes", "--json")
        #expect(part.status == 0, "\(part.errors)")
        #expect(chest.text("config/app.conf")?.contains("note = first") == true)
        #expect((try? files.destinationOfSymbolicLink(atPath: chest.path("config/app.conf"))) == nil)
        try await chest.restore()
        #expect(chest.text("data/world/map") == "the map")
        #expect(chest.text("config/extra") == "more")
        #expect(chest.text("config/app.conf")?.contains("note = first") == true)
        #expect(try files.destinationOfSymbolicLink(atPath: chest.path("data/file")) == "\(outside)/secret")
        #expect(try files.destinationOfSymbolicLink(atPath: chest.path("data/folder")) == outside)

        // Links where Berth itself writes, in a backup: what is rendered goes beside and takes their place. A service that
        // sees nothing behind such a link would not start.
        try await box.succeed("stop", "chest")
        try link("config/app.conf", to: "\(outside)/secret")
        try await chest.backup()
        try await chest.restore()
        try await box.succeed("start", "chest")
        let copy = try await chest.restore("--as", "Copy")
        let config = try #require(copy["dir"].text) + "/config/app.conf"
        #expect(SandboxFixture.text(config).contains("note"))
        let home = try #require(copy["dir"].text)
        #expect(try files.destinationOfSymbolicLink(atPath: "\(home)/data/folder") == outside)
        try await chest.expectSound()
      }
    }
  }

  @Test("sockets and FIFOs are left out with a word, and hold nothing up")
  func pipes() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      try chest.put("data/file", "text")
      #expect(mkfifo(chest.path("data/fifo"), 0o600) == 0 && mkfifo(chest.path("config/fifo"), 0o600) == 0)
      try await SubprocessRunner().succeed(
        Command(
          "perl",
          [
            "-MIO::Socket::UNIX", "-e", "chdir shift; IO::Socket::UNIX->new(Local => 'socket', Listen => 1) or die",
            chest.path("data"),
          ]))
      let run = try await box.succeed("backup", "chest", "--json", "--verify")
      let warnings = try run.json()["warnings"].list.compactMap(\.text).sorted()
      #expect(warnings.map { $0.prefix { $0 != " " } } == ["config/fifo", "data/fifo", "data/socket"], "\(warnings)")
      #expect(run.errors.contains("data/fifo"), "\(run.errors)")
      let left = try run.json()["left_out"]
      #expect(left["count"].integer == 3 && left["files"].list.allSatisfy { $0["reason"].text == "special" })
      try chest.put("data/file", "changed")
      try await chest.restore()
      #expect(chest.text("data/file") == "text" && !chest.exists("data/fifo") && !chest.exists("config/fifo"))
      #expect(try await chest.status()["status"].text == "running")
      try await chest.expectSound()
    }
  }

  @Test("names with newlines, quotes and bytes that are no text come back as they were, and JSON stays JSON")
  func names() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3), data: ", hot: true"))
      let chest = try await Chest.install(box)
      let names: [[UInt8]] = [
        Array("two\nlines".utf8), Array(#"a "quoted" \ name"#.utf8), [0xff, 0xfe, 0x41], Array("\u{1b}[31mred".utf8),
        Array("é".utf8), [0x65, 0xcc, 0x81], Array(repeating: 0x6e, count: 255), Array(" ".utf8), Array("-rf".utf8),
      ]
      func path(_ name: [UInt8]) -> [CChar] {
        (Array("\(chest.folder)/data/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
      }
      // As its user would have made them: the doctor names files of another owner.
      var data = stat()
      #expect(stat("\(chest.folder)/data", &data) == 0)
      for name in names {
        let file = open(path(name), O_WRONLY | O_CREAT | O_EXCL, 0o600)
        #expect(file >= 0 && write(file, name, name.count) == name.count)
        #expect(fchown(file, data.st_uid, data.st_gid) == 0 && close(file) == 0)
      }
      #expect(mkfifo(path(Array("pipe\n".utf8) + [0xff]), 0o600) == 0)
      let run = try await box.succeed("backup", "chest", "--json", "--verify")
      let warnings = try run.json()["warnings"].list.compactMap(\.text)
      #expect(warnings.count == 1 && warnings[0].hasPrefix(#"data/pipe\012\377 "#), "\(warnings)")
      #expect(try await chest.backups()[0]["files"].integer == names.count + 1)
      for name in names { #expect(unlink(path(name)) == 0) }
      // As listings show it, and as terminals do.
      try await chest.restore("--file", #"data/\377\376A"#)
      #expect(unlink(path(names[2])) == 0)
      try await chest.restore("--file", #"data/\xff\xFEA"#)
      #expect(unlink(path(names[2])) == 0)
      try await chest.restore("--file", #"\144ata\057\377\376A"#)
      try await chest.restore("--file", "data/two\nlines")
      func content(_ name: [UInt8]) -> [UInt8]? {
        let file = open(path(name), O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 300)
        let count = read(file, &buffer, 300)
        return Array(buffer.prefix(max(0, count)))
      }
      #expect(content(names[2]) == names[2] && content(names[0]) == names[0] && content(names[1]) == nil)
      try await chest.restore()
      for name in names { #expect(content(name) == name) }
      // What is not there has its name in the error, as one line of JSON.
      let missing = try await box.berth("restore", "chest", "--file", "data/no\nsuch", "--yes", "--json")
      #expect(missing.status == 64, "\(missing.errors)")
      #expect(try missing.failure()["code"].text == "not-in-backup", "\(missing.errors)")
      try await chest.expectSound()
    }
  }
}
