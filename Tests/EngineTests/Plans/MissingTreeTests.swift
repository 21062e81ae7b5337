import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A folder of the host's that a service is to see and that is not there")
struct MissingTreeTests {
  private static let tree = "/srv/media"

  private func host() throws -> TestHost {
    let host = try TestHost(.system)
    host.containers.set { $0.images.append(PierPlugin.image) }
    return host
  }

  private func berth(_ host: TestHost) -> Berth { host.berth([PierPlugin()]) }

  @Test("keeps an instance from being made, before anything is done")
  func install() async throws {
    let host = try host()
    let before = try Snapshot(host)
    let error = await refusal {
      try await berth(host).install(InstallRequest(app: "pier", settings: ["downloads": Self.tree]))
    }
    #expect(error?.code == "mount-missing" && error?.kind == .badInput && error?.location == Self.tree)
    #expect(error?.summary.contains("'/downloads'") == true)
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("keeps what runs from a change that would stop it, and is a finding; what is down may be changed")
  func gone() async throws {
    let host = try host()
    try host.files.makeFolder(Self.tree, mode: 0o755, owner: nil)
    let record = try await berth(host).install(InstallRequest(app: "pier", settings: ["downloads": Self.tree])).record
    #expect(try await berth(host).doctor().isEmpty)
    try host.files.remove(Self.tree)
    #expect(try await berth(host).doctor().map(\.code) == ["mount-missing"])
    let title = ChangeWish(settings: ["title": "New"])
    for (verb, wish) in [("config set", title), ("update", .update)] {
      let error = await refusal { _ = try await berth(host).change(verb, [record], wish)[0].result.get() }
      #expect(error?.code == "mount-missing", "\(verb)")
    }
    #expect(try await berth(host).status(of: record.key).status == .running)
    host.fault.arm()
    for verb in [Control.restart, .start] {
      for service in [nil, "main"] {
        let error = await refusal { _ = try await berth(host).control(verb, [record], service: service) }
        #expect(error?.code == "mount-missing" && error?.kind == .badInput, "\(verb)")
      }
      #expect(try await berth(host).plan(verb, [record]).refused.map(\.error.code) == ["mount-missing"])
    }
    #expect(host.fault.calls == [])
    #expect(try await berth(host).status(of: record.key).status == .running)
    _ = try await berth(host).control(.stop, [record])[0].result.get()
    _ = try await berth(host).change("config set", [record], title)[0].result.get()
    let other = ChangeWish(settings: ["downloads": "/srv/other"])
    #expect(await refusal { try await berth(host).change("config set", [record], other) }?.code == "mount-missing")
  }

  @Test("keeps nobody else from a start, and the instance itself no longer once it is there")
  func others() async throws {
    let host = try host()
    try host.files.makeFolder(Self.tree, mode: 0o755, owner: nil)
    let first = try await berth(host).install(
      InstallRequest(app: "pier", name: "one", settings: ["downloads": Self.tree])
    ).record
    let second = try await berth(host).install(InstallRequest(app: "pier", name: "two")).record
    _ = try await berth(host).control(.stop, [first, second])
    try host.files.remove(Self.tree)
    let outcomes = try await host.berth([PierPlugin()], options: .keepingGoing).control(.start, [first, second])
    #expect(outcomes.map(\.code) == ["mount-missing", nil])
    // Without its plugin nobody can tell what it is shown, and the order is given.
    _ = try await host.berth([]).control(.start, [first])[0].result.get()
    _ = try await host.berth([]).control(.stop, [first])
    try host.files.makeFolder(Self.tree, mode: 0o755, owner: nil)
    _ = try await berth(host).control(.start, [first])[0].result.get()
  }
}
