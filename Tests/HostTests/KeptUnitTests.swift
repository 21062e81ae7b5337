import Foundation
import TestSupport
import Testing

@Suite("Instances of one app on different versions of its plugin, with real units")
struct KeptUnitTests {
  private static func plugin(_ version: Int, _ word: String, jobs: String = "") -> String {
    """
    schema: 1
    id: duo
    name: Duo
    summary: Says a word
    category: other
    version: "\(version)"
    programs: { perl: [/usr/bin/perl], touch: [/usr/bin/touch] }
    services:
      main:
        exec: ["{{programs.perl}}", -e, "$| = 1; print qq(word: $ARGV[0]), chr 10; sleep 1 while 1", \(word)]
        stop: { grace: 1s }
    \(jobs)

    """
  }

  private static let job =
    "jobs: { fresh: { calendar: daily, exec: [\"{{programs.touch}}\", \"{{paths.cache}}/fresh\"] } }"

  @Test(
    "an update of one instance gives the others neither its job nor its command line, through restarts and until they are updated"
  )
  func kept() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("duo", Self.plugin(1, "first"))
      try await box.succeed("install", "duo", "--instance-name", "North")
      let south = try #require(
        try await box.succeed("install", "duo", "--instance-name", "South", "--json").json()["instance_id"].text)
      try box.addPlugin("duo", Self.plugin(2, "second", jobs: Self.job))
      let plan = try await box.succeed("update", "duo", "--instance", "North", "--dry-run")
      #expect(plan.output.contains("duo/South keeps the former units until the next update"), "\(plan.output)")
      try await box.succeed("update", "duo", "--instance", "North")

      func command(_ id: String) async throws -> String {
        try await box.systemctl("show", "--property=ExecStart", "--value", "duo@\(id).service")
      }
      func timer(_ id: String) async throws -> String { try await box.systemctl("is-active", "duo-fresh@\(id).timer") }
      #expect(try await timer("default") == "active\n")
      #expect(try await command("default").contains("second"))
      try await box.succeed("restart", "duo", "--instance", "South")
      try await box.succeed("stop", "duo", "--instance", "South")
      try await box.succeed("start", "duo", "--instance", "South")
      #expect(try await timer(south) == "inactive\n")
      #expect(try await command(south).contains("first"))
      #expect(
        try await box.systemctl("show", "--property=MainPID", "--value", "duo@\(south).service") != "0\n")
      let found = try await box.berth("doctor", "--json").json().list
      #expect(Set(found.map { $0["subject"].text }) == ["duo/South"])
      #expect(found.contains { $0["problem"].text == "it still has the units of its former plugin" })

      // Another change of the templates does not reach what it is kept on.
      try box.addPlugin("duo", Self.plugin(3, "third", jobs: Self.job))
      try await box.succeed("update", "duo", "--instance", "North")
      try await box.succeed("restart", "duo", "--instance", "South")
      #expect(try await command(south).contains("first"))

      try await box.succeed("update", "duo", "--instance", "South")
      #expect(try await timer(south) == "active\n")
      #expect(try await command(south).contains("third"))
      #expect(try await box.berth("doctor").status == 0)
      let units = try FileManager.default.contentsOfDirectory(atPath: "\(box.root)/config/systemd/user")
      #expect(!units.contains { $0.hasSuffix("@\(south).service") || $0.hasSuffix("@\(south).target") }, "\(units)")
    }
  }

  @Test("an update that needs a value names the command that gives it")
  func values() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("duo", Self.plugin(1, "first"))
      try await box.succeed("install", "duo")
      let more = Self.plugin(2, "\"{{settings.word}}\"").replacing(
        "services:", with: "settings: { word: { type: string } }\nservices:")
      try box.addPlugin("duo", more)
      let run = try await box.berth("update", "duo", "--json")
      #expect(run.status == 64)
      let remedy = try #require(try run.failure()["remedy"].text)
      #expect(remedy.hasPrefix("berth config set duo --instance default word=VALUE"), "\(remedy)")
      try await box.succeed("config", "set", "duo", "--instance", "default", "word=told")
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("only what was written in this start is the cause of its failure")
  func causes() async throws {
    try await SandboxFixture.with { box in
      func yaml(_ word: String) -> String {
        Self.plugin(1, word).replacing("sleep 1 while 1", with: "exit 3")
          .replacing("    stop:", with: "    ready: { tcp: web, timeout: 2s }\n    stop:")
          .replacing("services:", with: "ports: { web: { protocol: tcp, default: \(FreePorts.block(2)) } }\nservices:")
      }
      try box.addPlugin("duo", yaml("first"))
      try await box.succeed("install", "duo", "--no-start")
      #expect(try await box.berth("start", "duo", "--json").failure()["cause"].text?.contains("word: first") == true)
      _ = try await box.systemctl("stop", "duo@default.service")
      try box.addPlugin("duo", yaml("second"))
      try await box.succeed("update", "duo")
      let again = try await box.berth("start", "duo", "--json").failure()["cause"].text ?? ""
      #expect(again.contains("word: second") && !again.contains("word: first"), "\(again)")
    }
  }

  @Test("an instance that is kept on its units is removed with them, and a failed update leaves no trace of them")
  func gone() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("duo", Self.plugin(1, "first"))
      try await box.succeed("install", "duo", "--instance-name", "North")
      try await box.succeed("install", "duo", "--instance-name", "South")
      let before = try await HostSnapshot(box)
      let broken = Self.plugin(2, "second", jobs: Self.job).replacing("$| = 1;", with: "exit 3;")
        .replacing("    stop:", with: "    ready: { tcp: web, timeout: 2s }\n    stop:")
        .replacing("services:", with: "ports: { web: { protocol: tcp, default: \(FreePorts.block(2)) } }\nservices:")
      try box.addPlugin("duo", broken)
      #expect(try await box.berth("update", "duo", "--instance", "North").status != 0)
      let after = try await HostSnapshot(box)
      #expect(
        after.files.keys.filter { $0.contains("systemd/user/") }.sorted()
          == before.files.keys.filter { $0.contains("systemd/user/") }.sorted())
      try box.addPlugin("duo", Self.plugin(2, "second", jobs: Self.job))
      try await box.succeed("update", "duo", "--instance", "North")
      try await box.succeed("remove", "duo", "--instance", "South", "--yes")
      try await box.succeed("remove", "duo", "--instance", "North", "--yes")
      let end = try await HostSnapshot(box)
      #expect(end.units.isEmpty && !end.files.keys.contains { $0.contains("duo@") || $0.contains("duo-") })
    }
  }
}
