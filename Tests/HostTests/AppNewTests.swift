import Foundation
import TestSupport
import Testing

@Suite("Beginning a plugin, and running it") struct AppNewTests {
  @Test("what 'app new' writes passes the check, runs beside a second one, and goes without a trace")
  func program() async throws {
    try await SandboxFixture.with { box in
      let made = try await box.succeed("app", "new", "notes", "--to", box.plugins, "--json")
      #expect(try made.json()["path"].text == "\(box.plugins)/notes")
      let text = SandboxFixture.text("\(box.plugins)/notes/plugin.yaml")
      #expect(text.hasPrefix("# yaml-language-server: $schema=/") && text.contains("\nname: Notes\n"))
      #expect(try await box.succeed("app", "check", "notes").output == "notes: untested\n")
      for (name, port) in [("First & last", FreePorts.block(2)), ("Second", FreePorts.block(2))] {
        let title = name.replacing("& ", with: "")
        try await box.succeed("install", "notes", "--instance-name", title, "--port", "\(port)")
        let page = try ServerClient.http(port: port, path: "/")
        #expect(page.contains("<h1>\(title)</h1>"), "\(page)")
      }
      #expect(try await box.berth("doctor").status == 0)
      try await box.succeed("remove", "notes", "--instance", "Second", "--yes")
      try await box.succeed("remove", "notes", "--yes")
      #expect(!box.tree().contains { $0.contains("notes") })
    }
  }

  @Test("a copy of a plugin goes by its own id and by no number of another's")
  func copied() async throws {
    try await SandboxFixture.with { box in
      try await box.succeed("app", "new", "arena", "--from", "teeworlds", "--to", box.plugins)
      let text = SandboxFixture.text("\(box.plugins)/arena/plugin.yaml")
      #expect(text.contains("\nid: arena\n") && !text.contains("\nguid:"))
      try await box.succeed("app", "check", "arena")
      try await box.succeed("app", "new", "hospital", "--from", "eqmd", "--to", box.plugins)
      try await box.succeed("app", "check", "hospital")
    }
  }

  @Test(
    "what cannot be begun is refused with what helps, and nothing is written",
    arguments: [
      (["My App"], "bad-app-id", 64), (["luanti"], "app-exists", 73),
      (["mine", "--from", "nothing"], "unknown-app", 64), (["mine", "--from", "icecast"], "built-in-plugin", 64),
      (["taken"], "path-exists", 73),
    ])
  func refused(_ words: [String], _ code: String, _ status: Int32) async throws {
    try await SandboxFixture.with { box in
      try FileManager.default.createDirectory(atPath: "\(box.plugins)/taken", withIntermediateDirectories: true)
      let run = try await box.berth(["app", "new"] + words + ["--to", box.plugins, "--json"])
      #expect(run.status == status, "\(run.errors)")
      #expect(try run.failure()["code"].text == code && run.failure()["remedy"].text != nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: box.plugins) == ["taken"])
    }
  }
}
