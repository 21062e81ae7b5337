import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Every call that changes the host fails once, with nothing done and after it has acted.
@Suite("A failed removal", .serialized)
struct FaultRemoveTests {
  /// How the instance is before it is removed.
  enum Case: CaseIterable { case alone, besideAnother, elsewhere, stopped, disabled }

  @Test("leaves everything as it was, whichever call fails", arguments: Case.allCases, Fault.Moment.allCases)
  func leavesEverything(_ setting: Case, moment: Fault.Moment) async throws {
    let kind: TestHost.Kind = setting == .alone || setting == .besideAnother ? .system : .user
    for keepsData in [false, true] {
      let count = try await remove(setting, kind, keepsData, moment, failing: nil)
      #expect(count > 6)
      for number in 1...count { _ = try await remove(setting, kind, keepsData, moment, failing: number) }
    }
  }

  /// - Returns: how many calls changed the host while it could still go back.
  private func remove(
    _ setting: Case, _ kind: TestHost.Kind, _ keepsData: Bool, _ moment: Fault.Moment, failing number: Int?
  ) async throws -> Int {
    let host = try TestHost(kind)
    let berth = host.berth()
    _ = try await berth.install(
      InstallRequest(app: "demo", directory: setting == .elsewhere ? "/srv/pvp" : nil, isStarted: setting != .stopped))
    if setting == .besideAnother { _ = try await berth.install(InstallRequest(app: "demo", name: "Other")) }
    if setting == .disabled { _ = try await berth.control(.disable, [try host.record()]) }
    let before = try Snapshot(host)
    let key = try host.record().key
    host.fault.arm(moment) { count, _ in count == number }
    guard let number else {
      _ = try await berth.remove(key, keepsData: keepsData)
      // What was set aside and the user are cleared away last, when the instance is gone already.
      let last = [
        "remove \(host.paths.trash)", "remove /srv/pvp/.berth-aside", "remove /var/lib/warlock/.berth-aside",
        "remove users ",
      ]
      return host.fault.calls.filter { call in !last.contains { call.hasPrefix($0) } }.count
    }
    do {
      _ = try await berth.remove(key, keepsData: keepsData)
      Issue.record("call \(number) did not fail")
    } catch {
      let fault = try #require(host.fault.fired)
      #expect(fault.number == number)
      let changes = try Snapshot(host).changes(since: before)
      #expect(changes == [], "after call \(number), \(fault.call)")
    }
    return number
  }
}
