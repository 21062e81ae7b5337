import BerthKit
import BerthRender
import BerthStore
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("Variables of an instance's own")
struct OwnVariableTests {
  private static let file = ScopePaths.system.containerEnvironment("crate", "default", service: "main")

  private func host() throws -> TestHost {
    let host = try TestHost(.system)
    host.containers.set {
      $0.images = [ContainerImage(id: String(repeating: "3", count: 64), names: ["localhost/side:1"])]
      $0.registry = [
        CratePlugin.image: ContainerImage(id: String(repeating: "1", count: 64), names: [CratePlugin.image])
      ]
    }
    host.docker.set { $0.images = WardPlugin.images }
    return host
  }

  /// A crate whose plugin sets a variable too.
  private struct Grown: AppPlugin {
    var manifest: Manifest {
      var manifest = CratePlugin(version: "2").manifest
      manifest.services[0].environment.append(.init("TZ", "UTC"))
      return manifest
    }
  }

  private func berth(_ host: TestHost) -> Berth { host.berth([CratePlugin(), WardPlugin(), DemoPlugin()]) }

  private func stored(_ host: TestHost, _ record: InstanceRecord) throws -> [String: String] {
    let settings = try host.registry.settings(of: record.uid).filter { OwnVariable.isKey($0.key) }
    #expect(settings.allSatisfy { $0.isSecret })
    return Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.value) })
  }

  private func lines(_ host: TestHost, _ path: String = file) throws -> [String] {
    try host.files.read(path).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  @Test("stand in the file of the container that has them, which is restarted, and go again")
  func sets() async throws {
    let host = try host()
    let berth = berth(host)
    let record = try await berth.install(InstallRequest(app: "crate")).record
    let before = try lines(host)
    let wish = ChangeWish(settings: ["env.TZ": "America/Bahia", "env.opts": "a b \"c\" $d", "env.X@side": "1"])
    let plan = try await berth.planChange("config set", [record], wish)
    #expect(plan.kinds == ["register", "write-file", "restart"])
    #expect(
      plan.changes[0].reasons == [
        "variable env.TZ is set", "variable env.X@side is set", "variable env.opts is set", "\(Self.file) differs",
      ])
    _ = try await berth.change(record, wish)
    #expect(try lines(host) == before + ["TZ=America/Bahia", "opts=a b \"c\" $d"])
    #expect(try stored(host, record) == wish.settings)
    // The same again is nothing, and nobody finds anything wrong.
    #expect(try await berth.change(record, wish) == nil)
    #expect(try await berth.doctor() == [])
    let listed = try berth.settingReports(of: record).filter { OwnVariable.isKey($0.setting.id) }
    #expect(listed.map(\.setting.id) == ["env.TZ", "env.X@side", "env.opts"] && listed.allSatisfy { $0.value == nil })
    let less = ChangeWish(unset: ["env.TZ", "env.opts", "env.NEVER"])
    #expect(
      try await berth.planChange("config set", [record], less).changes[0].reasons == [
        "variable env.TZ goes", "variable env.opts goes", "\(Self.file) differs",
      ])
    _ = try await berth.change(record, less)
    #expect(try lines(host) == before && stored(host, record) == ["env.X@side": "1"])
    // One of a service that a setting turns on waits for it.
    _ = try await berth.change(record, ChangeWish(settings: ["side": "true"]))
    let side = ScopePaths.system.containerEnvironment("crate", "default", service: "side")
    #expect(try lines(host, side) == ["X=1"])
  }

  @Test("an installation takes them at once")
  func installs() async throws {
    let host = try host()
    let record = try await berth(host).install(InstallRequest(app: "crate", settings: ["env.TZ": "UTC"])).record
    #expect(try lines(host).last == "TZ=UTC" && stored(host, record) == ["env.TZ": "UTC"])
  }

  @Test("that cannot be are refused, and nothing is changed")
  func refuses() async throws {
    let host = try host()
    let berth = berth(host)
    let record = try await berth.install(InstallRequest(app: "crate")).record
    let demo = try await berth.install(InstallRequest(app: "demo")).record
    let before = try Snapshot(host)
    for (record, key, code) in [
      (record, "env.NUMBER", "bad-variable"), (record, "env.NUMBER@main", "bad-variable"),
      (record, "env.9", "bad-variable"), (record, "env.A@none", "bad-variable"), (demo, "env.TZ", "bad-variable"),
    ] {
      let error = await refusal { try await berth.change(record, ChangeWish(settings: [key: "1"])) }
      #expect(error?.code == code && error?.kind == .usage, "\(key)")
    }
    let error = await refusal { try await berth.change(record, ChangeWish(settings: ["env.A": "hunter2\nB=1"])) }
    #expect(error?.code == "bad-setting" && error?.summary.contains("hunter2") == false)
    #expect(await refusal { try await berth.change(record, ChangeWish(unset: ["env.A B"])) }?.code == "unknown-setting")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("are shown in no plan, however short they are, and hide nothing else", arguments: ["crate", "ward"])
  func masked(_ app: String) async throws {
    let host = try host()
    let berth = berth(host)
    let settings = app == "ward" ? ["domain": "ward.example", "image": "registry.example/ward:2"] : [:]
    let record = try await berth.install(
      InstallRequest(app: app, settings: settings.merging(["env.SHORT": "7"]) { own, _ in own })
    ).record
    let wish = ChangeWish(settings: ["env.SHORT": "8", "env.TOKEN": "pa$$w\"ord", "env.NEW": "9"])
    let plan = try await berth.planChange("config set", [record], wish)
    let diff = try #require(plan.changes[0].diffs.first).diff
    #expect(diff.contains(SecretMask.changedMask), "\(diff)")
    for shown in ["w\\\"ord", "w\"ord", "SHORT=7", "SHORT=8", "\" : \"7\"", "\" : \"8\"", "NEW=9", "\" : \"9\""] {
      #expect(!diff.contains(shown), "\(shown) in \(diff)")
    }
    // The number of its user and all that is the same stays readable.
    let known = app == "ward" ? "\"NUMBER\" : \"" : "NUMBER="
    let number = host.users.numbers(of: record.user).user
    #expect(diff.contains("\(known)\(number)"), "\(diff)")
    let json = String(decoding: try JSONEncoder().encode(plan.steps.map(\.step.summary)), as: UTF8.self)
    #expect(!json.contains("ord"))
  }

  @Test("a project of Docker Compose gives each container those of all and its own")
  func compose() async throws {
    let host = try host()
    let settings = [
      "domain": "ward.example", "image": "registry.example/ward:2", "env.TZ": "UTC", "env.TZ@web": "Asia/Tokyo",
      "env.COST@store": "5$",
    ]
    let record = try await berth(host).install(InstallRequest(app: "ward", settings: settings)).record
    let path = "\(host.paths.instance(record.key))/\(ScopePaths.composeOverride)"
    let tree = try JSONSerialization.jsonObject(with: Data(try host.files.read(path).utf8)) as? [String: Any]
    let services = tree?["services"] as? [String: [String: Any]]
    let (web, store) = (
      services?["web"]?["environment"] as? [String: String], services?["store"]?["environment"] as? [String: String]
    )
    #expect(web?["TZ"] == "Asia/Tokyo" && web?["HOSTS"] == "ward.example,localhost")
    // Compose reads two of these signs as one.
    #expect(store == ["TZ": "UTC", "COST": "5$$"])
    // They are no variables of the plugin's own file.
    #expect(
      try !host.files.read("\(host.paths.instance(record.key))/\(ScopePaths.composeEnvironment)").contains("TZ"))
  }

  @Test("a restore brings back those of the backup and no others, and a clone has them too")
  func backups() async throws {
    let host = try host()
    let berth = berth(host)
    let record = try await berth.install(
      InstallRequest(app: "crate", settings: ["env.TZ": "UTC", "env.KEY": "sesame"])
    ).record
    let backup = try await berth.backup(record, BackupWish())
    _ = try await berth.change(
      record, ChangeWish(settings: ["env.TZ": "Asia/Tokyo", "env.NEW": "1"], unset: ["env.KEY"]))
    _ = try await berth.restore(RestoreRequest(app: "crate", backup: backup.id))
    #expect(try stored(host, record) == ["env.TZ": "UTC", "env.KEY": "sesame"])
    #expect(try lines(host).suffix(2) == ["KEY=sesame", "TZ=UTC"])
    let copy = try await berth.clone(record, RestoreRequest(app: "crate", newName: "Copy")).result.get().record
    #expect(try stored(host, copy) == ["env.TZ": "UTC", "env.KEY": "sesame"])
    let file = ScopePaths.system.containerEnvironment("crate", copy.key.id.text, service: "main")
    #expect(try lines(host, file).suffix(2) == ["KEY=sesame", "TZ=UTC"])
  }

  @Test("a fleet file has them where secrets are revealed, and a stranger's has to be confirmed")
  func fleet() async throws {
    let host = try host()
    _ = try await berth(host).install(
      InstallRequest(app: "crate", settings: ["env.TZ": "UTC", "env.KEY@main": "a: \"b\" # c"]))
    #expect(
      try berth(host).export(reveals: false).instances[0].settings.keys.contains { OwnVariable.isKey($0) } == false)
    let exported = try berth(host).export(reveals: true)
    let other = try self.host()
    let berth = berth(other)
    let read = try FleetReader(file: "fleet.yaml").fleet(from: FleetWriter.text(exported), catalog: berth.catalog())
    #expect(read.instances.map(\.settings) == exported.instances.map(\.settings))
    let open = await refusal { try await berth.apply(read, prunes: false) }
    #expect(open?.code == "unconfirmed-grants")
    let plan = try await berth.planFleet(read, prunes: false)
    #expect(plan.openGrants.map(\.item) == ["crate.variables"] && plan.openGrants[0].value == "env.KEY@main,env.TZ")
    _ = try await berth.apply(read, prunes: false, accepting: ["crate.variables"])
    #expect(try berth.export(reveals: true).instances.map(\.settings) == exported.instances.map(\.settings))
    // What is there needs no confirmation.
    #expect(try await berth.planFleet(read, prunes: false).isEmpty)
    let taken = FleetWriter.text(exported).replacing("env.TZ", with: "env.NUMBER")
    let error = #expect(throws: BerthError.self) {
      try FleetReader(file: "fleet.yaml").fleet(from: taken, catalog: berth.catalog())
    }
    #expect(error?.kind == .badInput && error?.summary.contains("the plugin itself sets NUMBER") == true)
  }

  @Test("one that a new version of the plugin sets itself goes only where it may, and the plan says so")
  func grows() async throws {
    let host = try host()
    let record = try await berth(host).install(InstallRequest(app: "crate", settings: ["env.TZ": "Asia/Tokyo"])).record
    let refused = await refusal { _ = try await host.berth([Grown()]).change(record, ChangeWish()) }
    #expect(refused?.code == "dropped-settings" && refused?.summary.contains("'env.TZ'") == true)
    var options = Berth.Options()
    options.drops = true
    let grown = host.berth([Grown()], options: options)
    let plan = try await grown.planChange("update", [record], ChangeWish())
    #expect(plan.changes[0].reasons.contains("variable env.TZ goes: the plugin sets it itself"))
    _ = try await grown.change(record, ChangeWish())
    #expect(try lines(host).filter { $0.hasPrefix("TZ=") } == ["TZ=UTC"] && stored(host, record) == [:])
  }
}
