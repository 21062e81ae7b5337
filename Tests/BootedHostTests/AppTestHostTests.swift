import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// `berth app test` where a sandbox cannot do it.
  @Suite("what a plugin with containers is shown to do")
  struct AppTestHostTests {
    init() throws { try BootedHost.require() }

    private static let probe = """
      probe-data:
        write: { exec: [/usr/bin/perl, -e, 'open my $f, q(>), q(/config/word) or die; print $f q(it is kept)'] }
        read: { exec: [/usr/bin/perl, -e, 'open my $f, q(<), q(/config/word) or exit; print <$f>'] }
        expect: it is kept
      """

    @Test("an app in Podman is tried in the host's own scope, and leaves nothing there")
    func podman() async throws {
      try await Containers.load("web-1", as: "localhost/berth-test/tried:1")
      try await BootedHost.withPlugins { plugins in
        try Containers.put("tried", in: plugins, port: 8931, extra: Self.probe)
        // What somebody has kept of an instance of the same name is not the trial's.
        let root = Person.root.with(plugins: plugins)
        #expect(try await root.berth("install", "tried", "--instance-name", "North").status == 0)
        let kept = try await root.berth("backup", "tried", "--json").json()["id"].text ?? ""
        #expect(try await root.berth("remove", "tried", "--yes").status == 0)
        let run = try await Person.root.berth("app", "test", "\(plugins)/tried", "--scope", "system", "--json")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try run.json()["level"] == .number(8), "\(run.errors)")
        // A second host and a boot take a sandbox.
        #expect(run.output.contains("\"skipped\""))
        #expect(try await Containers.left() == [])
        #expect(try await Person.root.berth("list").output.contains("tried") == false)
        let backups = try await root.berth("backups", "list", "tried", "--json").json()
        #expect(backups == .list([backups[0]]) && backups[0]["id"].text == kept)
        #expect(try await root.berth("backups", "remove", kept, "--yes").status == 0)
      }
    }

    @Test("nothing is tried beside instances of the app, whose units it would change, nor in a sandbox")
    func refused() async throws {
      try await Containers.load("web-1", as: "localhost/berth-test/tried:1")
      try await BootedHost.withPlugins { plugins in
        try Containers.put("tried", in: plugins, port: 8931, extra: Self.probe)
        let root = Person.root.with(plugins: plugins)
        let alone = try await root.berth("app", "test", "tried", "--json")
        #expect(alone.status == 69 && alone.errors.contains("no-trial") && alone.errors.contains("--scope system"))
        #expect(try await root.berth("install", "tried").status == 0)
        let beside = try await root.berth("app", "test", "tried", "--scope", "system", "--json")
        #expect(beside.status == 64 && beside.errors.contains("no-trial"), "\(beside.errors)")
        #expect(try await root.berth("status", "tried").output.contains("running"))
        #expect(try await root.berth("remove", "tried", "--yes").status == 0)
      }
    }
  }
}
