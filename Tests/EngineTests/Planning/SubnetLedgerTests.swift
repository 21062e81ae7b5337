import BerthKit
import Testing

@testable import BerthHost
@testable import BerthPlanning

@Suite("Addresses of Compose's networks")
struct SubnetLedgerTests {
  private func subnets(_ texts: String...) throws -> [Subnet] { try texts.map { try #require(Subnet($0)) } }

  private func record(_ number: Int, _ subnet: String, state: InstanceRecord.State = .ready) throws -> InstanceRecord {
    var record = Sample.record(number)
    record.subnets = ["default": try #require(Subnet(subnet))]
    record.state = state
    return record
  }

  @Test("each network has the first that nobody has: no instance, no network of an engine, no way of the host's")
  func first() throws {
    let space = AddressSpace(
      pools: try subnets("10.9.0.0/24"), held: try subnets("10.9.0.0/26", "10.9.0.100/31", "172.17.0.0/16"), file: "f")
    var ledger = SubnetLedger([try record(1, "10.9.0.64/27"), try record(2, "10.9.0.128/27", state: .kept)])
    let own = try ledger.subnets(for: ["default", "back"], in: space)
    #expect(own.mapValues(\.description) == ["default": "10.9.0.128/27", "back": "10.9.0.160/27"])
    #expect(try ledger.subnets(for: ["default"], in: space)["default"]?.description == "10.9.0.192/27")
  }

  @Test(
    "what an instance has in a pool stays, also where its own network holds it, and what lies in none is another one")
  func stays() throws {
    let former = try record(1, "10.9.0.0/27").subnets
    let space = AddressSpace(pools: try subnets("10.9.0.0/24"), held: try subnets("10.9.0.0/27"), file: "f")
    var ledger = SubnetLedger([try record(1, "10.9.0.0/27")])
    #expect(try ledger.subnets(for: ["default"], former: former, in: space) == former)
    let moved = AddressSpace(pools: try subnets("10.8.0.0/26"), file: "f")
    #expect(try ledger.subnets(for: ["default"], former: former, in: moved)["default"]?.description == "10.8.0.0/27")
  }

  @Test("the next pool comes when one is full, and the error says where others are named when all are")
  func full() throws {
    let space = AddressSpace(
      pools: try subnets("10.9.0.0/27", "10.8.0.0/26", "255.255.255.192/26"), held: try subnets("10.8.0.0/27"),
      file: "/etc/berth/host.yaml")
    var ledger = SubnetLedger([])
    let given = try (0..<4).map { _ in try ledger.subnets(for: ["default"], in: space)["default"]?.description }
    #expect(given == ["10.9.0.0/27", "10.8.0.32/27", "255.255.255.192/27", "255.255.255.224/27"])
    let error = try #require(throws: BerthError.self) { try ledger.subnets(for: ["default"], in: space) }
    #expect(error.code == "no-addresses" && error.kind == .conflict && error.location == "/etc/berth/host.yaml")
    #expect(error.remedy?.text.contains("'address-pools' of /etc/berth/host.yaml") == true)
    #expect(space.room(besides: [], upTo: 9) == 4 && space.room(besides: [], upTo: 2) == 2)
  }

  @Test(
    "a full pool is no reason to refuse what an instance has that is there already, in another pool or by Docker's choice"
  )
  func fullChange() throws {
    let former = try record(1, "10.7.0.0/27").subnets
    let space = AddressSpace(pools: try subnets("10.9.0.0/27"), held: try subnets("10.9.0.0/27"), file: "f")
    var ledger = SubnetLedger([try record(1, "10.7.0.0/27")])
    #expect(try ledger.subnets(for: ["default", "back"], former: former, in: space) == former)
    #expect(try ledger.subnets(for: ["default"], former: [:], in: space) == [:])
    #expect(throws: BerthError.self) { try ledger.subnets(for: ["default"], in: space) }
  }

  @Test("the ways of the host are those to networks, and not the one to everywhere")
  func routes() {
    let table = """
      Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
      eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
      eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
      tun0\t00000080\t01000A0A\t0003\t0\t0\t0\t00000080\t0\t0\t0
      br-1\t0000D50A\t00000000\t0001\t0\t0\t0\tE0FFFFFF\t0\t0\t0
      """
    #expect(HostRoutes.subnets(in: table).map(\.description) == ["192.168.1.0/24", "10.213.0.0/27"])
    #expect(HostRoutes.addresses().contains { $0.description == "127.0.0.0/8" })
  }

  @Test("the networks of the engines are read as these print them")
  func engines() throws {
    let docker = "[{\"Subnet\":\"172.17.0.0/16\",\"Gateway\":\"172.17.0.1\"},{\"Subnet\":\"fd00::/64\"}]\nnull\n[]\n"
    #expect(try DockerEngine.subnets(docker).map(\.description) == ["172.17.0.0/16"])
    #expect(throws: BerthError.self) { try DockerEngine.subnets("{}") }
    let podman = "[{\"name\":\"podman\",\"subnets\":[{\"subnet\":\"10.88.0.0/16\"}]},{\"name\":\"host\"}]"
    #expect(try PodmanEngine.subnets(podman).map(\.description) == ["10.88.0.0/16"])
    #expect(throws: BerthError.self) { try PodmanEngine.subnets("?") }
  }
}
