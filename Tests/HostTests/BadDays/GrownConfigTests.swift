import Foundation
import TestSupport
import Testing

@Suite("A config file that its program has made something else of")
struct GrownConfigTests {
  /// A server that, told so by a setting, puts something in the place of its config file and ends.
  private static let vandal = """
    schema: 1
    id: vandal
    name: Vandal
    summary: Spoils its config file
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings:
      how: { type: string, default: none }
    ports:
      game: { protocol: udp, default: \(FreePorts.block(10)) }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -MPOSIX
          - -e
          - >-
            my ($port, $file, $how) = @ARGV;
            if ($how eq q(large)) { open my $f, q(>), $file or die; truncate $f, 1 << 30 or die }
            elsif ($how ne q(none)) { unlink $file or die }
            if ($how eq q(folder)) { mkdir $file or die; open my $f, q(>), qq($file/x) or die }
            elsif ($how eq q(fifo)) { POSIX::mkfifo($file, 0600) or die }
            elsif ($how eq q(link)) { symlink q(/srv/elsewhere), $file or die }
            die qq(spoilt: $how) if $how ne q(none);
            my $s = IO::Socket::INET->new(Proto => q(udp), LocalPort => $port) or die; sleep 1 while 1
          - "{{ports.game}}"
          - "{{paths.config}}/app.conf"
          - "{{settings.how}}"
        stop: { grace: 2s }
        ready: { udp: game, timeout: 20s }
    config:
      app.conf: { format: properties, values: { how: "{{settings.how}}" } }
    """

  @Test(
    "keeps no change from being taken back, and stays beside", arguments: ["large", "folder", "fifo", "link", "gone"])
  func takenBack(_ how: String) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("vandal", Self.vandal)
      try await box.succeed("install", "vandal")
      let folder = "\(box.root)/state/instances/vandal/default/config"
      let former = SandboxFixture.text("\(folder)/app.conf")
      let run = try await box.berth("config", "set", "vandal", "how=\(how)", "--json")
      #expect(run.status == 70, "\(run.errors)")
      #expect(run.errors.contains("spoilt: \(how)") && !run.errors.contains("could not be taken back"), "\(run.errors)")
      #expect(SandboxFixture.text("\(folder)/app.conf") == former && former.contains("none"))
      #expect(try await box.berth("status", "vandal", "--json").json()["status"].text == "running")
      #expect(try await box.berth("config", "get", "vandal", "how").output == "none\n")
      let beside = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "app.conf" }
      #expect(beside.count == (how == "gone" ? 0 : 1), "\(beside)")
      if let name = beside.first {
        #expect(name.hasPrefix("app.conf.2") && run.errors.contains("app.conf was edited meanwhile"), "\(run.errors)")
        var info = stat()
        #expect(lstat("\(folder)/\(name)", &info) == 0)
        let kinds = ["large": S_IFREG, "folder": S_IFDIR, "fifo": S_IFIFO, "link": S_IFLNK]
        #expect(info.st_mode & S_IFMT == kinds[how])
        if how == "large" { #expect(info.st_size == 1 << 30) }
      }
      #expect(try await box.berth("operations", "list", "--json").json()[0]["status"].text == "undone")
      #expect(try await box.berth("doctor").status == 0)
    }
  }
}
