import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("An app's own configuration")
struct ConfigSheetTests {
  @Test("a difference of a file whose lines end as on Windows stands as deep as any other")
  func carriageReturns() async throws {
    try await SandboxFixture.with { box in
      let config = "config:\n  app.conf: { format: properties, values: { greeting: \"{{settings.greeting}}\" } }"
      try box.addPlugin("idle", FixturePlugins.idle(extra: config))
      try await box.succeed("install", "idle", "--no-start")
      let conf = "\(box.root)/state/instances/idle/default/config/app.conf"
      let handle = try #require(FileHandle(forWritingAtPath: conf))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: Data("# one\r\n# two\r\ngreeting = other\r\n".utf8))
      try handle.close()
      let diff = try await box.berth("config", "diff", "idle").output
      let lines = diff.unicodeScalars.split(separator: "\n").map { String($0) }
      #expect(lines.first == "idle/default" && lines.count == 8, "\(diff)")
      #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("    ") }, "\(diff)")
      #expect(lines.contains("    -greeting = other\\x0d"), "\(diff)")
    }
  }

  @Test("it is listed with where it goes, edited in an editor, and compared with the files")
  func sheet() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "teeworlds", "--instance-name", "PvP", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let file = "\(try #require(try run.json()["dir"].text))/config/server.cfg"

      let list = try await box.berth("config", "list", "teeworlds", "--json").json().list
      let clients = try #require(list.first { $0["key"].text == "max-clients" })
      #expect(clients["type"].text == "int" && clients["value"].text == "16" && clients["max"].integer == 64)
      #expect(clients["group"].text == "Players" && clients["places"][0]["key"].text == "sv_max_clients")
      #expect(list.first { $0["key"].text == "rcon-password" }?["value"] == .null)
      #expect(try await box.berth("config", "list", "teeworlds").output.contains("int, 1 to 64"))

      // The editor is a program with arguments, which gets the file behind them. What a person has mistyped is kept, here
      // where it goes with the sandbox.
      func edit(_ script: String, _ words: String...) async throws -> BerthRun {
        try await box.berth(
          ["config", "edit", "teeworlds"] + words,
          environment: ["EDITOR": "/usr/bin/perl -pi -e \(script)", "TMPDIR": box.plugins])
      }
      let nothing = try await edit("1")
      #expect(nothing.status == 0 && nothing.errors.contains("nothing was changed"), "\(nothing.errors)")
      let dry = try await edit("s/max-clients:.16/max-clients:\\x{20}12/", "--dry-run")
      #expect(dry.status == 0 && dry.output.contains("sv_max_clients 12"), "\(dry.output)\(dry.errors)")
      let done = try await edit("s/max-clients:.16/max-clients:\\x{20}12/;s/.*motd:/motd:\\x{20}hello/")
      #expect(done.status == 0, "\(done.errors)")
      #expect(SandboxFixture.text(file).contains("sv_max_clients 12\n"))
      #expect(try await box.berth("config", "get", "teeworlds", "motd").output == "hello\n")
      // Taken out, it is the default again.
      #expect(try await edit("s/^max-clients.*//").status == 0)
      #expect(SandboxFixture.text(file).contains("sv_max_clients 16\n"))

      let bad = try await edit("s/max-clients:.16/max-clients:\\x{20}999/", "--json")
      #expect(bad.status == 64, "\(bad.errors)")
      // What was written stays, for its writer alone.
      let note = try #require(bad.errors.firstMatch(of: /what you wrote stays in (\S+)/))
      let sheet = String(note.1)
      #expect(SandboxFixture.text(sheet).contains("max-clients: 999"))
      #expect(try FileManager.default.attributesOfItem(atPath: sheet)[.posixPermissions] as? Int == 0o600)
      try FileManager.default.removeItem(atPath: (sheet as NSString).deletingLastPathComponent)
      let failed = try await box.berth(
        "config", "edit", "teeworlds", environment: ["EDITOR": "/usr/bin/false", "TMPDIR": box.plugins])
      #expect(failed.status == 70 && failed.errors.contains("did not end well"), "\(failed.errors)")

      #expect(try await box.berth("config", "diff", "teeworlds").status == 0)
      try SandboxFixture.text(file).replacing("sv_max_clients 16", with: "sv_max_clients 2")
        .write(toFile: file, atomically: false, encoding: .utf8)
      let diff = try await box.berth("config", "diff", "teeworlds")
      #expect(diff.status == 1 && diff.output.contains("-sv_max_clients 2\n"), "\(diff.output)\(diff.errors)")
      let json = try await box.berth("config", "diff", "--all", "--json").json()
      #expect(json[0]["instance_name"].text == "PvP" && json[0]["files"][0]["path"].text == file)
      #expect(try await box.berth("update", "teeworlds").status == 0)
      #expect(try await box.berth("config", "diff", "teeworlds").output == "")
    }
  }
}
