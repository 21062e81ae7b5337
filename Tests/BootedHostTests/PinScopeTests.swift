import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("what units of programs pin")
  struct PinScopeTests {
    init() throws { try BootedHost.require() }

    private static let plugin = """
      schema: 1
      id: pinned
      name: Pinned
      summary: Sees its folder elsewhere
      category: other
      version: "1"
      programs: { perl: [/usr/bin/perl] }
      settings:
        more: { type: bool, default: "false" }
      services:
        main:
          exec: ["{{programs.perl}}", -le, "$| = 1; for my $d (qw(/srv /mnt)) { opendir my $h, $d or next; print qq($d has $_) for grep { !/^[.]/ } readdir $h } open my $m, q(<), q(/proc/self/mountinfo); while (<$m>) { my @f = split; print qq($f[4] is $f[5]) if $f[4] eq q(/srv) } sleep 1 while 1"]
          mounts:
            /srv: "{{paths.data}}/saved"
            /mnt: { from: "{{paths.data}}/{{instance.slug}}", mode: ro }
          stop: { signal: SIGTERM, grace: 5s }
      jobs:
        look: { at: [update], exec: ["{{programs.perl}}", -e, "open my $f, q(>>), q(/srv/job) or die"] }
      backup:
        saved: { files: ["{{paths.data}}/saved"] }
      """

    @Test(
      "a program sees its own folders in other places, in the system scope and in a sandbox, and no link in their place",
      arguments: [false, true])
    func programs(_ isSandbox: Bool) async throws {
      try await BootedHost.withPlugins { plugins in
        try FileManager.default.createDirectory(atPath: "\(plugins)/pinned", withIntermediateDirectories: true)
        try Self.plugin.write(toFile: "\(plugins)/pinned/plugin.yaml", atomically: true, encoding: .utf8)
        var root = Person.root.with(plugins: plugins)
        let box = "/var/tmp/berth-pins-\(UUID().uuidString.prefix(8))"
        if isSandbox { root.flags += ["--root", box] }
        let result: Result<Void, any Error>
        do { result = .success(try await seen(root, isSandbox: isSandbox)) } catch { result = .failure(error) }
        _ = try await root.berth("remove", "pinned", "--all", "--yes")
        if isSandbox {
          #expect(try await root.berth("host", "down").status == 0)
          try FileManager.default.removeItem(atPath: box)
        }
        try result.get()
      }
      #expect(try ContainerIsolationTests.pins() == [])
    }

    @Test("a folder that was removed and made anew keeps no restart, backup or stop from being done")
    func removed() async throws {
      try await BootedHost.withPlugins { plugins in
        try FileManager.default.createDirectory(atPath: "\(plugins)/pinned", withIntermediateDirectories: true)
        try Self.plugin.write(toFile: "\(plugins)/pinned/plugin.yaml", atomically: true, encoding: .utf8)
        let root = Person.root.with(plugins: plugins)
        let data = "\(try #require(try await root.install("pinned")["dir"].text))/data"
        func renew() async throws {
          try await BootedHost.run(
            "sh", "-euc", "rm -r \"$0/saved\"; mkdir \"$0/saved\"; chown --reference=\"$0\" \"$0/saved\"", data)
        }
        try await renew()
        // The manager itself has to mount for every command of the unit what nobody can mount any more.
        _ = try await BootedHost.output("systemctl", "restart", "pinned@default.service")
        #expect(try await BootedHost.output("systemctl", "is-active", "pinned@default.service") != "active")
        for words in [["restart", "pinned"], ["backup", "pinned"], ["stop", "pinned"], ["start", "pinned"]] {
          let run = try await root.berth(words)
          #expect(run.status == 0, "\(words): \(run.errors)")
          try await renew()
        }
        #expect(try await root.berth("remove", "pinned", "--yes").status == 0)
      }
      #expect(try ContainerIsolationTests.pins() == [])
    }

    private func seen(_ root: Person, isSandbox: Bool) async throws {
      let data = "\(try #require(try await root.install("pinned", "--no-start")["dir"].text))/data"
      for folder in ["saved", "default"] {
        try "x".write(toFile: "\(data)/\(folder)/of-\(folder)", atomically: true, encoding: .utf8)
      }
      #expect(try await root.berth("start", "pinned").status == 0)
      let log = try await root.log("pinned", until: "/srv is")
      #expect(log.contains("/srv has of-saved") && log.contains("/mnt has of-default"), "\(log)")
      let line = try #require(log.split(separator: "\n").last { $0.contains("/srv is") })
      let options = try #require(line.split(separator: " ").last).split(separator: ",")
      #expect(Set(options).isSuperset(of: ["rw", "nosuid", "nodev"]), "\(log)")
      if !isSandbox {
        // A job has its own.
        try await BootedHost.run("systemctl", "start", "pinned-look@default.service")
        #expect(FileManager.default.fileExists(atPath: "\(data)/saved/job"))
      }
      #expect(try await root.berth("stop", "pinned").status == 0)
      #expect(try ContainerIsolationTests.pins() == [])
      try await BootedHost.run("sh", "-euc", "mv \"$0/saved\" \"$0/was\"; ln -s /etc \"$0/saved\"", data)
      let refused = try await root.berth("start", "pinned")
      #expect(refused.status != 0 && refused.errors.contains("is a link, and Berth follows none"), "\(refused.errors)")
      #expect(try ContainerIsolationTests.pins() == [])
    }
  }
}
