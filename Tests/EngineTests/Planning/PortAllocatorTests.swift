import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Ports")
struct PortAllocatorTests {
  static let game = PortRole("game", [.udp], default: 8303)
  static let query = PortRole("query", [.udp], follows: .init(role: "game", offset: 1))
  static let web = PortRole("web", [.tcp, .udp], default: 8303)

  private func allocate(
    _ roles: [PortRole], taken: [PortNumber: String] = [:], claimed: Set<PortNumber> = [], wishes: [String: Int] = [:]
  ) throws -> [String: Int] {
    var allocator = PortAllocator(
      roles: roles, isTaken: { taken[$0] != nil }, owner: { taken[$0] }, isClaimed: { claimed.contains($0) })
    return try allocator.allocate(wishes: wishes)
  }

  @Test("a number that is root's alone is passed over where nobody asked for it, and an error where somebody did")
  func ofRoot() async throws {
    let web = PortRole("web", [.tcp], default: 80)
    var allocator = PortAllocator(
      roles: [web], isTaken: { $0.number == 1024 }, owner: { _ in nil }, isClaimed: { _ in false },
      isOfRoot: { $0.number < 1024 })
    #expect(try allocator.allocate(wishes: [:]) == ["web": 1025])
    let error = await refusal { try allocator.allocate(wishes: ["web": 443]) }
    #expect(error?.code == "port-of-root" && error?.kind == .notAllowed)
    #expect(error?.summary.contains("tcp/443") == true && error?.remedy == "add --port web=N")
  }

  @Test("an app without ports needs none")
  func none() throws { #expect(try allocate([]) == [:]) }

  /// Roles, what is taken, and the numbers that come of it.
  static let defaults: [(roles: [PortRole], taken: [PortNumber], numbers: [String: Int])] = [
    ([game], [], ["game": 8303]),
    ([game], [PortNumber(.udp, 8303)], ["game": 8304]),
    ([game], [PortNumber(.udp, 8303), PortNumber(.udp, 8304)], ["game": 8305]),
    // The same number with the other protocol is another port.
    ([game], [PortNumber(.tcp, 8303)], ["game": 8303]),
    // Both protocols stand on one number, so either one moves both.
    ([web], [], ["web": 8303]),
    ([web], [PortNumber(.tcp, 8303)], ["web": 8304]),
    ([web], [PortNumber(.udp, 8303), PortNumber(.tcp, 8304)], ["web": 8305]),
    // A follower keeps its distance.
    ([game, query], [], ["game": 8303, "query": 8304]),
    ([game, query], [PortNumber(.udp, 8303)], ["game": 8304, "query": 8305]),
    ([game, query], [PortNumber(.udp, 8304)], ["game": 8305, "query": 8306]),
    ([query, game], [PortNumber(.udp, 8304)], ["game": 8305, "query": 8306]),
    // Two roles of one instance never meet.
    ([game, web], [], ["game": 8303, "web": 8304]),
    ([game, query, web], [], ["game": 8303, "query": 8304, "web": 8305]),
  ]

  @Test("a default that is taken moves to the next free one, its followers with it", arguments: defaults)
  func moves(_ example: (roles: [PortRole], taken: [PortNumber], numbers: [String: Int])) throws {
    let taken = Dictionary(uniqueKeysWithValues: example.taken.map { ($0, "demo/other") })
    #expect(try allocate(example.roles, taken: taken) == example.numbers)
  }

  @Test("a follower may be below its leader, or on the same number with another protocol")
  func offsets() throws {
    let below = PortRole("below", [.udp], follows: .init(role: "game", offset: -3))
    let console = PortRole("console", [.tcp], follows: .init(role: "game", offset: 0))
    #expect(try allocate([Self.game, below, console]) == ["game": 8303, "below": 8300, "console": 8303])
  }

  @Test("a follower on its leader's own port never fits")
  func followsOntoItself() async {
    let same = PortRole("same", [.udp], follows: .init(role: "game", offset: 0))
    #expect(await refusal { try allocate([Self.game, same]) }?.code == "no-free-port")
  }

  @Test("a wish is granted, and followers go with it")
  func wish() throws {
    #expect(try allocate([Self.game, Self.query], wishes: ["game": 9000]) == ["game": 9000, "query": 9001])
    #expect(try allocate([Self.game, Self.query], wishes: ["query": 9000]) == ["game": 8303, "query": 9000])
    #expect(try allocate([Self.web], wishes: ["web": 65535]) == ["web": 65535])
  }

  /// Whoever has the port is named as the host calls them.
  @Test(
    "a wish that is taken is an error that names the owner",
    arguments: ["demo/PvP", "teeworlds_srv (process 812)", "another process"])
  func wishTaken(_ owner: String) async {
    for (roles, wishes) in [
      ([Self.game], ["game": 9000]), ([Self.game, Self.query], ["game": 8999]),
      ([Self.game, Self.query], ["query": 9000]),
    ] {
      let error = await refusal { try allocate(roles, taken: [PortNumber(.udp, 9000): owner], wishes: wishes) }
      #expect(error?.code == "port-in-use")
      #expect(error?.kind == .conflict)
      #expect(error?.summary.hasSuffix("port udp/9000 is used by \(owner)") == true)
    }
  }

  @Test("a taken wish names the role and how to choose another")
  func wishRemedy() async {
    let error = await refusal {
      try allocate([Self.web], taken: [PortNumber(.udp, 8303): "demo/PvP"], wishes: ["web": 8303])
    }
    #expect(error?.summary == "the web port udp/8303 is used by demo/PvP")
    #expect(error?.remedy == "add --port web=N")
  }

  @Test("two wishes for one port are an error")
  func wishesMeet() async {
    let other = PortRole("other", [.udp], default: 1)
    let error = await refusal { try allocate([Self.game, other], wishes: ["game": 9000, "other": 9000]) }
    #expect(error?.summary == "the other port udp/9000 is used by another role of this instance")
  }

  @Test("a default gives way to a wish of a later role")
  func wishBeforeDefault() throws {
    let other = PortRole("other", [.udp], default: 1)
    #expect(try allocate([Self.game, other], wishes: ["other": 8303]) == ["game": 8304, "other": 8303])
  }

  @Test("what another Berth has claimed is passed over, and refused as a wish")
  func claims() async throws {
    let claimed: Set = [PortNumber(.udp, 8303), PortNumber(.tcp, 8304)]
    #expect(try allocate([Self.game], claimed: claimed) == ["game": 8304])
    #expect(try allocate([Self.web], claimed: claimed) == ["web": 8305])
    let error = await refusal { try allocate([Self.game], claimed: claimed, wishes: ["game": 8303]) }
    #expect(error?.summary == "the game port udp/8303 is used by another Berth that is at work right now")
  }

  @Test("no number beyond 65535 is given")
  func endOfNumbers() async throws {
    let last = PortRole("game", [.udp], default: 65535)
    #expect(try allocate([last]) == ["game": 65535])
    #expect(await refusal { try allocate([last, Self.query]) }?.code == "no-free-port")
    let error = await refusal { try allocate([last], taken: [PortNumber(.udp, 65535): "demo/other"]) }
    #expect(error?.code == "no-free-port")
    #expect(error?.kind == .conflict)
    #expect(error?.summary == "there is no free game port from 65535 on")
  }

  @Test("a wish whose follower would be no port is an error")
  func wishOutOfRange() async {
    let error = await refusal { try allocate([Self.game, Self.query], wishes: ["game": 65535]) }
    #expect(error?.code == "bad-port")
    #expect(error?.summary.contains("65536") == true)
  }
}
