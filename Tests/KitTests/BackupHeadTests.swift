import BerthKit
import Testing

@Suite("What the head of a backup may say") struct BackupHeadTests {
  private static let uid = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
  private static let digest = String(repeating: "0f", count: 32)

  private static func head(_ change: (inout InstanceRecord) -> Void) -> BackupHead {
    var record = InstanceRecord(
      uid: uid, key: InstanceKey(app: "sample", id: .default), name: InstanceName(unchecked: "Kids"), slug: "kids",
      state: .ready, user: nil, version: nil, directory: nil, labels: [:], services: ["main"],
      ports: [.init(role: "game", port: PortNumber(.udp, 4000), address: "127.0.0.1")],
      createdAt: "2026-11-21T09:00:00Z")
    change(&record)
    return BackupHead(
      id: uid, kind: .full, createdAt: "2026-11-21T09:00:00Z", hostName: "north", instance: record, settings: [],
      manifest: Sample.manifest, sets: [])
  }

  @Test("what Berth itself writes is fine")
  func plain() {
    let head = Self.head { record in
      record.images = ["main": ImagePin(reference: "registry.example/x:1", id: "sha256:\(Self.digest)")]
      record.limits = InstanceLimits(memory: "1G", cpus: 0.5, tasks: 3)
      record.backup = BackupPolicy(schedule: "daily", keep: Retention(last: 3))
      record.version = "1.2~rc"
      record.builds = [SteamBuild(1, branch: "beta", build: 1), SteamBuild(2, build: 1)]
    }
    #expect(head.problem == nil)
  }

  @Test("builds of Steam's that no Berth can have asked for are refused")
  func builds() {
    for build in [
      SteamBuild(0, build: 1), SteamBuild(1, build: 0), SteamBuild(1, branch: "a b", build: 1),
      SteamBuild(1, branch: "+quit", build: 1), SteamBuild(1, branch: "", build: 1),
    ] { #expect(Self.head { $0.builds = [build] }.problem == "a build of the instance's cannot be that") }
  }

  @Test("so are ports, limits, images, a schedule, a retention and texts that no Berth has written")
  func others() {
    func problem(_ change: (inout InstanceRecord) -> Void) -> String? { Self.head(change).problem }
    func port(_ role: String, _ number: Int) -> InstanceRecord.Port {
      .init(role: role, port: PortNumber(.udp, number), address: "127.0.0.1")
    }
    for port in [port("game", 0), port("game", 65536), port("../game", 1)] {
      #expect(problem { $0.ports = [port] } == "a port of the instance's cannot be that")
    }
    for limits in [
      InstanceLimits(memory: "lots"), InstanceLimits(cpus: 0), InstanceLimits(cpus: .infinity),
      InstanceLimits(tasks: 0),
    ] { #expect(problem { $0.limits = limits } == "the instance's limits cannot be that") }
    for image in [
      ImagePin(reference: "-v", id: nil), ImagePin(reference: "registry.example/x:1", id: "--rm"),
      ImagePin(reference: "registry.example/x:1", id: nil, digest: "a b"),
    ] { #expect(problem { $0.images = ["main": image] } == "an image of the instance's cannot be that") }
    #expect(problem { $0.backup = BackupPolicy(schedule: "a\nb") } == "the instance's schedule cannot be that")
    #expect(
      problem { $0.backup = BackupPolicy(keep: Retention(last: -1)) } == "the instance's retention cannot be that")
    #expect(problem { $0.version = "1\u{1b}[2J" } == "the instance's version cannot be that")
    #expect(problem { $0.pluginVersion = "1\n" } == "the instance's version cannot be that")
  }
}
