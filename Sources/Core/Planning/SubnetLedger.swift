import BerthKit

/// The addresses from which networks of Docker Compose are cut, and what of them is somebody's already.
package struct AddressSpace: Sendable {
  let pools: [Subnet]
  /// What the host has an address in or a way to, and what networks of the engines have.
  let held: [Subnet]
  /// The file that names the pools.
  let file: String

  package init(pools: [Subnet] = AddressPool.standard, held: [Subnet] = [], file: String = "") {
    (self.pools, self.held, self.file) = (pools, held, file)
  }

  /// The networks that are free, from the beginning of the first pool on.
  ///
  /// - Parameter taken: where those begin that instances have.
  func free(besides taken: Set<UInt32>) -> some Sequence<Subnet> {
    pools.lazy.flatMap { pool in
      sequence(state: UInt64(pool.first)) { next -> Subnet? in
        while next <= UInt64(pool.last), let subnet = Subnet(UInt32(next), bits: AddressPool.bits) {
          let obstacle = held.first(where: subnet.overlaps)
          // Behind what is held, at the next multiple of the size.
          next = UInt64(max(obstacle?.last ?? 0, subnet.last) | (1 << UInt32(32 - AddressPool.bits) - 1)) + 1
          if obstacle == nil, !taken.contains(subnet.first) { return subnet }
        }
        return nil
      }
    }
  }

  /// How many networks instances can still have, counted up to a bound.
  package func room(besides records: [InstanceRecord], upTo bound: Int) -> Int {
    var count = 0
    for _ in free(besides: SubnetLedger(records).taken) where count < bound { count += 1 }
    return count
  }
}

/// Which addresses the networks of instances in Docker Compose have, over all apps and stopped instances.
struct SubnetLedger {
  /// Where they begin.
  private(set) var taken: Set<UInt32> = []

  init(_ records: [InstanceRecord]) {
    for record in records where record.state != .kept { taken.formUnion(record.subnets.values.map(\.first)) }
  }

  /// The addresses of each network of an instance. What lies in a pool stays as it is, and so does all of an instance that is
  /// there already where the pools have no room.
  ///
  /// - Parameter former: those of an instance that is there already; nil for one that is made.
  /// - Throws: `no-addresses`, for one that is made.
  mutating func subnets(
    for networks: [String], former: [String: Subnet]? = nil, in space: AddressSpace
  ) throws -> [String: Subnet] {
    var subnets: [String: Subnet] = [:]
    for network in networks {
      let own = former?[network]
      if let own, space.pools.contains(where: { $0.contains(own) }) {
        subnets[network] = own
        continue
      }
      guard let found = space.free(besides: taken).first(where: { _ in true }) else {
        guard former != nil else { throw BerthError.noAddresses(space) }
        // Its network is Docker's choice where it has none of its own.
        subnets[network] = own
        continue
      }
      taken.insert(found.first)
      subnets[network] = found
    }
    return subnets
  }
}

extension BerthError {
  static func noAddresses(_ space: AddressSpace) -> BerthError {
    let pools = space.pools.map(\.description).joined(separator: ", ")
    return BerthError(
      "no-addresses", .conflict, "no addresses are left for a network of Docker Compose in \(pools)", at: space.file,
      remedy: .pools(space.file))
  }
}

extension Remedy {
  /// More addresses for networks of Docker Compose.
  package static func pools(_ file: String) -> Remedy {
    .prose("name another range in 'address-pools' of \(file), such as 10.214.0.0/16")
  }
}
