import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthExecution
@testable import BerthPlan
@testable import BerthPlanning

@Suite("The executor")
struct ExecutorTests {
  private static let unit = "/home/mara/.config/systemd/user/demo@.service"

  @Test("says what it does before it does it, with the number of steps")
  func progress() async throws {
    let host = try TestHost()
    let plan = try await host.berth().planInstall(InstallRequest(app: "demo", name: "PvP"))
    let (lines, sink) = AsyncStream<String>.makeStream()
    let options = Executor.Options(progress: { sink.yield("\($0.number)/\($0.count) \($0.title) \($0.kind)") })
    let outcome = try await host.carryOut(plan, options: options)
    sink.finish()
    #expect(outcome.failures.isEmpty)
    let count = plan.steps.count
    let expected = plan.kinds.enumerated().map { "\($0 + 1)/\(count) demo/PvP \($1)" }
    #expect(await lines.reduce(into: [String]()) { $0.append($1) } == expected)
  }

  @Test("brings shared templates with the first instance and takes them with the last")
  func sharedTemplates() async throws {
    let host = try TestHost()
    let berth = host.berth()
    for name in ["One", "Two"] {
      _ = try await berth.install(InstallRequest(app: "demo", name: name))
      #expect(host.files.exists(Self.unit))
    }
    let records = try host.registry.instances()
    _ = try await berth.remove(records[0].key, keepsData: false)
    #expect(host.files.exists(Self.unit))
    #expect(host.manager.known.units[records[1].units[0]]?.active == "active")
    _ = try await berth.remove(records[1].key, keepsData: false)
    #expect(try host.files.list(host.paths.units) == [])
    #expect(host.manager.known.templates.isEmpty)
    #expect(!host.files.exists(host.paths.trash))
  }

  @Test("keeps shared templates for an instance that is stopped, and not for one that is only kept")
  func templatesOfOthers() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    _ = try await berth.install(InstallRequest(app: "demo", name: "Stopped", isStarted: false))
    let stopped = try berth.find("Stopped", app: "demo")
    _ = try await berth.remove(InstanceKey(app: "demo", id: .default), keepsData: false)
    #expect(host.files.exists(Self.unit))
    _ = try await berth.remove(stopped.key, keepsData: true)
    #expect(!host.files.exists(Self.unit))
  }

  @Test("writes a shared template again only when it differs")
  func unchangedTemplates() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    host.fault.arm()
    _ = try await berth.install(InstallRequest(app: "demo"))
    #expect(host.fault.calls.filter { $0.contains("@.") } == [])
  }

  @Test("saves a file that a person changed beside, before Berth's own keys are set again on taking up")
  func changedByHand() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    let key = try host.record().key
    let file = "\(host.paths.instance(key))/config/demo.cfg"
    let written = try host.files.read(file)
    _ = try await berth.remove(key, keepsData: true)
    let edited = "# mine\nplayers 64\nfog 1\n"
    try host.files.write(edited, to: file, mode: 0o600, owner: nil, anchor: nil)
    _ = try await berth.install(InstallRequest(app: "demo", id: "default"))
    let merged = try host.files.read(file)
    #expect(merged.hasPrefix("# mine\nplayers 8\nfog 1\n"))
    #expect(Set(merged.split(separator: "\n")) == Set(written.split(separator: "\n")).union(["# mine", "fog 1"]))
    #expect(try host.files.read("\(file).20261121T090000Z") == edited)
    #expect(try host.registry.checksum(of: file) == Checksum.text(merged))
  }

  @Test("saves nothing beside when nobody changed the file, though its text is another now")
  func unchanged() async throws {
    let host = try TestHost()
    let berth = host.berth()
    _ = try await berth.install(InstallRequest(app: "demo"))
    let key = try host.record().key
    _ = try await berth.remove(key, keepsData: true)
    _ = try await berth.install(InstallRequest(app: "demo", id: "default", settings: ["players": "3"]))
    let folder = "\(host.paths.instance(key))/config"
    #expect(try host.files.list(folder) == ["demo.cfg"])
    #expect(try host.files.read("\(folder)/demo.cfg").contains("players 3"))
  }

  @Test("computes the SHA-256 that others compute")
  func checksum() {
    #expect(Checksum.text("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test(
    "shows the last lines of a service that does not get ready, and takes all back",
    arguments: ["failed", "activating"])
  func notReady(_ active: String) async throws {
    let host = try TestHost()
    let before = try Snapshot(host)
    host.manager.set { $0.outcomes["demo@.service"] = UnitState(active: active, sub: "exited") }
    host.logs.set("demo@default.service", (1...20).map { "line \($0)" })
    let error = await refusal { try await host.berth().install(InstallRequest(app: "demo", name: "PvP")) }
    #expect(error?.code == "not-ready")
    #expect(error?.kind == .failure)
    #expect(error?.summary == "demo/PvP did not get ready: demo@default.service is \(active) (exited)")
    // There is no instance any more whose log could be shown, so that the operation has it.
    #expect(error?.remedy == "add --no-start")
    #expect(error?.remedy?.forms.count == 2)
    let operation = try #require(try host.registry.journal.newest(1).first)
    #expect(operation.error?.hasSuffix("\nline 19\nline 20") == true)
    #expect(error?.cause == (9...20).map { "line \($0)" }.joined(separator: "\n"))
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("says so when a service that does not get ready wrote nothing, and names the service it is")
  func notReadySilent() async throws {
    let host = try TestHost()
    host.manager.set { $0.outcomes["demo-worker@.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("demo-worker@default.service", [])
    let error = await refusal { try await host.berth().install(InstallRequest(app: "demo")) }
    #expect(error?.location == "demo-worker@default.service")
    #expect(error?.cause == "it wrote nothing")
  }

  @Test(
    "reports what is left when taking back fails too, and takes back the rest",
    arguments: [Fault.Moment.before, .after])
  func undoFails(_ moment: Fault.Moment) async throws {
    let host = try TestHost(.system)
    host.fault.arm(moment) { _, call in call.hasPrefix("start ") || call.hasPrefix("remove users") }
    let error = await refusal { try await host.berth().install(InstallRequest(app: "demo")) }
    #expect(error?.cause?.contains("could not be taken back:\nmake the system user berth-") == true)
    #expect(error?.cause?.contains("InjectedFault") == true)
    #expect(try host.registry.all().isEmpty)
    #expect(!host.files.exists(host.paths.instance("demo", "default")))
    #expect(host.manager.known.enabled.isEmpty)
    #expect(host.users.names.count == (moment == .before ? 1 : 0))
    #expect(host.locks.held.isEmpty)
  }

  @Test("keeps the code of the first error when taking back fails too")
  func undoFailsCode() async throws {
    let host = try TestHost()
    host.manager.set { $0.outcomes["demo@.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("demo@default.service", ["no map"])
    host.fault.arm { _, call in call.hasPrefix("disable ") }
    let error = await refusal { try await host.berth().install(InstallRequest(app: "demo")) }
    #expect(error?.code == "not-ready")
    #expect(error?.cause?.hasPrefix("no map\ncould not be taken back:\nenable demo@default.target: ") == true)
  }

  @Test("leaves alone what another instance put beside a folder that it made")
  func sharedFolders() async throws {
    let host = try TestHost()
    // The host lock is free while the first one starts, so that a second can be installed meanwhile.
    host.fault.arm { _, call in call == "start demo@default.target" }
    host.fault.watch { [files = host.bystander, folder = host.paths.instance("tiny", "default")] call in
      if call == "start demo@default.target" { try? files.makeFolder(folder, mode: 0o755, owner: nil) }
    }
    _ = await refusal { try await host.berth().install(InstallRequest(app: "demo")) }
    #expect(host.files.exists(host.paths.instance("tiny", "default")))
    #expect(!host.files.exists(host.paths.instance("demo", "default")))
  }
}
