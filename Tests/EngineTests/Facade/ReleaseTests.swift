import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

/// Programs that come from an app's maker, into a folder that instances share.
@Suite("Programs that are in no package")
struct ReleaseTests {
  private let host: TestHost
  private let berth: Berth

  init() throws {
    host = try TestHost(.system)
    try CargoPlugin.stock(host)
    berth = host.berth([CargoPlugin(), BargePlugin()])
  }

  private var apps: String { host.paths.apps }
  private var releases: [String] {
    get throws { host.files.isFolder("\(apps)/cargo") ? try host.files.list("\(apps)/cargo") : [] }
  }

  private func folder(_ record: InstanceRecord) throws -> String {
    host.paths.release("cargo", try #require(record.release))
  }

  private func install(_ name: String? = nil, _ settings: [String: String] = [:]) async throws -> InstanceRecord {
    try await berth.install(InstallRequest(app: "cargo", name: name, settings: settings)).record
  }

  @Test("are fetched, checked and unpacked before anything of the instance is made, which the plan says")
  func plan() async throws {
    let plan = try await berth.planInstall(InstallRequest(app: "cargo"))
    #expect(plan.kinds.first == "make-release")
    #expect(
      plan.plainSteps.first?.summary
        == "download and unpack https://maker.example/cargo-1.tar, download https://maker.example/notes")
    #expect(plan.steps.first?.phase == .fetch)
    #expect(!host.files.exists(apps))
  }

  @Test("stand in one folder for two instances, which see it read-only in their own")
  func shared() async throws {
    let first = try await install()
    host.fault.arm()
    let second = try await install("Two")
    #expect(first.release == second.release)
    #expect(try releases == [first.release])
    #expect(!host.fault.calls.contains { $0.contains("/apps/") })
    let folder = try folder(first)
    #expect(try host.files.read("\(folder)/bin/server") == "version 1")
    #expect(try host.files.read("\(folder)/doc/notes") == "notes")
    #expect(host.files.isExecutable("\(folder)/bin/server"))
    for record in [first, second] {
      let id = record.key.id.text
      let seen = "\(host.paths.instance("cargo", id))/app"
      let dropIn = try host.files.read(host.paths.dropIn("cargo@\(id).service"))
      #expect(dropIn.contains("\nBindReadOnlyPaths=\(folder):\(seen)\n"))
    }
    let unit = try host.files.read(host.paths.unit("cargo@.service"))
    #expect(unit.contains("\nExecStart=\"\(host.paths.instances)/cargo/%i/app/bin/server\" \"${BERTH_PORTS_GAME}\"\n"))
    #expect(unit.contains("\nWorkingDirectory=\(host.paths.instances)/cargo/%i/app\n"))
  }

  @Test("have the folders that something of an instance's lies over, and are others without them")
  func folders() async throws {
    let plain = try await install()
    let berth = host.berth([LogPlugin()])
    let record = try await berth.install(InstallRequest(app: "cargo", name: "Log")).record
    #expect(record.release != plain.release)
    let log = "\(try folder(record))/doc/log/today"
    #expect(host.files.isFolder(log))
    #expect(try host.files.list(log) == [])
    #expect(try host.files.read("\(folder(record))/doc/notes") == "notes")
    let home = host.paths.instance("cargo", record.key.id.text)
    #expect(host.files.isFolder("\(home)/cache/log"))
    #expect(try host.files.list("\(folder(record))/doc") == ["etc", "log", "notes", "x"])
    // A file lies over a file: the maker's own, or an empty one where there is none.
    #expect(try host.files.read("\(folder(record))/doc/etc/cargo.conf") == "")
    #expect(try host.files.read("\(folder(record))/bin/server") == "version 1")
    #expect(host.files.exists("\(home)/config/cargo.conf") && !host.files.isFolder("\(home)/config/cargo.conf"))
    let unit = try host.files.read(host.paths.unit("cargo@.service"))
    let own = host.paths.instance("cargo", "%i")
    let pins = host.paths.mounts("cargo", "%i", unit: "main")
    #expect(unit.contains("\nBindPaths=-\(pins)/0:\(own)/app/doc/log/today\n"))
    // A config file may be another one at each start, and is shown as a copy.
    #expect(unit.contains("\nBindReadOnlyPaths=-\(pins)/1:\(own)/app/doc/etc/cargo.conf\n"))
    #expect(unit.contains(" \"copied:1:\(own)/config/cargo.conf\""))
    let quiet = try await berth.install(
      InstallRequest(app: "cargo", name: "Quiet", settings: ["notes": "false"])
    ).record
    #expect(try host.files.list("\(folder(quiet))/doc") == ["etc", "log"])
  }

  @Test("are shared by two instances that are made at once")
  func atOnce() async throws {
    _ = try await berth.install(["A", "B"].map { InstallRequest(app: "cargo", name: $0) })
    #expect(try releases.count == 1)
    #expect(host.fault.calls.filter { $0.hasPrefix("unpack") }.count == 1)
  }

  @Test("of another version go beside, and only the instance that wants it is restarted")
  func beside() async throws {
    let first = try await install()
    let second = try await install("Two")
    host.fault.arm()
    _ = try await berth.change(second, ChangeWish(settings: CargoPlugin.settings("2")))
    let changed = try host.record(second.key.id.text, app: "cargo")
    #expect(changed.release != first.release)
    #expect(try releases == [first.release, changed.release].compactMap { $0 }.sorted())
    #expect(try host.files.read("\(folder(changed))/bin/server") == "version 2")
    let orders = host.fault.calls.filter { $0.hasPrefix("restart") }
    #expect(orders == ["restart cargo@\(second.key.id.text).service"])
    // What is no part of it changes nothing.
    _ = try await berth.change(changed, ChangeWish(settings: ["title": "x"]))
    #expect(try releases.count == 2)
  }

  @Test("go with the last instance that uses them, whether it is changed or removed")
  func unused() async throws {
    let first = try await install()
    let second = try await install("Two")
    _ = try await berth.change(first, ChangeWish(settings: CargoPlugin.settings("2")))
    _ = try await berth.change(second, ChangeWish(settings: CargoPlugin.settings("2")))
    let two = try host.record(app: "cargo").release
    #expect(try releases == [two])
    try await berth.remove(second.key, keepsData: false)
    #expect(try releases == [two])
    try await berth.remove(first.key, keepsData: true)
    #expect(!host.files.exists(apps))
    // What was kept is whole again when it is taken up.
    _ = try await berth.install(InstallRequest(app: "cargo", id: "default"))
    #expect(try releases == [two])
  }

  @Test("wait for their removal while an operation is open that may need them")
  func open() async throws {
    let first = try await install()
    let held = try await host.locks.take("\(host.paths.locks)/host.lock", purpose: "something else", wait: 0)
    await berth.sweepReleases()
    #expect(try releases.count == 1)
    held.release()
    try host.registry.forget(first.uid)
    await berth.sweepReleases()
    #expect(!host.files.exists(apps))
  }

  @Test(
    "that cannot be had, or are not what they should be, leave nothing",
    arguments: [
      (["version": "3", "sum": String(repeating: "0", count: 64)], "download-failed", 69),
      (["sum": String(repeating: "0", count: 64)], "wrong-checksum", 65),
      (["version": "2"], "wrong-checksum", 65), (["sum": "abc"], "bad-download", 65),
      (["version": "a b"], "bad-download", 65),
    ] as [([String: String], String, Int32)])
  func refused(_ settings: [String: String], _ code: String, _ status: Int32) async throws {
    let before = try Snapshot(host)
    let error = await refusal { try await install(nil, settings) }
    #expect(error?.code == code && error?.kind.exitStatus == status)
    #expect(try Snapshot(host).changes(since: before).filter { !$0.hasSuffix("/locks 700") } == [])
  }

  @Test("a wrong checksum names the address and both sums")
  func wrongChecksum() async throws {
    let wanted = String(repeating: "0", count: 64)
    let error = await refusal { try await install(nil, ["sum": wanted]) }
    #expect(
      error?.summary == "'https://maker.example/cargo-1.tar' has the SHA-256 "
        + "\(Checksum.text(CargoPlugin.archive("1"))), and \(wanted) is wanted")
  }

  @Test("are as they were when another version cannot be had")
  func keepsFormer() async throws {
    let first = try await install()
    let before = try Snapshot(host)
    #expect(
      await refusal { try await berth.change(first, ChangeWish(settings: ["version": "2"])) }?.code == "wrong-checksum")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("are fetched again when they are gone")
  func missing() async throws {
    let first = try await install()
    try host.files.remove(try folder(first))
    let plan = try await berth.planChange("update", [first], ChangeWish())
    #expect(plan.changes.first?.reasons == ["its programs are missing"])
    #expect(plan.kinds == ["make-release", "restart"])
    _ = try await berth.change(first, ChangeWish())
    #expect(try host.files.read("\(folder(first))/bin/server") == "version 1")
  }

  @Test("that are half made are left alone while somebody is at work on them, and go afterwards")
  func atWork() async throws {
    let record = try await install()
    let making = host.paths.making("cargo", "abc")
    try host.files.makeFolder(making, mode: 0o755, owner: nil)
    let held = try await host.locks.take(host.paths.makingLock("cargo", "abc"), purpose: "fetching", wait: 0)
    await berth.sweepReleases()
    #expect(host.files.exists(making))
    held.release()
    await berth.sweepReleases()
    #expect(try releases == [record.release])
    #expect(host.locks.held.isEmpty)
  }
}

/// An app that writes among its own programs, and in one more place as long as it has notes.
private struct LogPlugin: AppPlugin {
  var manifest: Manifest {
    var manifest = CargoPlugin().manifest
    manifest.services[0].mounts = [
      Mount("{{paths.app}}/doc/log/today", from: "{{paths.cache}}/log"),
      Mount("{{paths.app}}/doc/etc/cargo.conf", from: "{{paths.config}}/cargo.conf", readOnly: true),
      Mount("{{paths.app}}/bin/server", from: "{{paths.config}}/cargo.conf", readOnly: true),
    ]
    manifest.services.append(
      Service(
        "notes", exec: ["{{paths.app}}/bin/server"], mounts: [Mount("{{paths.app}}/doc/x", from: "{{paths.cache}}/x")],
        when: Condition([.init("notes", ["true"])])))
    return manifest
  }
}
