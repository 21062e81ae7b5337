import BerthKit
import Foundation
import Testing

@Suite("What is known of an instance, as it is stored") struct InstanceRecordTests {
  private static let record = InstanceRecord(
    uid: "6f9619ff-8b86-4011-b42d-00c04fc964ff", key: InstanceKey(app: "sample", id: .default),
    name: InstanceName(unchecked: "Kids"), slug: "kids", state: .ready, user: "berth-0", version: "1",
    pluginVersion: "2", directory: "/srv/x", labels: ["a": "b"], limits: InstanceLimits(memory: "1G"),
    backup: BackupPolicy(schedule: "daily"), fleet: "north", unitsChecksum: "ab", services: ["main"],
    images: ["main": ImagePin(reference: "registry.example/x:1", id: "00", engine: .docker)],
    builds: [SteamBuild(4711, branch: "beta", build: 7)],
    ports: [.init(role: "http", port: PortNumber(.tcp, 80), address: "127.0.0.1")], pool: "tv",
    routes: [RouteClaim(route: "web", host: "x.example", path: "/")], folders: ["/var/www/x"],
    createdAt: "2026-11-21T09:00:00Z")

  @Test("nothing of it is lost")
  func whole() throws {
    let data = try JSONEncoder().encode(Self.record)
    #expect(try JSONDecoder().decode(InstanceRecord.self, from: data) == Self.record)
  }

  @Test("one that an older Berth wrote has no containers, builds, routes and folders")
  func older() throws {
    let data = try JSONEncoder().encode(Self.record)
    var fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in ["images", "builds", "pool", "routes", "folders"] { fields[key] = nil }
    let read = try JSONDecoder().decode(InstanceRecord.self, from: JSONSerialization.data(withJSONObject: fields))
    var expected = Self.record
    (expected.images, expected.builds, expected.pool, expected.routes, expected.folders) = ([:], [], nil, [], [])
    #expect(read == expected)
  }
}
