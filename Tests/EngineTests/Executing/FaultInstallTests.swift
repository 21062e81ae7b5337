import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Every call that changes the host fails once, with nothing done and after it has acted.
@Suite("A failed installation", .serialized)
struct FaultInstallTests {
  /// The scopes, with and without another instance of the app.
  static let cases: [(TestHost.Kind, Bool)] = [(.system, false), (.system, true), (.user, false), (.sandbox, true)]

  @Test("leaves nothing, whichever call fails", arguments: cases, Fault.Moment.allCases)
  func leavesNothing(_ setting: (kind: TestHost.Kind, hasOther: Bool), moment: Fault.Moment) async throws {
    let count = try await install(setting.kind, setting.hasOther, moment, failing: nil)
    #expect(count > 12)
    for number in 1...count { _ = try await install(setting.kind, setting.hasOther, moment, failing: number) }
  }

  @Test("leaves a kept instance as it was, whichever call fails", arguments: [nil, "/srv/pvp"], Fault.Moment.allCases)
  func leavesKept(_ directory: String?, moment: Fault.Moment) async throws {
    let count = try await takeUp(directory, moment, failing: nil)
    #expect(count > 10)
    for number in 1...count { _ = try await takeUp(directory, moment, failing: number) }
  }

  private func takeUp(_ directory: String?, _ moment: Fault.Moment, failing number: Int?) async throws -> Int {
    let host = try TestHost(.system)
    let berth = host.berth()
    let first = try await berth.install(InstallRequest(app: "demo", name: "PvP", directory: directory))
    _ = try await berth.remove(first.record.key, keepsData: true)
    // A person's own text has to survive too.
    try host.files.write(
      "players 64\n", to: "\(first.directory)/config/demo.cfg", mode: 0o600, owner: nil, anchor: nil)
    let before = try Snapshot(host)
    host.fault.arm(moment) { count, _ in count == number }
    do {
      _ = try await berth.install(
        InstallRequest(app: "demo", id: "default", name: "Arena", settings: ["players": "3"]))
      #expect(number == nil)
    } catch {
      let fault = try #require(host.fault.fired)
      let changes = try Snapshot(host).changes(since: before)
      #expect(changes == [], "after call \(fault.number), \(fault.call)")
    }
    return host.fault.calls.count
  }

  /// - Returns: how many calls changed the host.
  private func install(
    _ kind: TestHost.Kind, _ hasOther: Bool, _ moment: Fault.Moment, failing number: Int?
  ) async throws -> Int {
    let host = try TestHost(kind)
    let berth = host.berth()
    if hasOther { _ = try await berth.install(InstallRequest(app: "demo", name: "Other")) }
    let before = try Snapshot(host)
    let request = InstallRequest(app: "demo", name: "PvP", directory: "/srv/games/pvp")
    host.fault.arm(moment) { count, _ in count == number }
    guard let number else {
      _ = try await berth.install(request)
      return host.fault.calls.count
    }
    do {
      _ = try await berth.install(request)
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
