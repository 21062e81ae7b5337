import BerthKit
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("Instances of a pool stop one after the other")
struct PoolTests {
  private func berth(_ host: TestHost, options: Berth.Options = .init()) -> Berth {
    host.berth([HallPlugin()], options: options)
  }

  /// A host where A, B and C share a name, and Alone has one of its own; all of them run.
  private func host(
    _ pool: [String] = ["A", "B", "C"], proxy: String = "caddy", isMortal: Bool = false
  ) async throws -> TestHost {
    let host = isMortal ? try TestHost(mortal: .system) : try TestHost(.system)
    try host.files.makeFolder(host.paths.config, mode: 0o755, owner: nil)
    try host.files.write(
      "schema: 1\nproxy: \(proxy)\n", to: host.paths.hostConfig, mode: 0o644, owner: nil, anchor: nil)
    for name in pool {
      var request = InstallRequest(app: "hall", name: name, settings: ["domain": "tv.example"])
      request.pool = "tv"
      _ = try await berth(host).install(request)
    }
    _ = try await berth(host).install(
      InstallRequest(app: "hall", name: "Alone", settings: ["domain": "alone.example"]))
    return host
  }

  private func records(_ host: TestHost, _ names: String...) throws -> [InstanceRecord] {
    let all = try host.registry.instances(app: "hall")
    return try names.map { name in try #require(all.first { $0.name.text == name }) }
  }

  private static func member(_ record: InstanceRecord, _ kind: ProxyConfig.Kind = .caddy) -> String {
    kind.member("hall", pool: "tv", route: "web", slug: record.slug)
  }

  /// `restart A`, a line for each step.
  private func lines(_ plan: Plan) -> [String] {
    let names = Dictionary(plan.changes.map { ($0.record.uid, $0.record.name.text) }) { first, _ in first }
    return plan.steps.map { "\($0.step.kind) \($0.owner.uid.flatMap { names[$0] } ?? "all")" }
  }

  // MARK: Plans

  @Test("a restart of everything is one order for what is in no pool, and goes through a pool one by one")
  func restarts() async throws {
    let host = try await host()
    let plan = try await berth(host).plan(.restart, try records(host, "A", "B", "C", "Alone"))
    #expect(
      lines(plan) == [
        "restart Alone", "leave-pool A", "restart A", "join-pool A", "leave-pool B", "restart B", "join-pool B",
        "leave-pool C", "restart C", "join-pool C",
      ])
    #expect(plan.changes.map(\.record.name.text) == ["A", "B", "C", "Alone"] && plan.isOrder)
  }

  @Test("two pools go side by side, each one by one")
  func twoPools() async throws {
    let host = try await host(["A", "B"])
    for name in ["C", "D"] {
      var request = InstallRequest(app: "hall", name: name, settings: ["domain": "film.example"])
      request.pool = "film"
      _ = try await berth(host).install(request)
    }
    let plan = try await berth(host).plan(.restart, try records(host, "A", "B", "C", "D"))
    #expect(
      lines(plan) == [
        "leave-pool A", "leave-pool C", "restart A", "restart C", "join-pool A", "join-pool C",
        "leave-pool B", "leave-pool D", "restart B", "restart D", "join-pool B", "join-pool D",
      ])
  }

  @Test("what is stopped leaves first, but for the last one, which nobody could stand in for")
  func stops() async throws {
    let host = try await host(["A", "B"])
    let plan = try await berth(host).plan(.stop, try records(host, "A", "B"))
    #expect(lines(plan) == ["leave-pool A", "stop A", "join-pool A", "stop B"])
    let alone = try await berth(host).plan(.restart, try records(host, "Alone"))
    #expect(lines(alone) == ["restart Alone"])
  }

  @Test("what starts beside others gets requests only once it is ready; where none serves, all start at once")
  func starts() async throws {
    let host = try await host(["A", "B"])
    _ = try await berth(host).control(.stop, try records(host, "B"))
    #expect(
      lines(try await berth(host).plan(.start, try records(host, "B"))) == ["leave-pool B", "start B", "join-pool B"])
    // What stands still is started first, so that somebody serves while the other one is away.
    #expect(
      lines(try await berth(host).plan(.restart, try records(host, "A", "B"))) == [
        "leave-pool B", "restart B", "join-pool B", "leave-pool A", "restart A", "join-pool A",
      ])
    _ = try await berth(host).control(.stop, try records(host, "A"))
    #expect(lines(try await berth(host).plan(.start, try records(host, "A", "B"))) == ["start A", "start B"])
    #expect(lines(try await berth(host).plan(.stop, try records(host, "A", "B"))) == ["stop A", "stop B"])
  }

  @Test("one that leaves for ever does so while the others serve; a pool that goes as a whole just goes")
  func removals() async throws {
    let host = try await host(["A", "B"])
    let one = lines(try await berth(host).planRemove(try records(host, "A"), keepsData: false))
    let leaves = try #require(one.firstIndex(of: "leave-pool A"))
    #expect(try leaves < #require(one.firstIndex(of: "stop A")) && !one.contains("join-pool A"))
    let all = lines(try await berth(host).planRemove(try records(host, "A", "B"), keepsData: false))
    #expect(!all.contains { $0.hasPrefix("leave-pool") })
  }

  // MARK: Carried out

  /// What a proxy has read, which is not what there is by now.
  private final class Served: Sendable {
    private let uids = Mutex<Set<String>>([])
    var now: Set<String> { uids.withLock { $0 } }
    func set(_ now: Set<String>) { uids.withLock { $0 = now } }
  }

  /// Records the instances that a proxy passes requests on to, whenever one of the pool stops or restarts.
  private func watch(_ host: TestHost, _ kind: ProxyConfig.Kind = .caddy) throws -> Heard {
    let all = try host.registry.instances(app: "hall").filter { $0.pool != nil }
    let seen = Heard()
    let served = Served()
    served.set(Set(all.map(\.uid)))
    host.fault.arm()
    host.fault.watch { [files = host.bystander] call in
      if call == "reload \(kind.rawValue)" {
        let present = all.filter { record in
          let text = (try? files.read(Self.member(record, kind))) ?? ""
          return text.split(separator: "\n").contains { !$0.hasPrefix("#") }
        }
        served.set(Set(present.map(\.uid)))
      }
      guard call.hasPrefix("restart ") || call.hasPrefix("stop ") else { return }
      for record in all where call.contains("hall@\(record.key.id).service") {
        let others = all.filter { served.now.contains($0.uid) }.map(\.name.text)
        seen.add("\(record.name.text): \(others.joined(separator: " "))")
      }
    }
    return seen
  }

  @Test(
    "no instance is restarted or stopped while the proxy passes requests on to it, and afterwards all are in their pool",
    arguments: ProxyConfig.Kind.allCases)
  func away(_ kind: ProxyConfig.Kind) async throws {
    let host = try await host(proxy: kind.rawValue)
    let all = try records(host, "A", "B", "C")
    let before = try all.map { try host.files.read(Self.member($0, kind)) }
    var seen = try watch(host, kind)
    for outcome in try await berth(host).control(.restart, all) { #expect(try outcome.result.get().status == .running) }
    #expect(seen.lines == ["A: B C", "B: A C", "C: A B"])
    #expect(host.fault.calls.count { $0 == "reload \(kind.rawValue)" } == 6)
    #expect(try all.map { try host.files.read(Self.member($0, kind)) } == before)
    seen = try watch(host, kind)
    _ = try await berth(host).control(.stop, try records(host, "B"))
    #expect(seen.lines == ["B: A C"])
    #expect(try all.map { try host.files.read(Self.member($0, kind)) } == before)
    _ = try await berth(host).control(.start, try records(host, "B"))
    #expect(try all.map { try host.files.read(Self.member($0, kind)) } == before)
    #expect(try await berth(host).doctor() == [])
  }

  @Test("a change that restarts a whole pool goes through it one by one")
  func changes() async throws {
    let host = try await host()
    let seen = try watch(host)
    let wish = ChangeWish(limits: InstanceLimits(memory: "256M"))
    _ = try await berth(host).change("config set", try records(host, "A", "B", "C", "Alone"), wish)
    #expect(seen.lines == ["A: B C", "B: A C", "C: A B"])
    #expect(try records(host, "A", "B", "C", "Alone").allSatisfy { $0.limits.memory == "256M" })
    #expect(try await berth(host).doctor() == [])
  }

  @Test("requests under way come to their end before an instance is stopped")
  func drains() async throws {
    let host = try await host(["A", "B"])
    let record = try records(host, "A")[0]
    let address = "127.0.0.1:\(record.ports[0].port.number)"
    host.ports.set { $0.calls = [address: 3] }
    let left = Heard()
    host.fault.arm()
    host.fault.watch { [ports = host.ports] call in
      if call.hasPrefix("restart ") { left.add("\(ports.calls[address] ?? 0) left") }
    }
    _ = try await berth(host).control(.restart, [record])
    #expect(left.lines == ["0 left"])
  }

  @Test("where one does not come back, the next one stays as it is, and a change is taken back")
  func failing() async throws {
    let host = try await host()
    let before = try Snapshot(host)
    let first = try records(host, "A")[0]
    let unit = "hall@\(first.key.id).service"
    host.manager.set { $0.outcomes[unit] = UnitState(active: "failed", sub: "failed") }
    host.logs.set(unit, ["no"])
    let seen = try watch(host)
    // It fails once; then the former one runs again.
    let once = Heard()
    host.fault.watch { [weak manager = host.manager] call in
      if call.hasPrefix("restart "), call.contains(unit) {
        if !once.lines.isEmpty { manager?.set { $0.outcomes = [:] } }
        once.add(call)
      }
      #expect(!call.hasPrefix("restart ") || call.contains(unit), "\(call)")
    }
    let wish = ChangeWish(limits: InstanceLimits(memory: "256M"))
    let error = await refusal {
      try await berth(host).change("config set", try records(host, "A", "B", "C"), wish)
    }
    #expect(error?.code == "not-ready" && seen.lines == [])
    #expect(once.lines.count == 2)
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("after a failure, '--keep-going' leaves alone an instance that may be the last of its pool")
  func lastOnes() async throws {
    let host = try await host()
    let all = try records(host, "A", "B", "C", "Alone")
    let unit = "hall@\(all[0].key.id).service"
    host.manager.set { $0.outcomes[unit] = UnitState(active: "failed", sub: "failed") }
    host.logs.set(unit, ["no"])
    let seen = try watch(host)
    let outcomes = try await berth(host, options: .keepingGoing).control(.restart, all)
    let codes = outcomes.map { outcome -> String in
      if case .failure(let error) = outcome.result { error.code } else { "done" }
    }
    #expect(codes == ["not-ready", "untried", "untried", "done"] && seen.lines == ["A: B C"])
    // It refuses whatever it is sent, which the proxy passes over.
    #expect(try host.files.read(Self.member(all[0])).contains("\nto 127.0.0.1:"))
  }

  @Test("a proxy that cannot be told keeps no instance from being restarted, and a person hears of it")
  func deafProxy() async throws {
    let host = try await host(["A", "B"])
    let record = try records(host, "A")
    let before = try Snapshot(host)
    let heard = Heard()
    host.proxies.set { $0.refusals = [BerthError("proxy-reload", .failure, "its configuration is broken")] }
    let outcome = try await berth(host, options: .init(notice: heard.add)).control(.restart, record)
    #expect(try outcome[0].result.get().status == .running)
    #expect(heard.lines.contains { $0.contains("requests may be lost") && $0.contains("its configuration is broken") })
    #expect(try Snapshot(host).changes(since: before) == [])
    // One that would end all requests itself is not told.
    host.proxies.set {
      $0.keepsAnswering = false
      $0.reloaded = []
    }
    _ = try await berth(host).control(.restart, record)
    #expect(host.proxies.now.reloaded == [])
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("an order that broke off while an instance was away is carried on, and the instance is in its pool again")
  func brokenOff() async throws {
    let former = try await host(["A", "B"], isMortal: true)
    let all = try records(former, "A", "B")
    let before = try all.map { try former.files.read(Self.member($0)) }
    former.fault.arm(dies: true) { _, call in call.hasPrefix("restart ") }
    _ = try? await berth(former).control(.restart, [all[0]])
    #expect(former.fault.isDead)
    let host = try former.reborn()
    #expect(try host.files.read(Self.member(all[0])) != before[0])
    host.proxies.set { $0.reloaded = [] }
    let reports = try await berth(host).recover()
    #expect(reports.map(\.ending) == [.finished])
    #expect(try all.map { try host.files.read(Self.member($0)) } == before)
    #expect(host.proxies.now.reloaded == [.caddy])
  }
}
