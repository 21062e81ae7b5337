import BerthHost
import Foundation
import TestSupport
import Testing

@Suite("A dump whose program does not want to end")
struct StubbornDumpTests {
  private static let plugin = """
    schema: 1
    id: stubborn
    name: Stubborn
    summary: Has a dump that ignores signals
    category: other
    version: "1"
    programs: { sh: [/bin/sh], cat: [/bin/cat], sleep: [/usr/bin/sleep] }
    services: { main: { exec: ["{{programs.sleep}}", infinity], stop: { grace: 5s } } }
    backup:
      rows:
        command: ["{{programs.sh}}", "{{paths.data}}/dump.sh"]
        restore: ["{{programs.cat}}"]
        timeout: 2s
    """

  @Test("is killed soon after its time is over, and the backup fails with the service as it was")
  func killed() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("stubborn", Self.plugin)
      try await box.succeed("install", "stubborn")
      let script = "\(box.root)/state/instances/stubborn/default/data/dump.sh"
      try "trap '' TERM INT HUP\nwhile :; do sleep 1; done\n".write(toFile: script, atomically: true, encoding: .utf8)
      chmod(script, 0o644)
      let backup = try await box.berth("backup", "stubborn", "--full")
      #expect(backup.status == 70, "\(backup.errors)")
      let unit = "stubborn-rows-dump@default.service"
      let shown = try await box.systemctl("show", "--property=Result,TimeoutStopUSec,MainPID", unit)
      // A minute and a half is the manager's own.
      #expect(shown.contains("TimeoutStopUSec=10s") && shown.contains("MainPID=0"), "\(shown)")
      #expect(try await box.berth("status", "stubborn", "--json").json()["status"].text == "running")
      #expect(try await box.berth("backups", "list", "--json").json().list.isEmpty)
    }
  }
}
