import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("A fleet file of a stranger's, on the command line")
struct StrangeFleetTests {
  private static func plugin() -> String {
    """
    schema: 1
    id: attic
    name: Attic
    summary: Shows a folder of the host
    category: other
    version: "1"
    settings:
      media: { type: path, default: "{{paths.data}}/media", help: A folder }
      title: { type: string, default: Attic, help: A word }
    ports:
      game: { protocol: tcp, default: \(FreePorts.block(4)), help: Nobody listens }
    services:
      main:
        exec: [/usr/bin/sleep, infinity]
        env: { TITLE: "{{settings.title}}" }
        mounts: { /mnt: { from: "{{settings.media}}", mode: ro } }
    backup:
      files: { files: ["{{paths.data}}"], hot: true }
    """
  }

  @Test("is 77 with the words that help, goes on when they are typed, and asks nothing more afterwards")
  func asks() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("attic", Self.plugin())
      let file = try box.write(
        "fleet.yaml",
        "schema: 1\ninstances:\n  - { app: attic, name: a, count: 2, enabled: false, settings: { media: /usr/share } }\n"
      )
      try await box.succeed("host", "up")
      let before = try await HostSnapshot(box)
      let plan = try await box.berth("plan", "-f", file)
      #expect(plan.status == 1 && plan.output.contains("has to be confirmed: --accept attic.media"), "\(plan.output)")
      let json = try await box.berth("apply", "-f", file, "--dry-run", "--json")
      let grant = try json.json()["changes"].list[0]["grants"].list[0]
      #expect(grant["item"].text == "attic.media" && grant["value"].text == "/usr/share", "\(json.output)")
      #expect(grant["answer"].text == "open" && grant["source"].text == "\(file):3", "\(json.output)")
      let refused = try await box.berth("apply", "-f", file, "--yes", "--json")
      #expect(refused.status == 77)
      #expect(try refused.failure()["code"].text == "unconfirmed-grants")
      let remedy = try #require(try refused.failure()["remedy"].text)
      #expect(remedy.contains("--accept attic.media"), "\(remedy)")
      #expect(try await HostSnapshot(box) == before)
      let typo = try await box.berth("apply", "-f", file, "--accept", "attic.medai", "--json")
      #expect(typo.status == 64)
      #expect(try typo.failure()["code"].text == "unknown-grant")

      try await box.succeed("apply", "-f", file, "--accept", "attic.media")
      for more in [[], ["--accept", "attic.media"], ["--accept", "all"]] {
        let again = try await box.berth(["apply", "-f", file] + more)
        #expect(again.status == 0 && again.output == "nothing to do\n", "\(again.output)\(again.errors)")
      }
      // What the operator types is the operator's.
      try await box.succeed("config", "set", "attic", "--instance", "a-1", "media=/usr/lib")
      try await box.succeed("install", "attic", "--instance-name", "b", "--set", "media=/usr/lib", "--no-start")
      let back = try await box.berth("apply", "-f", file, "--json")
      #expect(back.status == 77, "\(back.errors)")
      try await box.succeed("apply", "-f", file, "--accept", "all")
    }
  }

  @Test("that asks for nothing is applied without a question")
  func harmless() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("attic", Self.plugin())
      let file = try box.write(
        "fleet.yaml",
        """
        schema: 1
        defaults: { labels: { site: north }, limits: { tasks: 100 } }
        instances:
          - { app: attic, name: a, enabled: false, settings: { title: Mine } }
        """)
      try await box.succeed("apply", "-f", file)
    }
  }

  @Test("is asked about on a terminal, where a no does nothing and ends with 1")
  func terminal() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("attic", Self.plugin())
      let file = try box.write(
        "fleet.yaml",
        "schema: 1\ninstances:\n  - { app: attic, name: a, enabled: false, settings: { media: /usr/share } }\n")
      try await box.succeed("host", "up")
      let before = try await HostSnapshot(box)
      let typed = "apply -f \(file) --root \(box.root) --plugins \(box.plugins)"
      func answer(_ word: String) async throws -> CommandResult {
        try await SubprocessRunner().run(
          Command(
            "/bin/sh",
            [
              "-c",
              "(sleep 1; echo \(word); sleep 5) | script -qec '\(BerthProgram.path) \(typed) < /dev/tty' /dev/null",
            ]))
      }
      let no = try await answer("n")
      #expect(no.output.contains("Take attic.media = '/usr/share' (a path of this host)"), "\(no.output)")
      #expect(no.status == 1)
      #expect(try await HostSnapshot(box) == before)
      let yes = try await answer("y")
      #expect(yes.status == 0 && yes.output.contains("1 made"), "\(yes.output)")
    }
  }
}
