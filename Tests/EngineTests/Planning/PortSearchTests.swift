import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Looks at ports are counted, not timed: a short fleet file must not make them many.
@Suite("Looking for free ports") struct PortSearchTests {
  private static let roles = [
    PortRole("game", [.udp], default: 20_000), PortRole("query", [.udp], follows: .init(role: "game", offset: 1)),
  ]

  /// How many looks a number of instances take.
  private func looks(_ count: Int, _ searches: PortSearches?) throws -> Int {
    var searches = searches
    var taken: Set<PortNumber> = []
    var looks = 0
    for _ in 0..<count {
      let numbers = try withoutActuallyEscaping({ (port: PortNumber) -> Bool in
        looks += 1
        return taken.contains(port)
      }) { isTaken in
        var allocator = PortAllocator(
          roles: Self.roles, isTaken: isTaken, owner: { _ in "another" }, isClaimed: { _ in false }, searches: searches)
        defer { searches = allocator.searches }
        return try allocator.allocate(wishes: [:])
      }
      for number in numbers.values { taken.insert(PortNumber(.udp, number)) }
    }
    #expect(taken.count == 2 * count)
    return looks
  }

  @Test("takes twice the looks for twice the instances")
  func linear() throws {
    let (some, twice) = (try looks(200, PortSearches()), try looks(400, PortSearches()))
    #expect(twice <= 2 * some + 10, "\(some), then \(twice)")
  }

  @Test("takes four times the looks where each search begins anew")
  func quadratic() throws {
    let (some, twice) = (try looks(200, nil), try looks(400, nil))
    #expect(twice > 3 * some, "\(some), then \(twice)")
  }

  @Test("asks whose a port is only for an error: never in a search past a thousand that are taken, once for a wish")
  func owners() throws {
    let taken = Set((20_000..<21_000).map { PortNumber(.udp, $0) })
    var (probes, owners) = (0, 0)
    func allocate(_ wishes: [String: Int]) throws -> [String: Int] {
      try withoutActuallyEscaping({ (port: PortNumber) -> Bool in
        probes += 1
        return taken.contains(port)
      }) { isTaken in
        try withoutActuallyEscaping({ (_: PortNumber) -> String? in
          owners += 1
          return "greedy (process 7)"
        }) { owner in
          var allocator = PortAllocator(
            roles: Self.roles, isTaken: isTaken, owner: owner, isClaimed: { _ in false })
          return try allocator.allocate(wishes: wishes)
        }
      }
    }
    #expect(try allocate([:]) == ["game": 21_000, "query": 21_001])
    #expect(owners == 0 && probes == 1002, "\(owners) owners, \(probes) probes")
    let error = #expect(throws: BerthError.self) { try allocate(["game": 20_500]) }
    #expect(error?.summary.contains("greedy (process 7)") == true && owners == 1)
  }

  @Test("begins anew once a port has become free")
  func released() throws {
    var ledger = PortLedger([])
    func number(_ token: String) throws -> Int? {
      let numbers = try ledger.numbers(
        for: token, of: [Self.roles[0]], wishes: [:], view: SampleHost.sample().view)
      for number in numbers.values {
        ledger.take([PortNumber(.udp, number)], for: PortLedger.Holder(token: token, title: token))
      }
      return numbers["game"]
    }
    #expect(try number("a") == 20_000)
    #expect(try number("b") == 20_001)
    ledger.release([PortNumber(.udp, 20_000)])
    #expect(try number("c") == 20_000)
    #expect(try number("d") == 20_002)
  }
}
