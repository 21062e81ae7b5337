import BerthKit
import Foundation
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Programs of Steam's, of which there are newer builds in the same branch.
@Suite("A build of Steam's")
struct SteamBuildTests {
  private let host: TestHost
  private let notices = Notices()
  private let plugin = BargePlugin(isBackedUp: true)

  init() throws { host = try TestHost(.system) }

  private var berth: Berth {
    var options = Berth.Options()
    options.notice = { [notices] in notices.add($0) }
    return host.berth([plugin, DemoPlugin()], options: options)
  }

  private static let update = ChangeWish(refreshes: true)

  private func install(_ name: String? = nil) async throws -> InstanceRecord {
    try await berth.install(InstallRequest(app: "barge", name: name)).record
  }

  private func release(_ build: Int) { host.steam.set { $0.builds = [4711: ["public": 90, "beta": build]] } }

  private func record(_ id: String = "default") throws -> InstanceRecord { try host.record(id, app: "barge") }

  private var folders: [String] {
    get throws { host.files.isFolder(host.paths.apps) ? try host.files.list("\(host.paths.apps)/barge") : [] }
  }

  private func server(_ record: InstanceRecord) throws -> String {
    try host.files.read("\(host.paths.release("barge", try #require(record.release)))/server")
  }

  @Test("is the newest when an instance is made, and is kept with it")
  func installs() async throws {
    let plan = try await berth.planInstall(InstallRequest(app: "barge"))
    #expect(plan.plainSteps.first?.summary == "fetch the build 100 of the app 4711 (beta) from Steam")
    #expect(host.steam.now.fetched == [])
    #expect(!host.files.exists(host.paths.apps))
    let report = try await berth.install(InstallRequest(app: "barge"))
    #expect(report.record.builds == [SteamBuild(4711, branch: "beta", build: 100)])
    #expect(try record().builds == report.record.builds)
    #expect(try server(record()) == "4711 beta 100\n")
    #expect(try folders == [report.record.release])
    let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    #expect(json.contains(#""builds":[{"#) && json.contains(#""build":100"#), "\(json)")
  }

  @Test("is asked for once, however many instances of one app are made or updated at once")
  func asksOnce() async throws {
    _ = try await berth.install(["A", "B", "C"].map { InstallRequest(app: "barge", name: $0) })
    #expect(host.steam.now.asked == [4711])
    #expect(host.steam.now.fetched == ["4711 beta 100"])
    release(120)
    _ = try await berth.change("update", host.registry.instances(), Self.update)
    #expect(host.steam.now.asked == [4711, 4711])
    #expect(host.steam.now.fetched == ["4711 beta 100", "4711 beta 120"])
    #expect(try host.registry.instances().flatMap(\.builds).map(\.build) == [120, 120, 120])
    #expect(try folders.count == 1)
  }

  @Test("that is newer comes beside with an update, and the former one goes with the last that runs it")
  func updates() async throws {
    let (first, second) = (try await install(), try await install("Two"))
    #expect(first.release == second.release)
    release(120)
    host.fault.arm()
    _ = try await berth.change(first, Self.update)
    let calls = host.fault.calls
    let settle = try #require(calls.firstIndex { $0.hasPrefix("settle ") })
    let stop = try #require(calls.firstIndex { $0.hasPrefix("stop barge@default") })
    let start = try #require(calls.firstIndex { $0.hasPrefix("start barge@default") })
    #expect(settle < stop && stop < start, "\(calls)")
    #expect(try record().builds.map(\.build) == [120])
    #expect(try server(record()) == "4711 beta 120\n")
    #expect(try server(second) == "4711 beta 100\n")
    #expect(try folders == [record().release, second.release].compactMap { $0 }.sorted())
    _ = try await berth.change(second, Self.update)
    #expect(try folders == [record().release])
    #expect(try await berth.change("update", host.registry.instances(), Self.update).isEmpty)
    #expect(try await berth.doctor() == [])
  }

  @Test("is shown by a plan of an update, from which to which, and nothing is done")
  func plan() async throws {
    let first = try await install()
    #expect(try await berth.planChange("update", [first], Self.update).isEmpty)
    release(120)
    let before = try Snapshot(host)
    let plan = try await berth.planChange("update", [first], Self.update)
    #expect(plan.changes[0].reasons.first == "build of the app 4711 (beta): 100 → 120")
    #expect(plan.plainSteps.first?.summary == "fetch the build 120 of the app 4711 (beta) from Steam")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("stays the same for everything but an update, and Steam is not asked")
  func stays() async throws {
    let first = try await install()
    release(120)
    host.steam.set { $0.isSilent = true }
    _ = try await berth.change("config set", [first], ChangeWish(labels: ["a": "b"]))
    _ = try await berth.control(.restart, [record()])
    let fleet = FleetFile(instances: [FleetInstance(app: "barge", id: .default, labels: ["c": "d"])])
    _ = try await berth.apply(fleet, prunes: false)
    #expect(try await berth.doctor() == [])
    #expect(try record().builds == first.builds)
    #expect(try record().release == first.release)
    #expect(host.steam.now.asked == [4711])
  }

  @Test("of another branch is asked for when a setting wants it, and one that is not there is named")
  func branches() async throws {
    let first = try await install()
    _ = try await berth.change(first, ChangeWish(settings: ["branch": "public"]))
    #expect(try record().builds == [SteamBuild(4711, build: 90)])
    #expect(try server(record()) == "4711 public 90\n")
    let before = try Snapshot(host)
    let error = await refusal { try await berth.change(record(), ChangeWish(settings: ["branch": "gone"])) }
    #expect(error?.code == "no-steam-branch" && error?.kind.exitStatus == 65)
    #expect(error?.summary == "the app 4711 of Steam's has no branch 'gone'")
    #expect(error?.cause == "its branches are beta, public")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("is made for new instances of a fleet, and asked for once")
  func fleet() async throws {
    let names = ["A", "B"].map { FleetInstance(app: "barge", name: InstanceName(unchecked: $0)) }
    let fleet = FleetFile(instances: names)
    let draft = try await berth.draftFleet(fleet, prunes: false)
    _ = try await berth.apply(fleet, prunes: false, draft: draft)
    #expect(host.steam.now.asked == [4711])
    #expect(try host.registry.instances().flatMap(\.builds).map(\.build) == [100, 100])
  }

  @Test(
    "that Steam no longer hands out is an error that may pass, with everything as it was", arguments: [true, false])
  func movedOn(_ isUpdate: Bool) async throws {
    if isUpdate { _ = try await install() }
    let before = try Snapshot(host)
    release(120)
    host.steam.set { $0.handedOut = 121 }
    let error = await refusal {
      if isUpdate { _ = try await berth.change(record(), Self.update) } else { _ = try await install() }
    }
    #expect(error?.code == "steam-moved" && error?.kind.exitStatus == 75)
    #expect(
      error?.summary == "Steam hands out the build 121 of the app 4711 (beta) by now, and no longer 120")
    #expect(try Snapshot(host).changes(since: before).filter { !$0.hasSuffix("/locks 700") } == [])
  }

  @Test("that cannot be asked for changes nothing")
  func silent() async throws {
    let first = try await install()
    let before = try Snapshot(host)
    host.steam.set { $0.isSilent = true }
    #expect(await refusal { try await berth.change(first, Self.update) }?.code == "steam-silent")
    #expect(await refusal { try await install("Two") }?.code == "steam-silent")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("whose programs are gone is had again by an update alone")
  func gone() async throws {
    let first = try await install()
    try host.files.remove(host.paths.release("barge", try #require(first.release)))
    release(120)
    let error = await refusal { try await berth.change("config set", [first], ChangeWish(labels: ["a": "b"])) }
    #expect(error?.code == "steam-moved" && error?.remedy == "berth update barge")
    _ = try await berth.change(first, Self.update)
    #expect(try server(record()) == "4711 beta 120\n")
  }

  @Test("that does not start gives way to the former one")
  func goesBack() async throws {
    let first = try await install()
    try put("world 1", of: first)
    let before = try Snapshot(host).withoutBackups
    release(120)
    let starts = Notices()
    host.fault.arm { _, call in
      guard call.hasPrefix("start barge@default"), starts.all.isEmpty else { return false }
      starts.add(call)
      return true
    }
    #expect(await refusal { try await berth.change(first, Self.update) }?.code == "failed")
    #expect(starts.all.count == 1)
    #expect(try Snapshot(host).withoutBackups.changes(since: before) == [])
    #expect(try server(record()) == "4711 beta 100\n")
    #expect(try folders == [first.release])
  }

  // MARK: Backups

  private func put(_ text: String, of record: InstanceRecord) throws {
    let folder = "\(host.folder.path)\(host.paths.own(record))/data/world"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: "\(folder)/map", atomically: true, encoding: .utf8)
  }

  @Test("comes back with a backup as long as another instance runs it, and nobody is asked")
  func restores() async throws {
    let first = try await install()
    _ = try await install("Two")
    try put("world 1", of: first)
    let backup = try await berth.backup(first, BackupWish())
    #expect(try berth.backup(backup.id).head?.instance.builds == first.builds)
    release(120)
    _ = try await berth.change(first, Self.update)
    host.steam.set { $0.isSilent = true }
    var request = RestoreRequest(app: "barge", instance: "default")
    request.backup = backup.id
    _ = try await berth.restore(request).result.get()
    #expect(try record().builds == first.builds)
    #expect(try server(record()) == "4711 beta 100\n")
    #expect(notices.all.filter { $0.hasPrefix("build of ") } == [])
  }

  @Test("that is gone is the instance's own when its backup comes back, which is said")
  func restoresInto() async throws {
    let first = try await install()
    try put("world 1", of: first)
    let backup = try await berth.backup(first, BackupWish())
    release(120)
    _ = try await berth.change(first, Self.update)
    release(140)
    var request = RestoreRequest(app: "barge")
    request.backup = backup.id
    let said = "build of the app 4711 (beta): the backup was made with 100, and this host has 120"
    #expect(try await berth.planRestore(request).changes[0].reasons.contains(said))
    _ = try await berth.restore(request).result.get()
    #expect(try record().builds.map(\.build) == [120])
    #expect(notices.all.filter { $0.hasPrefix("build of ") } == [said])
  }

  @Test("that is gone is the newest one for an instance that is made from a backup, which is said")
  func restoresNew() async throws {
    let first = try await install()
    try put("world 1", of: first)
    let backup = try await berth.backup(first, BackupWish())
    try await berth.remove(first.key, keepsData: false)
    release(120)
    var request = RestoreRequest(app: "barge")
    request.backup = backup.id
    let report = try await berth.restore(request).result.get()
    #expect(report.record.builds.map(\.build) == [120])
    #expect(try server(report.record) == "4711 beta 120\n")
    #expect(notices.all.contains { $0.hasSuffix("made with 100, and this host has 120") })
  }

  @Test("is the same for a clone, and nobody is asked")
  func clones() async throws {
    let first = try await install()
    try put("world 1", of: first)
    release(120)
    host.steam.set { $0.isSilent = true }
    let copy = try await berth.clone(first, RestoreRequest(app: "barge", newName: "Copy")).result.get().record
    #expect(copy.release == first.release && copy.builds == first.builds)
  }
}

private final class Notices: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }
  func add(_ text: String) { texts.withLock { $0.append(text) } }
}
