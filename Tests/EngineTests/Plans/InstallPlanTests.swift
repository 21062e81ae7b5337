import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("The plan of an installation")
struct InstallPlanTests {
  static let scripts = ["write-file", "write-file", "write-file"]
  static let files =
    ["write-file", "write-file", "write-file"] + scripts + ["write-file", "make-folder", "share-units"]
  static let folders = ["make-folder", "make-link", "make-folder", "make-folder", "make-folder"]
  static let start = ["reload-manager", "enable", "start", "settle"]

  private func plan(
    _ kind: TestHost.Kind = .system, _ request: InstallRequest = InstallRequest(app: "demo", name: "PvP"),
    host: SampleHost? = nil, plugin: any AppPlugin = DemoPlugin(), taken: [PortNumber: String] = [:]
  ) throws -> Plan {
    let host = try host ?? .sample(kind, plugin: plugin)
    let steps = try InstallPlanner(
      request: request, facts: host.facts, view: host.view, neighbours: host.neighbours,
      grounds: Grounds(host.facts.context.paths, [], origin: { $0 }), storedSettings: host.stored, drops: false
    ).steps(
      ports: {
        var allocator = PortAllocator(
          roles: $0, isTaken: { taken[$0] != nil }, owner: { taken[$0] }, isClaimed: { _ in false })
        return try allocator.allocate(wishes: $1)
      }, subnets: { _ in [:] })
    return Plan(verb: "install", [steps])
  }

  @Test("makes a user, installs packages and gives every service a drop-in in the system scope")
  func system() throws {
    let plan = try plan(host: .sample(missingPackages: [["demo-server", "demo"]]))
    #expect(
      plan.kinds
        == ["install-packages", "register", "make-users"] + Self.folders + Self.files
        + ["make-folder", "write-file", "make-folder", "write-file"] + Self.start)
    #expect(plan.verb == "install")
    #expect(plan.plainSteps.first == .installPackages([["demo-server", "demo"]]))
  }

  @Test("makes no user for a person", arguments: [TestHost.Kind.user, .sandbox])
  func person(_ kind: TestHost.Kind) throws {
    let plan = try plan(kind)
    #expect(
      plan.kinds == ["register"] + Self.folders + Self.files + ["make-folder", "write-file"] + Self.start)
    #expect(plan.instance.user == nil)
    for case .makeFolder(_, _, let owner, _) in plan.plainSteps { #expect(owner == nil) }
  }

  @Test("is short for an app that is")
  func tiny() throws {
    let plan = try plan(.user, InstallRequest(app: "tiny"), plugin: TinyPlugin())
    #expect(
      plan.kinds
        == ["register"] + Self.folders + ["write-file"] + Self.scripts + ["write-file", "make-folder", "share-units"]
        + Self.start)
  }

  @Test("leaves starting and enabling out when it is told to", arguments: TestHost.Kind.allCases)
  func noStart(_ kind: TestHost.Kind) throws {
    let started = try plan(kind).kinds
    let plan = try plan(kind, InstallRequest(app: "demo", isStarted: false))
    #expect(plan.kinds == started.filter { $0 != "enable" && $0 != "start" })
    #expect(plan.plainSteps.last == .settle(plan.instance, .ready))
  }

  @Test("gives the instance's folders to its user, and nothing else")
  func owners() throws {
    let plan = try plan()
    let user = try #require(plan.instance.user)
    #expect(user == "berth-aaaaaaaa0000")
    let home = "/var/lib/berth/instances/demo/default"
    let made = plan.plainSteps.compactMap { step -> String? in
      if case .makeFolder(let path, let mode, let owner, _) = step {
        "\(path) \(String(mode, radix: 8)) \(owner?.user ?? "-")"
      } else {
        nil
      }
    }
    #expect(
      made == [
        "\(home) 755 -", "\(home)/config 700 \(user)", "\(home)/data 700 \(user)", "\(home)/cache 700 \(user)",
        "/etc/systemd/system 755 -", "/etc/systemd/system/demo@default.service.d 755 -",
        "/etc/systemd/system/demo-worker@default.service.d 755 -",
      ])
  }

  @Test("names a user by 12 digits of the instance's own identifier")
  func userName() {
    #expect(InstallPlanner.userName(uid: "01234567-89ab-4cde-8000-000000000000") == "berth-0123456789ab")
  }

  @Test("says for every file who may read it and whether a person may edit it")
  func writes() throws {
    let home = "/var/lib/berth/instances/demo/default"
    let files = try plan().files
    #expect(
      files.map {
        "\($0.path) \(String($0.mode, radix: 8)) \($0.owner?.user ?? "-") secret:\($0.isSecret) checked:\($0.checkedFor ?? "-")"
      } == [
        "\(home)/config/demo.cfg 600 berth-aaaaaaaa0000 secret:true checked:aaaaaaaa-0000-4000-8000-000000000000",
        "\(home)/env 600 - secret:false checked:-",
        "\(home)/worker.env 600 - secret:true checked:-",
        "\(home)/manage 755 - secret:false checked:-", "\(home)/manage.py 755 - secret:false checked:-",
        "\(home)/installer.sh 755 - secret:false checked:-", "\(home)/plugin.json 644 - secret:false checked:-",
        "/etc/systemd/system/demo@default.service.d/berth.conf 644 - secret:false checked:-",
        "/etc/systemd/system/demo-worker@default.service.d/berth.conf 644 - secret:false checked:-",
      ])
    #expect(files[0].anchor == "\(home)/config")
  }

  @Test("shares a template per service and a target")
  func shares() throws {
    let shared = try plan().plainSteps.compactMap {
      if case .shareUnits(let app, let files) = $0 { (app, files) } else { nil }
    }
    #expect(shared.map(\.0) == ["demo"])
    #expect(
      shared.first?.1.map(\.path) == [
        "/etc/systemd/system/demo@.service", "/etc/systemd/system/demo-worker@.service",
        "/etc/systemd/system/demo@.target",
      ])
  }

  @Test("puts the folders where a person wants them and links there")
  func directory() throws {
    let plan = try plan(.user, InstallRequest(app: "demo", directory: "/srv/games/pvp"))
    let home = "/home/mara/.state/berth/instances/demo/default"
    #expect(
      plan.plainSteps.dropFirst(3).prefix(6).map(\.kind) == [
        "make-folder", "make-link", "make-folder", "make-link", "make-folder", "make-link",
      ])
    #expect(plan.plainSteps.contains(.makeLink(path: "\(home)/data", target: "/srv/games/pvp/data")))
    #expect(plan.instance.directory == "/srv/games/pvp")
  }

  @Test("registers every protocol of every port, with its address")
  func ports() throws {
    let record = try plan(taken: [PortNumber(.tcp, 20001): "a process"]).instance
    #expect(
      record.ports == [
        .init(role: "game", port: PortNumber(.udp, 20001), address: "0.0.0.0"),
        .init(role: "query", port: PortNumber(.tcp, 20002), address: "127.0.0.1"),
        .init(role: "query", port: PortNumber(.udp, 20002), address: "127.0.0.1"),
      ])
  }

  @Test("registers what the instance is")
  func record() throws {
    let plan = try plan(.user, InstallRequest(app: "demo", name: "PvP Arena", labels: ["site": "north"]))
    let registration = try #require(plan.registration)
    #expect(registration.record == plan.instance)
    #expect(!registration.takesUp)
    #expect(registration.settings.map(\.key) == ["title", "players", "memory", "token"])
    #expect(plan.instance.state == .installing)
    #expect(plan.instance.services == ["main", "worker"])
    #expect(plan.instance.labels == ["site": "north"])
    #expect(plan.instance.version == "1.2.3")
    #expect(plan.instance.title == "demo/PvP Arena")
    #expect(plan.instance.createdAt == "2026-11-21T09:00:00Z")
  }

  @Test("takes a port for the first role when no role is named, and refuses unknown roles and numbers")
  func wishes() async throws {
    #expect(
      try plan(.user, InstallRequest(app: "demo", ports: ["": 4000])).instance.ports.map(\.port.number) == [
        4000, 4001, 4001,
      ])
    let role = await refusal { try plan(.user, InstallRequest(app: "demo", ports: ["gmae": 4000])) }
    #expect(role?.code == "unknown-port-role")
    #expect(
      role?.summary == "'demo' has no port role 'gmae'; did you mean 'game'?"
        || role?.summary == "'demo' has no port role 'gmae'")
    for number in [0, 65536, -1] {
      #expect(
        await refusal { try plan(.user, InstallRequest(app: "demo", ports: ["game": number])) }?.code == "bad-port")
    }
    #expect(
      await refusal { try plan(.user, InstallRequest(app: "tiny", ports: ["": 4000]), plugin: TinyPlugin()) }?.code
        == "unknown-port-role")
  }

  @Test("takes a kept instance up with its secrets and its first day")
  func takesUp() throws {
    let kept = Sample.record(1, state: .kept)
    let stored = [StoredSetting(key: "token", value: "kept-token", isSecret: true)]
    let plan = try plan(
      .user, InstallRequest(app: "demo", id: Sample.id(1)), host: .sample(.user, instances: [kept], stored: stored))
    let registration = try #require(plan.registration)
    #expect(registration.takesUp)
    #expect(registration.settings.contains(stored[0]))
    #expect(plan.instance.uid == kept.uid)
    #expect(plan.instance.createdAt == kept.createdAt)
    #expect(try #require(plan.files.first).text.contains("kept-token"))
  }
}
