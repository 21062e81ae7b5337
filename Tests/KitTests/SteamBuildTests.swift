import BerthKit
import Testing

@Suite("A build of Steam's in a backup") struct SteamBuildTests {
  private static let uid = "6f9619ff-8b86-4011-b42d-00c04fc964ff"

  @Test(
    "is refused where no Berth can have asked for it",
    arguments: [
      (SteamBuild(0, build: 1), false), (SteamBuild(1, build: 0), false),
      (SteamBuild(1, branch: "a b", build: 1), false),
      (SteamBuild(1, branch: "+quit", build: 1), false), (SteamBuild(1, branch: "", build: 1), false),
      (SteamBuild(1, branch: "beta", build: 1), true), (SteamBuild(1, build: 1), true),
    ])
  func strange(_ build: SteamBuild, _ isFine: Bool) {
    let record = InstanceRecord(
      uid: Self.uid, key: InstanceKey(app: "sample", id: .default), name: InstanceName(unchecked: "Kids"), slug: "kids",
      state: .ready, user: nil, version: nil, directory: nil, labels: [:], services: ["main"], builds: [build],
      ports: [], createdAt: "2026-11-21T09:00:00Z")
    let head = BackupHead(
      id: Self.uid, kind: .full, createdAt: "2026-11-21T09:00:00Z", hostName: "north", instance: record, settings: [],
      manifest: Sample.manifest, sets: [])
    #expect(head.problem == (isFine ? nil : "a build of the instance's cannot be that"))
  }
}
