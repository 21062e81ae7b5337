import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("The doctor")
struct DoctorTests {
  private func host() async throws -> TestHost {
    let host = try TestHost()
    _ = try await host.berth().install(InstallRequest(app: "harbour", name: "Main"))
    return host
  }

  private func codes(_ host: TestHost) async throws -> [String] { try await host.berth().doctor().map(\.code) }

  @Test("finds nothing on a host that is well, with and without instances")
  func well() async throws {
    #expect(try await codes(try TestHost()) == [])
    let host = try await host()
    let before = try Snapshot(host)
    host.fault.arm { _, _ in true }
    #expect(try await codes(host) == [])
    #expect(host.fault.calls == [])
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("finds files, folders and units that are not as they should be, and an update mends them")
  func differs() async throws {
    let host = try await host()
    let record = try host.record(app: "harbour")
    let home = host.paths.instance(record.key)
    let config = "\(home)/config/main.conf"
    try host.files.write("size = 99\n", to: config, mode: 0o600, owner: nil, anchor: nil)
    try host.files.remove("\(home)/cache")
    let unit = host.paths.unit("harbour@.service")
    try host.files.write(try host.files.read(unit) + "#\n", to: unit, mode: 0o644, owner: nil, anchor: nil)
    let findings = try await host.berth().doctor()
    #expect(
      findings.map(\.line) == [
        "differs: harbour/Main: a folder of it is missing", "differs: harbour/Main: \(config) differs",
        "differs: harbour/Main: \(unit) differs",
      ])
    #expect(Set(findings.map(\.remedy)) == ["berth update harbour --instance default"])
    _ = try await host.berth().change(record, ChangeWish())
    #expect(try await codes(host) == [])
  }

  @Test("finds what has failed and what does not run though it is enabled, with the command for each")
  func notRunning() async throws {
    let host = try await host()
    host.manager.set { $0.units["harbour@default.service"] = UnitState(active: "failed", sub: "failed") }
    host.manager.set { $0.units["harbour-side@default.service"] = nil }
    let findings = try await host.berth().doctor()
    #expect(findings.map(\.code) == ["not-running", "not-running"])
    #expect(
      findings.map(\.remedy) == ["berth restart harbour --instance default", "berth start harbour --instance default"])
    // A person may stop what is not enabled.
    _ = try await host.berth().control(.stop, [try host.record(app: "harbour")])
    _ = try await host.berth().control(.disable, [try host.record(app: "harbour")])
    #expect(try await codes(host) == [])
  }

  @Test("finds a port of a stopped instance that somebody else has taken")
  func portTaken() async throws {
    let host = try await host()
    host.ports.set { $0.listeners[PortNumber(.tcp, 30001)] = "quaked (process 812)" }
    #expect(try await codes(host) == [])
    _ = try await host.berth().control(.disable, [try host.record(app: "harbour")])
    _ = try await host.berth().control(.stop, [try host.record(app: "harbour")])
    let findings = try await host.berth().doctor()
    #expect(findings.map(\.code) == ["port-in-use"])
    #expect(findings.first?.problem == "its admin port tcp/30001 is used by quaked (process 812)")
    #expect(findings.first?.remedy == "berth config set harbour --instance default --port admin=N")
  }

  @Test("finds units that run, are enabled or lie there and belong to nobody")
  func strayUnits() async throws {
    let host = try await host()
    let id = Sample.id(7)
    host.manager.set {
      $0.units["harbour@\(id).service"] = UnitState(active: "active", sub: "running")
      $0.enabled.insert("harbour@\(id).target")
    }
    let folder = host.paths.unit("harbour@\(id).service.d")
    let dropIn = try host.files.read(host.paths.unit("harbour@.target"))
    try host.files.makeFolder(folder, mode: 0o755, owner: nil)
    try host.files.write(dropIn, to: "\(folder)/berth.conf", mode: 0o644, owner: nil, anchor: nil)
    let old = host.paths.unit("gone@.target")
    try host.files.write(
      dropIn.replacing("'harbour'", with: "'gone'"), to: old, mode: 0o644, owner: nil, anchor: nil)
    let findings = try await host.berth().doctor()
    #expect(
      findings.map { "\($0.code) \($0.subject)" } == [
        "stray-unit harbour@\(id).service", "stray-link harbour@\(id).target", "stray-unit \(old)",
        "stray-unit \(folder)",
      ])
    #expect(
      findings.map(\.remedy).prefix(2) == [
        "systemctl --user stop harbour@\(id).service", "systemctl --user disable harbour@\(id).target",
      ])
    #expect(findings.map(\.remedy).suffix(2) == ["rm '\(old)'", "rm -r '\(folder)'"])
  }

  @Test("finds folders that belong to no instance, and not those of a kept one")
  func strayFolders() async throws {
    let host = try await host()
    _ = try await host.berth().install(InstallRequest(app: "harbour", name: "Kept"))
    try await host.berth().remove(host.berth().find("Kept", app: "harbour").key, keepsData: true)
    #expect(try await codes(host) == [])
    let path = host.paths.instance("harbour", Sample.id(7))
    try host.files.makeFolder(path, mode: 0o755, owner: nil)
    let findings = try await host.berth().doctor()
    #expect(findings.map { "\($0.code) \($0.subject) \($0.remedy)" } == ["stray-folder \(path) rm -r '\(path)'"])
  }

  @Test("finds what a removal left behind, and a recovery clears it away")
  func leftovers() async throws {
    let host = try await host()
    try host.files.makeFolder("\(host.paths.trash)/old", mode: 0o700, owner: nil)
    #expect(try await host.berth().doctor().map(\.remedy) == ["berth operations recover"])
    #expect(try await codes(host) == ["leftovers"])
    #expect(try await host.berth().recover().isEmpty)
    #expect(try await codes(host) == [])
  }

  @Test("names an operation that broke off once, and does not take its instance for a stray")
  func incomplete() async throws {
    for crash in [Crash.changes[0], Crash.removals[2], Crash.installs[1]] {
      let calls = try await crash.undisturbed().calls
      for number in stride(from: 4, to: calls.count - 2, by: 3) {
        let host = try await crash.die(at: number, .after)
        let findings = try await host.berth().doctor()
        guard try !host.registry.journal.open().isEmpty else { continue }
        let number = try host.registry.journal.open()[0].id
        #expect(findings.first?.code == "incomplete")
        #expect(findings.first?.remedy == "berth operations recover \(number)")
        // What it has begun may lie about until it is recovered, but nobody is told to remove it by hand.
        let others = findings.dropFirst().map(\.line)
        #expect(others == [], "\(crash.testDescription)")
      }
    }
  }

  @Test("says that the manager is down, and that a plugin is gone")
  func unknown() async throws {
    let host = try await host()
    host.manager.set { $0.isUp = false }
    #expect(try await codes(host) == ["manager-down"])
    host.manager.set { $0.isUp = true }
    let findings = try await host.berth([TinyPlugin()]).doctor()
    #expect(findings.map { "\($0.code) \($0.subject)" } == ["unknown-app harbour/Main"])
  }
}
