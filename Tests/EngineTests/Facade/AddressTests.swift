import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Instances in Docker Compose and the addresses of their networks")
struct AddressTests {
  private func host() throws -> TestHost {
    let host = try TestHost(.system)
    host.docker.set {
      $0.images = WardPlugin.images
      $0.registry = Dictionary(uniqueKeysWithValues: WardPlugin.images.map { ($0.names[0], $0) })
      $0.subnets = [Subnet("10.213.0.0/27"), Subnet("172.17.0.0/16")].compactMap { $0 }
    }
    host.ports.set { $0.subnets = [Subnet("10.213.0.64/26")].compactMap { $0 } }
    return host
  }

  private func berth(_ host: TestHost) -> Berth { host.berth([WardPlugin()]) }

  private func request(_ name: String) -> InstallRequest {
    InstallRequest(
      app: "ward", name: name, settings: ["domain": "\(name.lowercased()).example", "image": "registry.example/ward:2"])
  }

  private func file(_ record: InstanceRecord, _ host: TestHost) throws -> String {
    try host.files.read("\(host.paths.instance(record.key))/compose.berth.json")
  }

  @Test("instances of one command have addresses of their own, which their files say, and a plan says nothing else")
  func own() async throws {
    let host = try host()
    let reports = try await berth(host).install([request("North"), request("South")])
    let records = try reports.map { try $0.result.get().record }
    #expect(records.map { $0.subnets["default"]?.description } == ["10.213.0.32/27", "10.213.0.128/27"])
    for record in records {
      let subnet = try #require(record.subnets["default"])
      #expect(try file(record, host).contains("\"subnet\" : \"\(subnet)\""))
    }
    #expect(try host.registry.instances().map(\.subnets) == records.map(\.subnets))
    #expect(try await berth(host).doctor().map(\.code) == [])
    // Those of an instance that is gone are free again.
    _ = try await berth(host).remove([records[0]], keepsData: false)
    let third = try await berth(host).install(request("East")).record
    #expect(third.subnets == records[0].subnets)
  }

  @Test("an instance from before keeps Docker's choice until it is updated, and is stopped for it then")
  func before() async throws {
    let host = try host()
    var record = try await berth(host).install(request("North")).record
    record.subnets = [:]
    try host.registry.register(record, settings: try host.registry.settings()[record.uid] ?? [])
    let title = ChangeWish(settings: ["title": "New"])
    var change = try await berth(host).change("config set", [record], title)[0].result.get()
    #expect(change.record.subnets == [:])
    change = try await berth(host).change("update", [change.record], .update)[0].result.get()
    #expect(change.record.subnets["default"]?.description == "10.213.0.32/27")
  }

  @Test("where none are left, nothing is made, and the doctor says it before")
  func full() async throws {
    let host = try host()
    try host.files.makeFolder(host.paths.config, mode: 0o755, owner: nil)
    try host.files.write(
      "schema: 1\naddress-pools: 10.213.0.32/27\n", to: host.paths.hostConfig, mode: 0o644, owner: nil, anchor: nil)
    _ = try await berth(host).install(request("North"))
    let finding = try #require(try await berth(host).doctor().first)
    #expect(
      finding.code == "no-addresses"
        && finding.problem == "10.213.0.32/27 has addresses for no more networks of Docker Compose")
    let before = try Snapshot(host)
    let error = await refusal { try await berth(host).install(request("South")) }
    #expect(error?.code == "no-addresses" && error?.remedy?.text.contains("address-pools") == true)
    #expect(try Snapshot(host).changes(since: before) == [])
  }
}
