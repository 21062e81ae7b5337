import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// A plugin whose program comes over HTTP, in a sandbox.
@Suite("A program that is downloaded")
struct DownloadedPluginTests {
  /// What a version of the maker's is made of: a tar with a program that says what it is and tries to change itself.
  private static func archive(_ version: Int) async throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-maker-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let bin = folder.appendingPathComponent("fetched-\(version)/bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    let program = """
      #!/usr/bin/perl -l
      use IO::Socket::INET;
      $| = 1;
      print qq(this is version \(version) in $ARGV[1]);
      print open(my $file, '>', qq($ARGV[1]/mine)) ? 'it could write' : qq(it cannot write: $!);
      print open(my $game, '>', qq($ARGV[1]/lib/saved/game)) ? 'it saved' : qq(it cannot save: $!);
      open(my $rules, '<', qq($ARGV[1]/lib/etc/rules.cfg)) or print qq(it has no rules: $!);
      print 'its rules: ' . join ' ', map { s/\\s+$//r } <$rules>;
      print qq(it was told: @ARGV[2 .. $#ARGV]);
      my $socket = IO::Socket::INET->new(Proto => 'udp', LocalPort => $ARGV[0]) or die;
      sleep 1 while 1
      """
    try Data(program.utf8).write(to: bin.appendingPathComponent("server"))
    let archive = folder.appendingPathComponent("fetched.tar.gz").path
    let made = try await SubprocessRunner().run(
      Command("tar", ["-C", folder.path, "-czf", archive, "fetched-\(version)"]))
    try #require(made.status == 0, "\(made.errorOutput)")
    return Array(try #require(FileManager.default.contents(atPath: archive)))
  }

  static func sum(_ bytes: [UInt8]) async throws -> String {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-sum-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)
    let result = try await SubprocessRunner().run(Command("sha256sum", [file.path]))
    return String(try #require(result.output.split(separator: " ").first))
  }

  private static func plugin(_ server: FileServer, _ sum: String, port: Int) -> String {
    """
    schema: 1
    id: fetched
    name: Fetched
    summary: Comes over HTTP
    category: game
    version: "1"
    install:
      - download:
          url: "\(server.url("/fetched-"))1.tar.gz"
          sha256: "{{settings.sum}}"
          to: "{{paths.app}}"
          extract: true
          strip: 1
          when: { release: "1" }
      - download:
          url: "\(server.url("/"))fetched-2.tar.gz"
          sha256: "{{settings.sum}}"
          to: "{{paths.app}}"
          extract: true
          strip: 1
          when: { release: "2" }
    settings:
      release: { type: string, default: "1" }
      sum: { type: string, default: \(sum) }
      loud: { type: bool, default: false }
    ports:
      game: { protocol: udp, default: \(port) }
    services:
      main:
        exec:
          - "{{paths.app}}/bin/server"
          - "{{ports.game}}"
          - "{{paths.app}}"
          - { when: { loud: true }, args: [--loud, "{{instance.name}}"] }
        workdir: "{{paths.app}}/bin"
        mounts:
          "{{paths.app}}/lib/saved": "{{paths.cache}}/saved"
          "{{paths.app}}/lib/etc/rules.cfg": { from: "{{paths.config}}/rules.cfg", mode: ro }
        ready: { udp: game, timeout: 20s }
        stop: { grace: 2s }
    config:
      rules.cfg: { format: words, values: { loud: "{{settings.loud}}" } }
    """
  }

  @Test("is shared by two instances, stands beside another version, and goes with the last that runs it")
  func lifeCycle() async throws {
    let (one, two) = (try await Self.archive(1), try await Self.archive(2))
    let (sumOfOne, sumOfTwo) = (try await Self.sum(one), try await Self.sum(two))
    let server = try FileServer(["/fetched-1.tar.gz": .file(one), "/fetched-2.tar.gz": .file(two)])
    try await SandboxFixture.with { box in
      try box.addPlugin("fetched", Self.plugin(server, sumOfOne, port: FreePorts.block(10)))
      let apps = "\(box.root)/state/apps/fetched"
      func releases() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: apps))?.sorted() ?? [] }
      func log(_ instance: String) async throws -> String {
        try await box.berth("logs", "fetched", "--instance", instance).output
      }

      let shown = try await box.berth("install", "fetched", "--dry-run")
      #expect(shown.output.contains("download and unpack \(server.url("/fetched-1.tar.gz"))"))
      #expect(releases().isEmpty)
      for name in ["A", "B"] {
        let made = try await box.berth("install", "fetched", "--instance-name", name, "--json")
        try #require(made.status == 0, "\(made.errors)")
        #expect(try made.json()["status"].text == "running")
      }
      #expect(releases().count == 1)
      for name in ["A", "B"] {
        let log = try await log(name)
        #expect(log.contains("this is version 1 in "), "\(log)")
        #expect(log.contains("it cannot write: Read-only file system"), "\(log)")
        // But where a folder of its own lies over the release's.
        #expect(log.contains("it saved"), "\(log)")
        #expect(log.contains("its rules: loud 0"), "\(log)")
        #expect(log.contains("it was told:\n"), "\(log)")
      }
      // What only one of them is told is a change of its settings as any other.
      let louder = try await box.berth("config", "set", "fetched", "--instance", "B", "loud=true")
      #expect(louder.status == 0, "\(louder.errors)")
      #expect(try await log("B").contains("it was told: --loud B\n"))
      #expect(try await log("B").contains("its rules: loud 1"))

      let saved = box.tree().filter { $0.hasSuffix("/saved/game") }
      #expect(saved.filter { $0.contains("/cache/") }.count == 2 && saved.count == 2, "\(saved)")

      let changed = try await box.berth(
        "config", "set", "fetched", "--instance", "B", "release=2", "sum=\(sumOfTwo)")
      try #require(changed.status == 0, "\(changed.errors)")
      #expect(releases().count == 2)
      #expect(try await log("B").contains("this is version 2 in "))
      #expect(try await !log("A").contains("version 2"))

      let before = box.tree()
      let wrong = try await box.berth("config", "set", "fetched", "--instance", "A", "sum=\(sumOfTwo)", "--json")
      #expect(wrong.status == 65)
      #expect(try wrong.failure()["code"].text == "wrong-checksum")
      #expect(box.tree() == before)
      #expect(try await box.berth("doctor").status == 0)

      #expect(try await box.berth("remove", "fetched", "--instance", "B", "--yes").status == 0)
      #expect(releases().count == 1)
      #expect(try await box.berth("remove", "fetched", "--instance", "A", "--yes").status == 0)
      #expect(!FileManager.default.fileExists(atPath: "\(box.root)/state/apps"))
    }
  }
}
