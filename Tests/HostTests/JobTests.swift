import Foundation
import TestSupport
import Testing

@Suite("Jobs, order and conditions with real units")
struct JobTests {
  /// The server needs the seed of its first-run job, and its store, which takes a second to listen.
  private static func shop(port: Int) -> String {
    """
    schema: 1
    id: shop
    name: Shop
    summary: Sells what its store has
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl], touch: [/usr/bin/touch], sleep: [/usr/bin/sleep] }
    settings:
      extra: { type: bool, default: false }
    ports:
      store: { protocol: tcp, default: \(port), service: store }
    services:
      store:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - "sleep 1; my $s = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die; 1 while $s->accept"
          - "{{ports.store}}"
        stop: { grace: 1s }
        ready: { tcp: store, timeout: 20s }
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - "$| = 1; open my $f, '<', $ARGV[1] or die qq(no seed); IO::Socket::INET->new(qq(127.0.0.1:$ARGV[0])) or die qq(no store); print qq(seed: ), <$f>, chr 10; sleep 1 while 1"
          - "{{ports.store}}"
          - "{{paths.data}}/seed"
        depends-on: [store]
        stop: { grace: 1s, first: { exec: ["{{programs.touch}}", "{{paths.data}}/saved"] } }
      extra:
        exec: ["{{programs.sleep}}", infinity]
        stop: { grace: 1s }
        when: { extra: "true" }
    jobs:
      seed:
        at: [install]
        exec: ["{{programs.perl}}", -e, "open my $f, '>', $ARGV[0] or die; print $f 'corn'", "{{paths.data}}/seed"]
      sweep:
        calendar: daily
        exec: ["{{programs.touch}}", "{{paths.data}}/swept"]
    backup: { data: { files: ["{{paths.data}}"], hot: true } }
    """
  }

  @Test("a first-run job, a dependency, a condition, a timer and a last word each do what they are for")
  func life() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("shop", Self.shop(port: FreePorts.block(3)))
      let run = try await box.berth("install", "shop", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let home = try #require(try run.json()["dir"].text)
      #expect(try run.json()["services"].list.map { $0["name"].text } == ["store", "main"])
      // It would have died without the seed, or without a store that listens.
      #expect(try await LogWatch.lines(box, "shop", until: "seed: ").contains("seed: corn"))
      #expect(try await box.systemctl("show", "--property=NRestarts", "--value", "shop@default.service") == "0\n")
      let jobs = try await Self.moment(box, "InactiveEnterTimestampMonotonic", "shop-seed@default.service")
      let start = try await Self.moment(box, "ExecMainStartTimestampMonotonic", "shop@default.service")
      let ready = try await Self.moment(box, "ActiveEnterTimestampMonotonic", "shop-store@default.service")
      #expect(jobs < start || jobs == 0)
      #expect(ready > 0 && ready <= start)

      // The condition.
      #expect(try await box.systemctl("is-active", "shop-extra@default.service") == "inactive\n")
      let more = try await box.berth("config", "set", "shop", "extra=true", "--json")
      #expect(more.status == 0, "\(more.errors)")
      #expect(try more.json()["services"].list.map { $0["name"].text } == ["store", "main", "extra"])
      #expect(try more.json()["status"].text == "running")
      #expect(try await box.systemctl("is-active", "shop-extra@default.service") == "active\n")
      try await box.succeed("config", "set", "shop", "extra=false")
      #expect(try await box.systemctl("is-active", "shop-extra@default.service") == "inactive\n")
      #expect(try await box.succeed("status", "shop", "--json").json()["services"].list.count == 2)
      #expect(try await box.berth("doctor").status == 0)

      try await Self.expectTimer(box, home)
      try await Self.expectRuns(box, home)

      // The last word, while it still runs.
      #expect(!FileManager.default.fileExists(atPath: "\(home)/data/saved"))
      try await box.succeed("stop", "shop")
      #expect(FileManager.default.fileExists(atPath: "\(home)/data/saved"))
      #expect(try await box.systemctl("is-active", "shop-sweep@default.timer") == "inactive\n")
      try await box.succeed("start", "shop")
      try await box.succeed("remove", "shop", "--yes")
      let after = try await HostSnapshot(box)
      #expect(after.units.isEmpty && after.users.isEmpty && !after.files.keys.contains { $0.contains("shop") })
      #expect(try await box.systemctl("list-timers", "--all", "--no-legend").contains("shop") == false)
      #expect(!Self.stamps(box).contains { $0.contains("shop") })
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  private static func expectTimer(_ box: SandboxFixture, _ home: String) async throws {
    #expect(try await box.systemctl("is-active", "shop-sweep@default.timer") == "active\n")
    #expect(try await box.systemctl("list-timers", "--no-legend").contains("shop-sweep@default.service"))
    _ = try await box.systemctl("start", "shop-sweep@default.service")
    #expect(FileManager.default.fileExists(atPath: "\(home)/data/swept"))
  }

  /// A person runs a job: one with a calendar beside the service, another one while it is stopped.
  private static func expectRuns(_ box: SandboxFixture, _ home: String) async throws {
    let pid = try await box.systemctl("show", "--property=MainPID", "--value", "shop@default.service")
    try FileManager.default.removeItem(atPath: "\(home)/data/swept")
    try await box.succeed("job", "run", "shop", "sweep")
    #expect(FileManager.default.fileExists(atPath: "\(home)/data/swept"))
    #expect(try await box.systemctl("show", "--property=MainPID", "--value", "shop@default.service") == pid)
    let plan = try await box.succeed("job", "run", "shop", "seed", "--dry-run", "--json").json()
    #expect(plan["changes"].list.map { $0["action"].text } == ["run-job"])
    try FileManager.default.removeItem(atPath: "\(home)/data/seed")
    let run = try await box.succeed("job", "run", "shop", "seed", "--json")
    #expect(try run.json()["status"].text == "running" && FileManager.default.fileExists(atPath: "\(home)/data/seed"))
    #expect(try await box.systemctl("show", "--property=MainPID", "--value", "shop@default.service") != pid)
    // It was stopped, with its last word.
    try FileManager.default.removeItem(atPath: "\(home)/data/saved")
    let unknown = try await box.berth("job", "run", "shop", "sed", "--json")
    #expect(unknown.status == 64 && unknown.errors.contains("did you mean 'seed'?"))
  }

  /// What the manager remembers of timers.
  private static func stamps(_ box: SandboxFixture) -> [String] {
    let folder = "\(box.root)/state/private/home/.local/share/systemd/timers"
    return (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private static func moment(_ box: SandboxFixture, _ property: String, _ unit: String) async throws -> Int {
    let text = try await box.systemctl("show", "--property=\(property)", "--value", unit)
    return Int(text.split(separator: "\n").first ?? "") ?? -1
  }

  @Test("a job of a removal that fails leaves the instance as it was; one that does not runs before anything goes")
  func removal() async throws {
    try await SandboxFixture.with { box in
      // It has its say outside of its own folder, which goes: in the journal.
      let yaml =
        NapPlugin.first(port: FreePorts.block(2))
          + """

          jobs:
            farewell:
              at: [remove]
              exec: [/usr/bin/perl, -e, "-e $ARGV[0] or die qq(not yet); print qq(farewell said)", "{{paths.cache}}/may-go"]
          """
      try box.addPlugin("nap", yaml)
      try await box.succeed("install", "nap")
      let before = try await HostSnapshot(box)
      let refused = try await box.berth("remove", "nap", "--yes", "--json")
      #expect(refused.status == 70)
      #expect(try refused.failure()["cause"].text?.contains("not yet") == true, "\(refused.errors)")
      let after = try await HostSnapshot(box)
      #expect(after == before, "\(after.differences(from: before))")
      try await box.succeed("operations", "recover")
      let home = "\(box.root)/state/instances/nap/default"
      try Data().write(to: URL(fileURLWithPath: "\(home)/cache/may-go"))
      try await box.succeed("remove", "nap", "--yes")
      #expect(!FileManager.default.fileExists(atPath: home))
    }
  }
}
