import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Backups on another machine")
struct OtherMachineTests {
  /// The contents of all files below a folder, by path.
  private static func contents(_ folder: String, of parts: [String]) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      guard parts.contains(where: { path.hasPrefix("\($0)/") }) else { continue }
      var status = stat()
      guard lstat("\(folder)/\(path)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      found[path] = FileManager.default.contents(atPath: "\(folder)/\(path)")
    }
    return found
  }

  @Test("a chain is exported, imported and restored; ports that are taken move and are shown, free ones stay")
  func move() async throws {
    try await SandboxFixture.withTwo { home, away in
      // The usual one may be somebody else's by the time that it is free here.
      let port = FreePorts.block(2)
      let chest = try await Chest.install(
        home, "teeworlds", "--instance-name", "Arena", "--set", "motd=Hello", "--port", "\(port)")
      try chest.put("data/teeworlds/maps/own.map", "a map")
      let full = try await chest.backup()
      try chest.put("data/teeworlds/maps/second.map", "another map")
      let diff = try await chest.backup("--backup-label", "event=cup", "--note", "the cup")
      let id = try #require(diff["id"].text)

      let stick = "\(home.plugins)/stick"
      let exported = try await home.succeed("backups", "export", id, stick, "--json").json().list.compactMap(\.text)
      #expect(exported.count == 2)
      for path in exported {
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
      }
      let twice = try await home.berth("backups", "export", id, stick, "--json")
      #expect(twice.status == 73, "\(twice.errors)")

      let newest = try #require(exported.last)
      let imported = try await away.succeed("backups", "import", newest, "--json").json().list
      #expect(imported.map { $0["id"] } == [full["id"], diff["id"]])
      #expect(imported.allSatisfy { $0["origin"].text == "imported" && $0["verified_at"].text != nil }, "\(imported)")
      // What was brought in is meant only when it is named.
      let unnamed = try await away.berth("restore", "teeworlds", "--yes", "--json")
      #expect(unnamed.status == 64, "\(unnamed.errors)")
      #expect(try await away.succeed("backups", "import", newest, "--json").json().list.isEmpty)
      #expect(try await away.succeed("backups", "verify", "--all", "--json").status == 0)

      // The server at home has the port.
      let moved = try await away.succeed("restore", "teeworlds", "--backup", id, "--yes")
      let made = try await away.succeed("status", "teeworlds", "--json").json()
      #expect(made.port != port && moved.errors.contains("port game: \(port) → \(made.port)"), "\(moved.errors)")
      #expect(made["instance_name"].text == "Arena" && made["instance_id"].text == "default")
      #expect(try ServerClient.teeworlds(port: made.port).name == "Arena")
      let folder = try #require(made["dir"].text)
      #expect(SandboxFixture.text("\(folder)/data/teeworlds/maps/own.map") == "a map")
      #expect(SandboxFixture.text("\(folder)/data/teeworlds/maps/second.map") == "another map")
      #expect(SandboxFixture.text("\(folder)/config/server.cfg").contains("sv_port \(made.port)"))
      let secrets = try await [home, away].asyncMap {
        try await $0.succeed("config", "get", "teeworlds", "rcon-password", "--reveal").output
      }
      #expect(secrets[0] == secrets[1])
      #expect(try await away.berth("doctor").status == 0)

      // Once the port is free it is the same again.
      try await away.succeed("remove", "teeworlds", "--yes")
      try await home.succeed("remove", "teeworlds", "--yes")
      let same = try await away.succeed("restore", "teeworlds", "--backup", id, "--yes")
      #expect(try await away.succeed("status", "teeworlds", "--json").json().port == port)
      #expect(!same.errors.contains("port game"), "\(same.errors)")
      #expect(try ServerClient.teeworlds(port: port).name == "Arena")
      #expect(try await away.berth("doctor").status == 0)
    }
  }

  @Test("GNU tar and bsdtar unpack an archive to the same bytes, modes and links", arguments: ["zstd", "gzip"])
  func plainTools(compression: String) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      for number in 0..<30 {
        try chest.put("data/world/\(number % 3)/file \(number)", String(repeating: "\(number)\n", count: number * 50))
      }
      try chest.put("data/world/run", "#!/bin/true\n")
      #expect(chmod(chest.path("data/world/run"), 0o750) == 0)
      try FileManager.default.createSymbolicLink(atPath: chest.path("data/link"), withDestinationPath: "world/run")
      #expect(link(chest.path("data/world/run"), chest.path("data/world/again")) == 0)
      try chest.put("data/left.tmp", "of no use")
      let backup = try await chest.backup("--compression", compression)
      let archive = try #require(backup["path"].text)
      #expect(archive.hasSuffix(compression == "zstd" ? ".tar.zst" : ".tar.gz"))
      #expect(try FileManager.default.attributesOfItem(atPath: archive)[.posixPermissions] as? Int == 0o600)
      let wanted = try Self.contents(chest.folder, of: ["config", "data"]).filter { !$0.key.hasSuffix(".tmp") }
      #expect(wanted.count > 30)
      for (program, words) in [("tar", ["--\(compression)", "-xpf"]), ("bsdtar", ["-xpf"])] {
        let folder = "\(box.plugins)/unpacked-\(program)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let run = try await SubprocessRunner().run(Command(program, words + [archive, "-C", folder]))
        #expect(run.status == 0 && run.errorOutput.isEmpty, "\(program): \(run.errorOutput)")
        let found = try Self.contents(folder, of: ["config", "data"])
        #expect(found == wanted, "\(program): \(Set(found.keys).symmetricDifference(wanted.keys))")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/data/link") == "world/run")
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/data/world/run")[.posixPermissions]
        #expect(mode as? Int == 0o750)
      }
    }
  }
}
