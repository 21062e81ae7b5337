import Foundation
import TestSupport
import Testing

@Suite("What a plugin is shown to do") struct AppTestTests {
  /// A server that keeps one word, by a plugin that reaches the highest level, and that can be broken in one place each.
  ///
  /// - Parameter changes: texts with what stands in their place, each of which has to be there.
  private static func keeper(_ changes: [(old: String, new: String)] = []) throws -> String {
    let text = """
      schema: 1
      id: keeper
      name: Keeper
      summary: Keeps a word
      category: other
      version: "1"
      programs: { perl: [/usr/bin/perl] }
      settings:
        title: { type: string, default: x, help: A line }
        most: { type: int, default: 5, min: 1, max: 9 }
        mode: { type: choice, choices: [slow, fast], default: slow, was: pace }
        loud: { type: bool, default: false }
        token: { type: secret }
      ports:
        word: { protocol: tcp, default: \(FreePorts.block(10)), bind: 127.0.0.1 }
      services:
        main:
          exec:
            - "{{programs.perl}}"
            - -MIO::Socket::INET
            - -e
            - >-
              $| = 1; my ($port, $file, $conf) = @ARGV;
              my $s = IO::Socket::INET->new(LocalAddr => q(127.0.0.1), LocalPort => $port, Listen => 9, ReuseAddr => 1) or die qq($!);
              print qq(ready\\n);
              while (my $c = $s->accept) { my $l = <$c>;
              if ($l =~ /^put (.*)/) { open my $f, q(>), $file or die; print $f $1; close $f; print $c qq(ok\\n) }
              elsif (open my $f, q(<), $file) { print $c scalar <$f> } close $c }
            - "{{ports.word}}"
            - "{{paths.data}}/word"
            - "{{paths.config}}/keeper.conf"
            - "{{settings.title}}"
          env: { LOUD: "{{settings.loud}}", TOKEN: "{{settings.token}}" }
          ready: { tcp: word, timeout: 10s }
          stop: { grace: 2s }
      config:
        keeper.conf: { format: properties, values: { most: "{{settings.most}}", mode: "{{settings.mode}}" } }
      backup:
        data: { files: ["{{paths.data}}"], hot: true }
        config: { files: ["{{paths.config}}"], hot: true }
      probe-data:
        write:
          exec: ["{{programs.perl}}", -MIO::Socket::INET, -e, 'my $c = IO::Socket::INET->new(qq(127.0.0.1:$ARGV[0])) or die; print $c qq(put it is kept\\n); print scalar <$c>', "{{ports.word}}"]
        read:
          exec: ["{{programs.perl}}", -MIO::Socket::INET, -e, 'my $c = IO::Socket::INET->new(qq(127.0.0.1:$ARGV[0])) or die; print $c qq(get\\n); print scalar <$c>', "{{ports.word}}"]
        expect: it is kept

      """
    return try changes.reduce(text) { text, change in
      try #require(text.contains(change.old), "\(change.old)")
      return text.replacing(change.old, with: change.new)
    }
  }

  /// Runs `app test` with a folder for what it makes, which has to be empty afterwards.
  ///
  /// - Parameter look: at the folder, before it goes.
  private static func test(
    _ plugin: String, _ words: [String] = [], look: (String) throws -> Void = { _ in }
  ) async throws -> BerthRun {
    let folder = "/var/tmp/berth-apptest-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["keeper", "former/keeper", "tmp"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    try plugin.write(toFile: "\(folder)/keeper/plugin.yaml", atomically: true, encoding: .utf8)
    // Before, one of its settings had another name.
    let former = try Self.keeper([
      ("version: \"1\"", "version: \"0\""), ("  mode: {", "  pace: {"), (", was: pace", ""),
      ("settings.mode", "settings.pace"),
    ])
    try former.write(toFile: "\(folder)/former/keeper/plugin.yaml", atomically: true, encoding: .utf8)
    let run = try await BerthProgram.run(
      ["app", "test", "\(folder)/keeper", "--json"] + words.map { $0.replacing("FOLDER", with: folder) },
      environment: ["TMPDIR": "\(folder)/tmp"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/tmp") == [], "\(run.errors)")
    try look(folder)
    return run
  }

  @Test("a plugin that holds what each level promises has the highest")
  func highest() async throws {
    let words = ["--report", "FOLDER/report", "--previous", "FOLDER/former/keeper"]
    let run = try await Self.test(try Self.keeper(), words) { folder in
      let report = try JSON(parsing: SandboxFixture.text("\(folder)/report/keeper.json"))
      #expect(report["level"] == .number(8))
      #expect(SandboxFixture.text("\(folder)/report/keeper.svg").contains("berth level 8 of 8"))
    }
    #expect(run.status == 0, "\(run.errors)")
    #expect(try run.json()["level"] == .number(8), "\(run.errors)")
    #expect(run.output.contains("\"passed\"") && !run.output.contains("\"failed\""))
  }

  private struct Fault: Sendable {
    /// The level that it leaves.
    let level: Int
    /// What the reason names.
    let reason: String
    let changes: [(old: String, new: String)]

    init(_ level: Int, _ reason: String, _ changes: (old: String, new: String)...) {
      (self.level, self.reason, self.changes) = (level, reason, changes)
    }
  }

  private static let faults = [
    Fault(0, "settings.idle", ("  loud: {", "  idle: { type: bool, default: false }\n  loud: {")),
    Fault(1, "port-exposed", ("LocalAddr => q(127.0.0.1)", "LocalAddr => q(0.0.0.0)")),
    Fault(1, "CHDIR", ("    stop: { grace: 2s }", "    workdir: /nowhere\n    stop: { grace: 2s }")),
    // It does not start where it did not end well.
    Fault(
      2, "come back",
      (
        "print qq(ready\\n);",
        "die qq(locked) if -e qq($file.lock); open my $k, q(>), qq($file.lock); $SIG{TERM} = sub { unlink qq($file.lock); exit };"
      )),
    // It writes its file as it likes.
    Fault(
      3, "most",
      ("print qq(ready\\n);", "open my $w, q(>), $conf or die; print $w qq(most = 5\\nmode = slow\\n); close $w;")),
    // It takes no quotes.
    Fault(
      3, "ready", ("print qq(ready\\n);", "die if $ARGV[3] =~ /$qq/;"), ("my ($port,", "my $qq = chr 34; my ($port,")),
    // Its data is in no set.
    Fault(4, "after a restore", ("  data: { files: [\"{{paths.data}}\"], hot: true }\n", "")),
    Fault(4, "it was kept", ("expect: it is kept", "expect: it was kept")),
    // Each update throws the data away.
    Fault(
      5, "after an update",
      (
        "backup:\n",
        "jobs:\n  sweep: { at: update, exec: [/usr/bin/find, \"{{paths.data}}\", -name, word, -delete] }\nbackup:\n"
      )),
    // What it was told lies in memory until it ends well.
    Fault(
      6, "after a kill",
      (
        "print qq(ready\\n);",
        "our $w; if (open my $i, q(<), $file) { $w = <$i> } $SIG{TERM} = sub { open my $o, q(>), $file; print $o $w; close $o; exit };"
      ),
      ("open my $f, q(>), $file or die; print $f $1; close $f; print", "$w = $1; print"),
      ("elsif (open my $f, q(<), $file) { print $c scalar <$f> }", "else { print $c $w }"),
      ("  data: { files: [\"{{paths.data}}\"], hot: true }", "  data: { files: [\"{{paths.data}}\"] }")),
    Fault(7, "'token' is in its log", ("print qq(ready\\n);", "print qq($ENV{TOKEN}\\n);")),
  ]

  @Test("a fault leaves the level below the one that it breaks, with its reason", arguments: faults.indices)
  func broken(_ number: Int) async throws {
    let fault = Self.faults[number]
    let run = try await Self.test(try Self.keeper(fault.changes), ["--level", "\(fault.level + 1)"])
    #expect(run.status == 1, "\(run.output) \(run.errors)")
    #expect(try run.json()["level"] == .number(Double(fault.level)), "\(run.output)")
    let failed = run.output.split(separator: "\n").last { $0.contains("\"reason\" : \"") } ?? ""
    #expect(failed.contains(fault.reason), "\(failed)")
  }

  @Test("an end in the middle leaves nothing")
  func interrupted() async throws {
    let folder = "/var/tmp/berth-apptest-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: "\(folder)/tmp", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: "\(folder)/keeper", withIntermediateDirectories: true)
    try Self.keeper().write(toFile: "\(folder)/keeper/plugin.yaml", atomically: true, encoding: .utf8)
    let run = try await BerthProgram.run(
      ["app", "test", "\(folder)/keeper"], environment: ["TMPDIR": "\(folder)/tmp"], timeout: 4, signal: "INT")
    #expect(run.status != 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/tmp") == [])
    #expect(!SandboxFixture.isMentioned("\(folder)/tmp"))
  }

  @Test(
    "what cannot be tried is refused with what helps",
    arguments: [
      (["--level", "9"], 64, "1 to 8"), (["--root", "/x"], 64, "--root"), (["--previous", "/nowhere"], 65, "nowhere"),
    ])
  func refused(_ words: [String], _ status: Int32, _ word: String) async throws {
    let run = try await Self.test(try Self.keeper(), words)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(word))
  }
}
