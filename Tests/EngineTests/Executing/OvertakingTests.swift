import BerthKit
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthExecution
@testable import BerthPlanning
@testable import BerthStore

@Suite("Two that plan at once")
struct OvertakingTests {
  /// Has another Berth do something between the first plan of this one and its beginning.
  private func overtaken(
    _ host: TestHost, _ plugins: [any AppPlugin] = [DemoPlugin()],
    by deed: @escaping @Sendable (Berth) async throws -> Void
  ) -> Berth {
    let watch = Watch(host.locks)
    let locks = Heard()
    watch.meanwhile { name in
      // The first lock is the operation's. The second one is its instance's, which is known once it was planned.
      guard name == "lock" else { return }
      locks.add(name)
      guard locks.lines.count == 2 else { return }
      do { try await deed(host.berth(plugins)) } catch { Issue.record(error) }
    }
    return host.watched(by: watch, plugins)
  }

  @Test("never get the same id, name or port: the slower one plans again")
  func installs() async throws {
    let host = try TestHost()
    let others = Mutex<[InstanceRecord]>([])
    let berth = overtaken(host) { other in
      let made = try await other.install([InstallRequest(app: "demo")])
      others.withLock { $0 = made.map(\.record) }
    }
    let own = try await berth.install([InstallRequest(app: "demo")])[0].record
    let other = try #require(others.withLock { $0.first })
    #expect(own.key != other.key)
    #expect(Set(own.ports.map(\.port)).isDisjoint(with: other.ports.map(\.port)))
    #expect(try await host.berth().list().map(\.status) == [.running, .running])
  }

  @Test("never count on programs that have gone since")
  func releases() async throws {
    let host = try TestHost(.system)
    try CargoPlugin.stock(host)
    let plugins: [any AppPlugin] = [CargoPlugin()]
    let first = try await host.berth(plugins).install([InstallRequest(app: "cargo", name: "One")])[0].record
    let berth = overtaken(host, plugins) { other in _ = try await other.remove([first], keepsData: false) }
    let second = try await berth.install([InstallRequest(app: "cargo", name: "Two")])[0].record
    let release = try #require(second.release)
    #expect(host.files.exists(host.paths.release("cargo", release)))
    #expect(try host.files.list("\(host.paths.apps)/cargo") == [release])
    // The control: a plan that counts on what has gone is not begun.
    let stale = try await host.berth(plugins).planInstall([InstallRequest(app: "cargo", name: "Three")])
    #expect(host.services.hasReleases(of: stale))
    try host.files.remove(host.paths.release("cargo", release))
    #expect(!host.services.hasReleases(of: stale))
  }

  @Test("plan again only where somebody was at work since the draft")
  func once() async throws {
    let host = try TestHost()
    let record = try await host.berth().install([InstallRequest(app: "demo")])[0].record
    /// How often planning asks the manager, which it does once each time. Other looks are the same in both.
    func questions(_ berth: Berth, players: String) async throws -> Int {
      host.manager.set { $0.calls = [] }
      _ = try await berth.change("config set", [record], ChangeWish(settings: ["players": players]))
      return host.manager.known.calls.count { $0.hasPrefix("states ") }
    }
    let calm = try await questions(host.berth(), players: "9")
    let disturbed = try await questions(
      overtaken(host) { other in _ = try await other.control(.enable, [record]) }, players: "10")
    // What the other one asks for its report is one more.
    #expect(disturbed == calm + 2)
  }

  @Test("where the plan that is old were carried out, the second would fail")
  func control() async throws {
    let host = try TestHost()
    let stale = try await host.berth().planInstall([InstallRequest(app: "demo")])
    _ = try await host.berth().install([InstallRequest(app: "demo")])
    #expect(await refusal { try await host.carryOut(stale) }?.code == "taken")
  }

  @Test("the journal begins an operation only at the generation that it was planned at")
  func generation() throws {
    let registry = try InstanceRegistry.inMemory()
    let journal = registry.journal
    func draft(_ token: String, _ claims: [InstanceRecord]) -> OperationDraft {
      OperationDraft(
        token: token, verb: "install", command: "", person: .init(id: 0, name: "root", sudoUser: nil),
        startedAt: "2026-11-21T09:00:00Z", steps: 1, items: [], plan: nil, claims: claims)
    }
    let record = InstanceRecord(wished: "demo", id: nil, name: "One", uid: "u-1")
    let before = try journal.generation()
    let first = try #require(try journal.begin(draft("a", [record]), at: before))
    #expect(try journal.claims() == [record])
    #expect(try journal.begin(draft("b", [record]), at: before) == nil)
    // Orders claim nothing, and nobody overtakes them.
    let order = try #require(try journal.begin(draft("c", []), at: nil))
    let now = try journal.generation()
    #expect(now != before)
    try journal.end(order, .done, at: "2026-11-21T09:00:01Z")
    #expect(try journal.generation() == now)
    #expect(try !journal.extend(first, by: 1, plan: nil, claims: [record], at: before))
    #expect(try journal.extend(first, by: 1, plan: nil, claims: [record], at: now))
    try journal.end(first, .done, at: "2026-11-21T09:00:01Z")
    #expect(try journal.claims() == [])
    // A number is never used again, so that a plan from before the first one stays old.
    #expect(try journal.begin(draft("d", [record]), at: now) == nil)
  }

  @Test("what an operation may have to give back when it fails is nobody else's meanwhile")
  func givesBack() async throws {
    let host = try TestHost()
    let record = try await host.berth().install([InstallRequest(app: "demo", name: "Old")])[0].record
    let watch = Watch(host.locks)
    let codes = Mutex<[String?]>([])
    watch.meanwhile { name in
      guard name.hasPrefix("manager restart") || name.hasPrefix("manager start") else { return }
      let error = await refusal { try await host.berth().install([InstallRequest(app: "demo", name: "Old")]) }
      codes.withLock { $0.append(error?.code) }
    }
    host.manager.set { $0.outcomes["demo@default.service"] = UnitState(active: "failed", sub: "failed") }
    host.logs.set("demo@default.service", ["no"])
    let wish = ChangeWish(ports: ["game": 24000], name: "New")
    #expect(await refusal { try await host.watched(by: watch).change("config set", [record], wish) } != nil)
    watch.meanwhile(nil)
    #expect(codes.withLock { !$0.isEmpty && $0.allSatisfy { $0 == "name-in-use" } })
    #expect(try host.registry.instances().map(\.name.text) == ["Old"])
  }
}
