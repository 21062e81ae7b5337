import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthExecution
@testable import BerthPlanning

/// What is fetched for a plan, while others go on.
@Suite("A download")
struct FetchingTests {
  private let host: TestHost

  init() throws {
    host = try TestHost(.system)
    try CargoPlugin.stock(host)
  }

  private func berth(_ options: Berth.Options = .init()) -> Berth {
    host.berth([CargoPlugin(), BargePlugin(), DemoPlugin(), HarbourPlugin()], options: options)
  }

  private var apps: String { host.paths.apps }
  private var fetches: Int { host.fault.calls.count { $0.hasPrefix("unpack ") } }

  @Test("holds up nobody on the host: others are installed, changed and removed meanwhile")
  func holdsUpNobody() async throws {
    let (host, berth) = (host, berth())
    let demo = try await berth.install(InstallRequest(app: "demo")).record
    let seen = Heard()
    host.downloads.set {
      $0.meanwhile = {
        for lock in host.locks.held.sorted() { seen.add(lock) }
        _ = try await berth.install(InstallRequest(app: "harbour"))
        _ = try await berth.change("config set", [demo], ChangeWish(labels: ["a": "b"]))
        // It sweeps too, and leaves alone what is being fetched.
        try await berth.remove(demo.key, keepsData: false)
      }
    }
    let record = try await berth.install(InstallRequest(app: "cargo")).record
    let release = try #require(record.release)
    #expect(seen.lines == ["release-cargo-\(release).lock"])
    #expect(try host.files.list("\(apps)/cargo") == [release])
    #expect(try host.registry.instances().map(\.key.app) == ["cargo", "harbour"])
    #expect(host.locks.held == [])
  }

  @Test("is one for two who need the same: the second waits for the first, and says so")
  func waits() async throws {
    let (host, notices) = (host, Heard())
    var options = Berth.Options()
    options.notice = notices.add
    let (first, second) = (berth(), berth(options))
    let release = try #require(try await first.planInstall(InstallRequest(app: "cargo")).releases.first)
    let lock = try await host.services.makingLock(release)
    let plan = try await second.planInstall(InstallRequest(app: "cargo", name: "Two"))
    async let waiting = PlanningSession(second, second.catalog()).fetching(plan) { _ in
      host.files.exists(host.paths.made("cargo", release.name))
    }
    while notices.lines.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    #expect(notices.lines == ["waiting for another Berth, which is fetching what cargo needs"])
    // The first one has it, and gives it its name.
    let maker = ReleaseMaker(host: host.services, options: .init(), faults: FaultPoints())
    try await maker.make(release, telling: nil)
    try host.files.move(host.paths.made("cargo", release.name), to: host.paths.release("cargo", release.name))
    // It is there, though the first one still holds its lock.
    #expect(try await !waiting)
    host.services.clearMaking("cargo", release.name, lock)
    #expect(fetches == 1)
    _ = try await second.install(InstallRequest(app: "cargo", name: "Two"))
    #expect(fetches == 1)
    #expect(host.locks.held == [])
  }

  @Test("that broke off in another one's hands is begun anew, and what it left is used by nobody")
  func brokeOff() async throws {
    let berth = berth()
    let release = try #require(try await berth.planInstall(InstallRequest(app: "cargo")).releases.first)
    let tree = "\(host.paths.making("cargo", release.name))/tree"
    try host.files.makeFolder(tree, mode: 0o755, owner: nil)
    try host.files.write("half", to: "\(tree)/stray", mode: 0o644, owner: nil, anchor: nil)
    let record = try await berth.install(InstallRequest(app: "cargo")).record
    #expect(try host.files.list(host.paths.release("cargo", release.name)) == ["bin", "doc"])
    #expect(record.release == release.name)
  }

  @Test("is made by the plan itself where what was there has gone meanwhile, and nobody is waited for")
  func fallback() async throws {
    let plan = try await berth().planInstall(InstallRequest(app: "cargo"))
    let release = try #require(plan.releases.first)
    let before = try Snapshot(host)
    let lock = try await host.services.makingLock(release)
    #expect(await refusal { try await host.carryOut(plan) }?.kind == .busy)
    lock.release()
    let first = try Snapshot(host).changes(since: before).filter { !$0.hasSuffix("/locks 700") }
    #expect(first == [])
    _ = try await host.carryOut(plan)
    #expect(try host.files.list("\(apps)/cargo") == [release.name])
    #expect(host.locks.held == [])
  }

  @Test("that is not needed after all leaves nothing")
  func notNeeded() async throws {
    let host = host
    let taken = try await berth().install(InstallRequest(app: "demo", name: "X", directory: "/srv/x")).record
    _ = try await berth().remove([taken], keepsData: false)
    let before = try Snapshot(host)
    // Somebody takes the folder while it is fetched.
    host.downloads.set {
      $0.meanwhile = {
        try host.files.makeFolder("/srv/x/mine", mode: 0o755, owner: nil)
      }
    }
    let error = await refusal { try await berth().install(InstallRequest(app: "cargo", directory: "/srv/x")) }
    #expect(error?.code == "directory-in-use")
    try host.files.remove("/srv/x")
    let changes = try Snapshot(host).changes(since: before)
    #expect(changes.filter { !$0.hasPrefix("went: ") } == [])
    #expect(!host.files.exists(apps))
    #expect(host.locks.held == [])
  }

  // MARK: Batches

  private static let wrong = ["sum": String(repeating: "0", count: 64)]

  @Test("that fails takes only those along that need it, when the others are to go on")
  func keepsGoing() async throws {
    let requests = [
      InstallRequest(app: "cargo", name: "Bad", settings: Self.wrong), InstallRequest(app: "demo"),
      InstallRequest(app: "cargo", name: "Good"),
    ]
    let outcomes = try await berth(.keepingGoing).install(requests)
    #expect(outcomes.map(\.code) == ["wrong-checksum", nil, nil])
    #expect(try host.registry.instances().map(\.name.text).sorted() == ["Good", "default"])
    #expect(try host.files.list("\(apps)/cargo") == [try host.registry.all(app: "cargo")[0].release])
    #expect(try await berth().doctor() == [])
    #expect(host.locks.held == [])
  }

  @Test("that fails leaves no trace of an app of which no other instance is made")
  func noTrace() async throws {
    let before = try Snapshot(host)
    let requests = [InstallRequest(app: "cargo", settings: Self.wrong), InstallRequest(app: "demo")]
    let outcomes = try await berth(.keepingGoing).install(requests)
    #expect(outcomes.map(\.code) == ["wrong-checksum", nil])
    #expect(try Snapshot(host).changes(since: before).filter { $0.contains("cargo") } == [])
    #expect(!host.files.exists(apps))
  }

  @Test("that fails ends a batch in which nobody goes on, or nobody is left")
  func endsAll() async throws {
    let before = try Snapshot(host)
    let requests = ["A", "B"].map { InstallRequest(app: "cargo", name: $0, settings: Self.wrong) }
    #expect(await refusal { try await berth().install(requests) }?.code == "wrong-checksum")
    let second = try Snapshot(host).changes(since: before).filter { !$0.hasSuffix("/locks 700") }
    #expect(second == [])
    let outcomes = try await berth(.keepingGoing).install(requests)
    #expect(outcomes.map(\.code) == ["wrong-checksum", "wrong-checksum"])
    let third = try Snapshot(host).changes(since: before).filter { !$0.hasSuffix("/locks 700") }
    #expect(third == [])
    let mixed = requests + [InstallRequest(app: "demo")]
    #expect(await refusal { try await berth().install(mixed) }?.code == "wrong-checksum")
    let left4 = try Snapshot(host).changes(since: before).filter { !$0.hasSuffix("/locks 700") }
    #expect(left4 == [])
  }

  @Test("of a build that Steam no longer has fails its instance alone in an update of several")
  func updates() async throws {
    let berth = berth(.keepingGoing)
    let records = try await berth.install([InstallRequest(app: "barge"), InstallRequest(app: "cargo")]).map(\.record)
    host.steam.set {
      $0.builds = [4711: ["beta": 120]]
      $0.handedOut = 121
    }
    try host.files.remove(host.paths.release("cargo", try #require(records[1].release)))
    let outcomes = try await berth.change("update", records, ChangeWish(refreshes: true))
    #expect(outcomes.map(\.code) == ["steam-moved", nil])
    #expect(try host.record(app: "barge") == records[0])
    #expect(host.files.exists(host.paths.release("cargo", try #require(records[1].release))))
  }

  @Test("tells its bytes, and which instance it is for")
  func tells() async throws {
    let told = Heard()
    let options = Berth.Options(
      execution: .init(progress: { now in
        guard now.kind == "fetch" else { return }
        told.add("\(now.title), \(now.bytes.map { "\($0.done) of \($0.of)" } ?? now.summary)")
      }))
    _ = try await berth(options).install(InstallRequest(app: "cargo"))
    #expect(
      told.lines.first
        == "cargo/default, download and unpack https://maker.example/cargo-1.tar, download https://maker.example/notes")
    #expect(told.lines.contains("cargo/default, 1 of 1"))
  }
}
