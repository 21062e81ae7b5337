import Foundation
import TestSupport
import Testing

/// What becomes of values while a plugin and its program go on: nothing is lost without a word, and nothing is called done
/// that the program did not take.
@Suite("Values that outlive a change, with real units") struct ChangeOverTimeTests {
  // MARK: Files that the program writes too

  /// A game that holds its settings in memory and writes them down as it ends; it has no more than 8 players.
  private static func tycoon(_ word: String = "", isEager: Bool = false) -> String {
    """
    schema: 1
    id: tycoon
    name: Tycoon
    summary: Writes its own settings
    category: game
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings:
      players: { type: int, default: 3 }
      motto: { type: string, default: onwards }
    ports:
      game: { protocol: tcp, default: \(FreePorts.block(10)), bind: 127.0.0.1 }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - >-
            $| = 1; my ($f, $eager, $port) = @ARGV; my %k;
            open my $h, q(<), $f or die; while (<$h>) { chomp; my ($a, $b) = split m(\\s*=\\s*), $_, 2; $k{$a} = $b } close $h;
            $k{players} = 8 if $k{players} > 8; $k{runs}++;
            sub save { open my $o, q(>), $f or die; print $o qq($_ = $k{$_}\\n) for sort keys %k; close $o }
            $SIG{TERM} = sub { save; exit 0 }; save if $eager; print qq(open for $k{players}\\n);
            my $s = IO::Socket::INET->new(LocalAddr => qq(127.0.0.1:$port), Listen => 5, ReuseAddr => 1) or die; sleep 1 while 1
          - "{{paths.config}}/tycoon.cfg"
          - "\(isEager ? 1 : 0)"
          - "{{ports.game}}"
        stop: { grace: 5s }
        ready: { tcp: game, timeout: 10s }
    config:
      tycoon.cfg: { format: properties, \(word)values: { players: "{{settings.players}}", motto: "{{settings.motto}}" } }
    backup: { config: { files: ["{{paths.config}}"], hot: true } }
    """
  }

  private static func file(_ box: SandboxFixture) throws -> [String] {
    try String(contentsOfFile: "\(box.root)/state/instances/tycoon/default/config/tycoon.cfg", encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  @Test("a file that the program writes as it ends keeps what the program wrote, and gets what is set")
  func writtenByApp() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("tycoon", Self.tycoon("written-by: app, "))
      try await box.succeed("install", "tycoon")
      for (number, players) in [5, 6].enumerated() {
        try await box.succeed("config", "set", "tycoon", "players=\(players)")
        #expect(try Self.file(box).contains("players = \(players)"))
        // What it counted while the change was planned is no less than what it counted before.
        #expect(try Self.file(box).contains("runs = \(number + 1)"))
      }
      try await box.succeed("restart", "tycoon")
      #expect(try Self.file(box).contains("players = 6") && Self.file(box).contains("runs = 3"))
      #expect(try await LogWatch.lines(box, "tycoon", until: "open for 6").contains("open for 6"))
      #expect(try await box.berth("doctor").status == 0)
      let idle = try await box.succeed("update", "tycoon", "--check")
      #expect(idle.status == 0)
    }
  }

  @Test("a change that the program writes over is an error, and all is as it was")
  func writtenOver() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("tycoon", Self.tycoon())
      try await box.succeed("install", "tycoon")
      let lost = try await box.berth("config", "set", "tycoon", "players=5", "--json")
      #expect(lost.status == 70)
      #expect(try lost.failure()["code"].text == "change-not-taken", "\(lost.errors)")
      #expect(lost.errors.contains("'players' in") && lost.errors.contains("written-by: app"))
      #expect(!lost.errors.contains("'motto'"))
      #expect(try await box.succeed("config", "get", "tycoon", "players").output == "3\n")
      #expect(try Self.file(box).contains("players = 3"))
      #expect(try await box.succeed("status", "tycoon", "--json").json()["status"].text == "running")
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("a value that the program puts right as it starts is an error too")
  func clamped() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("tycoon", Self.tycoon("written-by: app, ", isEager: true))
      try await box.succeed("install", "tycoon")
      try await box.succeed("config", "set", "tycoon", "players=8")
      let lost = try await box.berth("config", "set", "tycoon", "players=9", "motto=home", "--json")
      #expect(lost.status == 70)
      #expect(try lost.failure()["code"].text == "change-not-taken", "\(lost.errors)")
      #expect(lost.errors.contains("'players' in") && !lost.errors.contains("written-by"))
      #expect(try await box.succeed("config", "get", "tycoon", "motto").output == "onwards\n")
      #expect(try Self.file(box).contains("players = 8") && Self.file(box).contains("motto = onwards"))
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  // MARK: Accounts in a program's own data

  /// A program whose one account lies in its data, and that does not start with a certain motto.
  private static var club: String {
    """
    schema: 1
    id: club
    name: Club
    summary: Has an account of its own
    category: web
    version: "1"
    programs: { perl: [/usr/bin/perl], sleep: [/usr/bin/sleep] }
    settings:
      password: { type: password, default: first }
      motto: { type: string, default: onwards }
    ports:
      game: { protocol: tcp, default: \(FreePorts.block(10)), bind: 127.0.0.1 }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - >-
            die qq(no such motto) if $ENV{MOTTO} eq q(bad);
            my $s = IO::Socket::INET->new(LocalAddr => qq(127.0.0.1:$ARGV[0]), Listen => 5, ReuseAddr => 1) or die; sleep 1 while 1
          - "{{ports.game}}"
        env: { PASSWORD: "{{settings.password}}", MOTTO: "{{settings.motto}}" }
        stop: { grace: 2s }
        ready: { tcp: game, timeout: 5s }
    jobs:
      account:
        at: [install, change]
        settings: password
        exec:
          - "{{programs.perl}}"
          - -e
          - "open my $f, q(>), qq($ARGV[0]/account) or die; print $f $ENV{PASSWORD}; open my $l, q(>>), qq($ARGV[0]/told) or die; print $l q(x)"
          - "{{paths.data}}"
    backup: { data: { files: ["{{paths.data}}"], hot: true } }
    """
  }

  private static func read(_ box: SandboxFixture, _ name: String, of id: String = "default") throws -> String {
    try String(contentsOfFile: "\(box.root)/state/instances/club/\(id)/data/\(name)", encoding: .utf8)
  }

  @Test("a job that answers to a setting runs when that one changes, and once more when the change is taken back")
  func answers() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("club", Self.club)
      try await box.succeed("install", "club")
      #expect(try Self.read(box, "account") == "first" && Self.read(box, "told") == "x")
      try await box.succeed("backup", "club")
      try await box.succeed("config", "set", "club", "motto=home")
      #expect(try Self.read(box, "told") == "x")
      let plan = try await box.succeed("config", "set", "club", "password=second", "--dry-run")
      #expect(plan.output.contains("run the job account"))
      try await box.succeed("config", "set", "club", "password=second")
      #expect(try Self.read(box, "account") == "second" && Self.read(box, "told") == "xx")
      #expect(try await box.succeed("status", "club", "--json").json()["status"].text == "running")

      let refused = try await box.berth("config", "set", "club", "password=third", "motto=bad")
      #expect(refused.status != 0)
      #expect(try Self.read(box, "account") == "second" && Self.read(box, "told") == "xxxx")
      #expect(try await box.succeed("config", "get", "club", "password", "--reveal").output == "second\n")
      #expect(try await box.succeed("status", "club", "--json").json()["status"].text == "running")

      // While it is stopped too, and it stays stopped.
      try await box.succeed("stop", "club")
      try await box.succeed("config", "set", "club", "--unset", "password")
      #expect(try Self.read(box, "account") == "first")
      #expect(try await box.succeed("status", "club", "--json").json()["status"].text == "stopped")
      try await box.succeed("start", "club")

      // A copy with another value, and the same one without.
      let copy = try await box.succeed("clone", "club", "--name", "Trial", "--set", "password=own", "--json")
      let id = try #require(try copy.json()["instance_id"].text)
      #expect(try Self.read(box, "account", of: id) == "own")
      #expect(try Self.read(box, "told", of: id) == "xxxxxx")
      try await box.succeed("config", "set", "club", "--instance", "default", "password=fourth")
      try await box.succeed("restore", "club", "--instance", "default", "--yes")
      #expect(try Self.read(box, "account") == "first" && Self.read(box, "told") == "x")
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  // MARK: Settings that are renamed and go

  private static func inn(version: Int, _ settings: String, _ value: String) -> String {
    """
    schema: 1
    id: inn
    name: Inn
    summary: Changes its words
    category: other
    version: "\(version)"
    programs: { sleep: [/usr/bin/sleep] }
    settings:
    \(settings.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    services:
      main: { exec: ["{{programs.sleep}}", infinity] }
    config:
      inn.conf: { format: properties, values: { \(value) } }
    backup: { config: { files: ["{{paths.config}}"], hot: true } }
    """
  }

  private static func sign(_ box: SandboxFixture) throws -> String {
    try String(contentsOfFile: "\(box.root)/state/instances/inn/default/config/inn.conf", encoding: .utf8)
  }

  @Test("a renamed setting keeps its value, in an update, in an older backup and over several versions")
  func renamed() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin(
        "inn", Self.inn(version: 1, "motd: { type: string, default: none }", #"sign: "{{settings.motd}}""#))
      try await box.succeed("install", "inn", "--set", "motd=The Swan")
      let backup = try #require(try await box.succeed("backup", "inn", "--json").json()["id"].text)
      try box.addPlugin(
        "inn",
        Self.inn(
          version: 3, "title: { type: string, default: none, was: [welcome, motd] }", #"sign: "{{settings.title}}""#))
      let plan = try await box.succeed("update", "inn", "--dry-run")
      #expect(plan.output.contains("setting motd is called title now"), "\(plan.output)")
      try await box.succeed("update", "inn")
      #expect(try Self.sign(box) == "sign = The Swan\n")
      #expect(try await box.succeed("config", "get", "inn", "title").output == "The Swan\n")
      #expect(try await box.succeed("update", "inn", "--check").status == 0)
      try await box.succeed("config", "set", "inn", "title=The Bear")
      try await box.succeed("restore", "inn", "--backup", backup, "--yes")
      #expect(try Self.sign(box) == "sign = The Swan\n")
      let former = try await box.berth("config", "set", "inn", "motd=x")
      #expect(former.status == 64 && former.errors.contains("is called 'title' now"))
      // Back to the plugin as it was, whose words are others.
      try box.addPlugin(
        "inn", Self.inn(version: 1, "motd: { type: string, default: none }", #"sign: "{{settings.motd}}""#))
      let back = try await box.berth("update", "inn", "--json")
      #expect(back.status == 73)
      #expect(try back.failure()["code"].text == "dropped-settings", "\(back.errors)")
      #expect(try Self.sign(box) == "sign = The Swan\n")
    }
  }

  @Test("a value that somebody chose goes only with --drop, and a default goes by itself")
  func dropped() async throws {
    try await SandboxFixture.with { box in
      let first = Self.inn(
        version: 1, "motd: { type: string, default: none }\nseats: { type: int, default: 4 }",
        #"sign: "{{settings.motd}}", seats: "{{settings.seats}}""#)
      try box.addPlugin("inn", first)
      try await box.succeed("install", "inn", "--set", "motd=The Swan")
      let backup = try #require(try await box.succeed("backup", "inn", "--json").json()["id"].text)
      let second = Self.inn(
        version: 2, "motd: { type: string, default: none }", #"sign: "{{settings.motd}}""#)
      try box.addPlugin("inn", second)
      #expect(try await box.succeed("update", "inn").status == 0)
      try box.addPlugin("inn", Self.inn(version: 3, "beds: { type: int, default: 2 }", #"beds: "{{settings.beds}}""#))
      let words = [
        ["update", "inn"], ["config", "set", "inn", "beds=3"],
        ["restore", "inn", "--backup", backup, "--yes"], ["restore", "inn", "--backup", backup, "--as", "Copy"],
        ["clone", "inn", "--name", "Copy"],
      ]
      for words in words {
        let refused = try await box.berth(words + ["--json"])
        #expect(refused.status == 73, "\(words) \(refused.errors)")
        #expect(try refused.failure()["code"].text == "dropped-settings", "\(refused.errors)")
        #expect(refused.errors.contains("'motd'"))
      }
      let ill = try await box.berth("doctor", "--json")
      #expect(ill.status == 1 && ill.output.contains("berth update inn --instance default --drop"), "\(ill.output)")
      #expect(try Self.sign(box) == "sign = The Swan\nseats = 4\n")
      try await box.succeed("config", "set", "inn", "--unset", "motd", "beds=3")
      #expect(try Self.sign(box).contains("beds = 3"))
      try await box.succeed("restore", "inn", "--backup", backup, "--yes", "--drop")
      #expect(try await box.berth("doctor").status == 0)
    }
  }
}
