import Foundation
import TestSupport
import Testing

@Suite("Many instances with one command")
struct BatchTests {
  private static func statuses(_ box: SandboxFixture) async throws -> [String: String] {
    let list = try await box.succeed("list", "--json").json().list
    return Dictionary(
      list.map { ($0["instance_name"].text ?? "", $0["status"].text ?? "") }, uniquingKeysWith: { first, _ in first })
  }

  @Test("install --count, stop --all, start --label and restart --all reach whom they mean")
  func orders() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(10)))
      let made = try await box.berth(
        "install", "nap", "--count", "5", "--instance-name", "n", "--label", "team=a", "--json")
      try #require(made.status == 0, "\(made.errors)")
      let names = (1...5).map { "n-\($0)" }
      #expect(try made.json().list.map { $0["instance_name"].text } == names)
      #expect(try made.json().list.allSatisfy { $0["status"].text == "running" && $0["enabled"] == .boolean(true) })
      #expect(Set(try made.json().list.compactMap { $0["ports"][0]["port"].integer }).count == 5)
      #expect(try await box.berth("operations", "list", "--json").json().list.count == 1)
      try await box.succeed("install", "nap", "--instance-name", "other", "--label", "team=b")

      let stopped = try await box.succeed("stop", "nap", "--all", "--json").json().list
      #expect(stopped.map { $0["status"].text } == Array(repeating: "stopped", count: 6))
      try await box.succeed("start", "--label", "team=a")
      var expected = Dictionary(names.map { ($0, "running") }) { first, _ in first }
      expected["other"] = "stopped"
      #expect(try await Self.statuses(box) == expected)

      try await box.succeed("start", "--all")
      let before = try await Servers(box)
      let restarted = try await box.berth("restart", "--all", "--at-once", "2", "--progress", "json")
      #expect(restarted.status == 0)
      let after = try await Servers(box)
      #expect(after.changed(since: before) == names + ["other"] && after.ports == before.ports)
      let lines = restarted.errors.split(separator: "\n").filter { $0.hasPrefix("{") }
      #expect(lines.count == 6, "\(restarted.errors)")
      for (number, line) in lines.enumerated() {
        let progress = try JSON(parsing: String(line))
        #expect(
          progress.keys == [
            "bytes", "bytes_per_second", "instance", "kind", "of", "of_bytes", "seconds_left", "step", "summary",
          ])
        #expect(progress["bytes"] == .null)
        #expect(progress["step"].integer == number + 1 && progress["of"].integer == 6)
        #expect(progress["kind"].text == "restart" && progress["instance"].text?.hasPrefix("nap/") == true)
      }
      try await box.succeed("remove", "nap", "--all", "--yes")
      #expect(try await box.berth("list", "--json").json() == .list([]))
    }
  }

  @Test("one whose port a stranger has taken is the only one that does not start, and is named; the others run")
  func takenPort() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("nap", NapPlugin.first(port: FreePorts.block(10)))
      let made = try await box.succeed("install", "nap", "--count", "5", "--instance-name", "n", "--no-start")
      #expect(made.output.contains("n-5"))
      // In the order in which a batch goes through them.
      let list = try await box.succeed("list", "--json").json().list
      let names = list.compactMap { $0["instance_name"].text }
      let port = try #require(list[2]["ports"][0]["port"].integer)
      let stranger = try HeldPort(udp: port)
      let start = try await box.berth("start", "nap", "--all", "--keep-going")
      #expect(start.status == 73)
      let errors = start.errors.split(separator: "\n").filter { $0.hasPrefix("error") }
      #expect(errors.count == 1 && errors.first?.contains("udp/\(port)") == true, "\(start.errors)")
      #expect(
        start.errors.contains("nap/\(names[2])") && start.errors.contains("process \(getpid())"), "\(start.errors)")
      let statuses = try await Self.statuses(box)
      #expect(names.map { statuses[$0] } == ["running", "running", "stopped", "running", "running"])

      // An order is not taken back; what stands behind the one that failed is not tried.
      try await box.succeed("stop", "nap", "--all")
      let strict = try await box.berth("start", "nap", "--all", "--at-once", "1", "--json")
      let codes = try strict.errors.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
        try JSON(parsing: String($0))["code"].text
      }
      #expect(codes == ["port-in-use", "untried", "untried"], "\(strict.errors)")
      #expect(try strict.json().list.map { $0["instance_name"].text } == Array(names.prefix(2)))
      let operation = try await box.berth("operations", "list", "--json").json()[0]
      #expect(operation["status"].text == "failed" && operation["remedy"] == .null)
      #expect(try await box.berth("start", "nap", "--all").status == 73)
      withExtendedLifetime(stranger) {}
    }
  }

  @Test("one that fails takes all back with it; with --keep-going it goes alone")
  func failing() async throws {
    try await SandboxFixture.with { box in
      // Its first-run job fails unless the setting has its default.
      let yaml =
        NapPlugin.first(port: FreePorts.block(10))
        + "\njobs: { check: { at: [install], exec: [/usr/bin/test, \"{{settings.note}}\", \"=\", first] } }\n"
      try box.addPlugin("nap", yaml)
      try await box.succeed("host", "up")
      let file = try box.write(
        "fleet.yaml",
        """
        schema: 1
        instances:
          - { app: nap, name: good, count: 3 }
          - { app: nap, name: bad, settings: { note: wrong } }

        """)
      let before = try await HostSnapshot(box)
      let strict = try await box.berth("apply", "-f", file, "--json")
      #expect(strict.status == 70, "\(strict.errors)")
      #expect(try strict.failure()["code"].text == "job-failed", "\(strict.errors)")
      let after = try await HostSnapshot(box)
      #expect(after == before, "\(after.differences(from: before))")

      let lenient = try await box.berth("apply", "-f", file, "--keep-going", "--json")
      #expect(lenient.status == 70)
      #expect(try lenient.json()["failed"].integer == 1)
      #expect(lenient.errors.split(separator: "\n").count { $0.contains("\"code\"") } == 1, "\(lenient.errors)")
      #expect(try await Self.statuses(box) == ["good-1": "running", "good-2": "running", "good-3": "running"])
      #expect(try await HostSnapshot(box).users.count == 3)
      let operation = try await box.berth("operations", "list", "--json").json()[0]
      #expect(operation["instances"].list.map { $0["outcome"].text } == ["done", "done", "done", "undone"])
      #expect(try await box.berth("doctor").status == 0)

      // What people read: at once that one has failed, and at the end which, why, and what helps, in a line.
      let more = try box.write(
        "more.yaml",
        """
        schema: 1
        instances:
          - { app: nap, name: more, count: 2 }
          - { app: nap, name: bad, settings: { note: wrong } }

        """)
      let text = try await box.berth("apply", "-f", more, "--keep-going")
      expectNamed(text, cause: "it wrote nothing", remedy: "operations show ")
      #expect(text.output.contains("1 failed"), "\(text.output)")
    }
  }

  /// That the one that failed is named in time, with its cause and a remedy.
  private func expectNamed(_ run: BerthRun, cause: String, remedy: String) {
    #expect(run.status == 70, "\(run.errors)")
    let lines = run.errors.split(separator: "\n")
    let early = lines.firstIndex { $0.hasPrefix("berth: nap/bad failed, and the others go on: ") }
    let late = lines.indices.filter { lines[$0].hasPrefix("error: nap/bad") }
    #expect(early != nil && late.count == 1 && early ?? 0 < late.last ?? 0, "\(run.errors)")
    let line = late.last.map { String(lines[$0]) } ?? ""
    #expect(line.contains("(remedy: berth \(remedy)") && line.contains(cause), "\(line)")
  }

  @Test("one of three that does not get ready after an update is named, with cause and remedy; the others are updated")
  func failingUpdate() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(10)
      try box.addPlugin("nap", Self.listener(port: port, isAsked: false))
      for name in ["a", "bad", "c"] {
        try await box.succeed(
          "install", "nap", "--instance-name", name, "--set", "note=\(name == "bad" ? "wrong" : "first")")
      }
      try box.addPlugin("nap", Self.listener(port: port, isAsked: true))
      let run = try await box.berth("update", "--all", "--keep-going")
      expectNamed(run, cause: "no such note", remedy: "logs nap --instance ")
      // The units are the app's, and stay as the others need them.
      let statuses = try await Self.statuses(box)
      #expect([statuses["a"], statuses["c"]] == ["running", "running"], "\(statuses)")
      let json = try await box.berth("update", "--all", "--keep-going", "--json")
      #expect(json.status == 70)
      #expect(try json.json().list.compactMap { $0["instance_name"].text }.sorted() == ["a", "c"], "\(json.output)")
      let failure = try json.failure()
      #expect(failure["code"].text == "not-ready", "\(json.errors)")
      #expect(failure["where"].text?.hasPrefix("nap/bad") == true, "\(json.errors)")
      #expect(failure["cause"].text?.contains("no such note") == true, "\(json.errors)")
      #expect(failure["remedy"].text?.hasPrefix("berth logs nap") == true, "\(json.errors)")
    }
  }

  /// A program that listens only with the first note, and its second version, which is asked whether it does.
  private static func listener(port: Int, isAsked: Bool) -> String {
    """
    schema: 1
    id: nap
    name: Nap
    summary: Listens
    category: other
    version: "\(isAsked ? 2 : 1)"
    programs: { perl: [/usr/bin/perl] }
    settings:
      note: { type: string, default: first }
    ports:
      http: { protocol: tcp, default: \(port), bind: 127.0.0.1 }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - >-
            $| = 1; my ($port, $note) = @ARGV;
            if ($note ne q(first)) { print qq(no such note\\n); sleep 1 while 1 }
            my $server = IO::Socket::INET->new(LocalAddr => q(127.0.0.1), LocalPort => $port, Listen => 5, ReuseAddr => 1) or die;
            while (my $client = $server->accept) { close $client }
          - "{{ports.http}}"
          - "{{settings.note}}"
        stop: { grace: 1s }
    \(isAsked ? "    ready: { tcp: http, timeout: 4s }" : "")
    """
  }
}
