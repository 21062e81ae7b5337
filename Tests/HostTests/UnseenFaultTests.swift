import Foundation
import TestSupport
import Testing

@Suite("Faults that only a look shows, with real units")
struct UnseenFaultTests {
  private static func plugin(_ port: Int, _ more: Int) -> String {
    """
    schema: 1
    id: door
    name: Door
    summary: Listens where it should not
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings:
      address: { type: string, default: 0.0.0.0 }
      extra: { type: bool, default: true }
    ports:
      http: { protocol: tcp, default: \(port), bind: 127.0.0.1 }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - "my @s = map { IO::Socket::INET->new(LocalAddr => shift @ARGV, LocalPort => shift @ARGV, Listen => 5, ReuseAddr => 1) or die } 1..@ARGV/2; sleep 1 while 1"
          - "{{settings.address}}"
          - "{{ports.http}}"
          - { when: { extra: true }, args: ["0.0.0.0", "\(more)"] }
        stop: { grace: 1s }
        ready: { tcp: http, timeout: 20s }
    jobs:
      tidy:
        calendar: daily
        exec: ["{{programs.perl}}", -e, "print qq(no broom), chr 10; exit(-e $ARGV[0] ? 0 : 3)", "{{paths.cache}}/broom"]
    """
  }

  @Test(
    "a program that listens to everybody though it is declared for the host alone, and on a port that nobody declares")
  func ports() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(4)
      try box.addPlugin("door", Self.plugin(port, port + 2))
      try await box.succeed("install", "door")
      func findings() async throws -> [[String]] {
        try await box.berth("doctor", "--json").json().list.map { [$0["code"].text ?? "", $0["problem"].text ?? ""] }
      }
      #expect(
        try await findings() == [
          [
            "port-exposed",
            "its http port tcp/\(port) is declared at 127.0.0.1 and listens at 0.0.0.0",
          ],
          ["port-undeclared", "it listens on tcp/\(port + 2) at 0.0.0.0, which its plugin does not declare"],
        ])
      try await box.succeed("config", "set", "door", "address=127.0.0.1", "extra=false")
      #expect(try await findings() == [])
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("a job that failed at night is in list, status and doctor, and its log is one command away")
  func jobs() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(4)
      try box.addPlugin("door", Self.plugin(port, port + 2))
      try await box.succeed("install", "door", "--set", "address=127.0.0.1", "--set", "extra=false")
      let calm = try await box.succeed("status", "door", "--json").json()
      #expect(calm["problem"].text == nil)
      #expect(calm["jobs"].list.map { $0["name"].text } == ["tidy"])
      #expect(calm["jobs"].list.first?["next_run_at"].text?.hasSuffix("Z") == true)
      #expect(calm["jobs"].list.first?["succeeded"].text == nil)

      _ = try? await box.systemctl("start", "door-tidy@default.service")
      let list = try await box.succeed("list")
      #expect(list.output.contains("NOTE") && list.output.contains("its job 'tidy' has failed"), "\(list.output)")
      let status = try await box.succeed("status", "door")
      #expect(status.output.contains("problem its job 'tidy' has failed"), "\(status.output)")
      #expect(status.output.contains(", failed; next "), "\(status.output)")
      let found = try await box.berth("doctor", "--json").json().list
      #expect(found.map { $0["code"].text } == ["job-failed"])
      let remedy = try #require(found.first?["remedy"].text)
      #expect(remedy.hasPrefix("berth logs door --instance default --service tidy"), "\(remedy)")
      let log = try await box.succeed("logs", "door", "--instance", "default", "--service", "tidy")
      #expect(log.output.contains("no broom"), "\(log.output)")
      #expect(try await box.berth("logs", "door", "--service", "nobody").status == 64)

      let cache = try #require(status.output.split(separator: "\n").first { $0.hasPrefix("folder") }?.dropFirst(8))
      #expect(FileManager.default.createFile(atPath: "\(cache)/cache/broom", contents: nil))
      _ = try await box.systemctl("start", "door-tidy@default.service")
      // The file that mended it is root's, of which the doctor tells as well.
      let left = try await box.berth("doctor", "--json").json().list.map { $0["code"].text }
      #expect(!left.contains("job-failed"), "\(left)")
      #expect(try await box.succeed("list").output.contains("NOTE") == false)
      #expect(try await box.succeed("status", "door").output.contains(", good; next "))
    }
  }

  @Test("a setting that nothing reads is a warning of 'app check', and with --strict an error")
  func unused() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin(
        "door",
        Self.plugin(4711, 4712).replacing("settings:", with: "settings:\n  color: { type: string, default: red }"))
      let plain = try await box.berth("app", "check", "door")
      #expect(plain.status == 0 && plain.output == "door: ok\n", "\(plain.output)")
      #expect(plain.errors.contains("plugin.yaml:9: 'settings.color': nothing reads it"), "\(plain.errors)")
      let json = try await box.succeed("app", "check", "door", "--json").json()
      #expect(json["warnings"].list.map { $0["code"].text } == ["unused"])
      let strict = try await box.berth("app", "check", "door", "--strict", "--json")
      #expect(strict.status == 65)
      #expect(try strict.failure()["code"].text == "unused")
      #expect(try await box.berth("app", "list").output.contains("door"))
    }
  }
}
