import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("What must be there")
struct RequirementTests {
  private let request = InstallRequest(app: "demo")

  @Test("a manager that is down with instances is an error of its own", arguments: TestHost.Kind.allCases)
  func managerDown(_ kind: TestHost.Kind) async throws {
    let host = try TestHost(kind)
    let berth = host.berth()
    _ = try await berth.install(request)
    host.manager.set { $0.isUp = false }
    let record = try host.record()
    let calls: [@Sendable () async throws -> Void] = [
      { _ = try await berth.install(InstallRequest(app: "demo")) }, { _ = try await berth.list() },
      { _ = try await berth.status(of: record.key) }, { _ = try await berth.control(.start, [record]) },
      { _ = try await berth.remove(record.key, keepsData: false) },
    ]
    let remedies: [TestHost.Kind: Remedy] = [
      .system: "systemctl status", .user: "systemctl --user status", .sandbox: .berth("host", "up"),
    ]
    let before = try Snapshot(host)
    for call in calls {
      let error = await refusal { try await call() }
      #expect(error?.code == "manager-down")
      #expect(error?.kind == .unavailable)
      #expect(error?.remedy == remedies[kind])
    }
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("a manager that is down without instances is no manager, and an empty list needs none")
  func noManager() async throws {
    let host = try TestHost()
    host.manager.set { $0.isUp = false }
    #expect(try await host.berth().list().isEmpty)
    let error = await refusal { try await host.berth().install(request) }
    #expect(error?.code == "no-manager")
    #expect(error?.kind == .unavailable)
  }

  @Test(
    "missing packages are an error with the line to type, outside the system scope",
    arguments: [TestHost.Kind.user, .sandbox])
  func packagesMissing(_ kind: TestHost.Kind) async throws {
    let host = try TestHost(kind)
    try host.files.remove(DemoPlugin.program)
    host.packages.set { $0.installed = [] }
    let error = await refusal { try await host.berth().install(request) }
    #expect(error?.code == "packages-missing")
    #expect(error?.kind == .unavailable)
    #expect(error?.remedy == "apt-get install demo-server")
  }

  @Test("missing packages are installed in the system scope, and stay when the installation fails")
  func packagesInstalled() async throws {
    let host = try TestHost(.system)
    try host.files.remove(DemoPlugin.program)
    let program = DemoPlugin.program
    host.packages.set { [files = host.files] in
      $0.installed = []
      $0.known["demo"] = { try files.write("", to: program, mode: 0o755, owner: nil, anchor: nil) }
    }
    #expect(
      try await host.berth().planInstall(request).plainSteps.first == .installPackages([["demo-server", "demo"]]))
    #expect(host.packages.installed.isEmpty)
    host.fault.arm { _, call in call.hasPrefix("start ") }
    await #expect(throws: BerthError.self) { try await host.berth().install(request) }
    #expect(host.packages.installed == ["demo"])
    #expect(try host.registry.all().isEmpty)
  }

  @Test("a program that no package brings is an error with the places it was looked for")
  func programMissing() async throws {
    let host = try TestHost()
    try host.files.remove(DemoPlugin.program)
    let error = await refusal { try await host.berth().install(request) }
    #expect(error?.code == "program-missing")
    #expect(error?.kind == .unavailable)
    #expect(
      error?.summary == "the program 'server' of 'demo' is at none of /usr/games/demo-server, /usr/bin/demo-server")
  }

  @Test("the first place with the program is taken, and a file that cannot be executed is none")
  func programPlaces() async throws {
    let host = try TestHost()
    try host.files.write("", to: DemoPlugin.program, mode: 0o644, owner: nil, anchor: nil)
    try host.install(program: "/usr/bin/demo-server")
    _ = try await host.berth().install(request)
    #expect(try host.files.read(host.paths.unit("demo@.service")).contains("ExecStart=\"/usr/bin/demo-server\""))
  }

  @Test(
    "a unit of the distribution's is not taken", arguments: ["demo@.service", "demo-worker@.service", "demo@.target"])
  func foreignUnit(_ unit: String) async throws {
    let host = try TestHost()
    host.manager.set { $0.foreign[unit] = "/usr/lib/systemd/user/\(unit)" }
    let before = try Snapshot(host)
    let error = await refusal { try await host.berth().install(request) }
    #expect(error?.code == "unit-taken")
    #expect(error?.kind == .conflict)
    #expect(error?.location == "/usr/lib/systemd/user/\(unit)")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test(
    "a unit file that Berth did not make is not replaced",
    arguments: ["demo@.service", "demo-worker@.service", "demo@.target"])
  func unitByHand(_ unit: String) async throws {
    let host = try TestHost()
    try host.files.makeFolder(host.paths.units, mode: 0o755, owner: nil)
    try host.files.write("[Service]\n", to: host.paths.unit(unit), mode: 0o644, owner: nil, anchor: nil)
    let before = try Snapshot(host)
    let error = await refusal { try await host.berth().install(request) }
    #expect(error?.code == "unit-taken")
    #expect(error?.location == host.paths.unit(unit))
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("an unknown app is refused with the nearest one")
  func unknownApp() async throws {
    let host = try TestHost()
    let install = await refusal { try await host.berth().install(InstallRequest(app: "dmeo")) }
    let find = await refusal { try host.berth().find(nil, app: "dmeo") }
    for error in [install, find] {
      #expect(error?.code == "unknown-app")
      #expect(error?.kind == .usage)
    }
    #expect(
      await refusal { try host.berth().all(app: "demos") }?.summary == "there is no app 'demos'; did you mean 'demo'?")
  }

  @Test("a plugin that is broken is refused by name and does not take the others down")
  func brokenPlugin() async throws {
    let host = try TestHost()
    let berth = host.berth([DemoPlugin(), DemoPlugin(id: "Bad Id")])
    #expect(berth.catalog().entries.map(\.id) == ["Bad Id", "demo"])
    #expect(await refusal { try await berth.install(InstallRequest(app: "Bad Id")) }?.code == "broken-plugin")
    _ = try await berth.install(request)
  }
}
