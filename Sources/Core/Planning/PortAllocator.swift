import BerthKit

/// Gives every port role of an app its number.
///
/// A wished number that is taken is an error that names its owner; a default that is taken moves to the next free one.
package struct PortAllocator {
  /// Whose a port is already: an instance, a process, or nil. Only an error asks for it: a search is told by ``isTaken``.
  package typealias Owner = (PortNumber) -> String?
  /// Whether another run of Berth is about to use a port.
  package typealias Claimed = (PortNumber) throws -> Bool

  private static let noPort = "nobody: it is no port number"
  private static let root = "root"
  private static let somebody = "another process"
  private static let otherRole = "another role of this instance"

  let roles: [PortRole]
  package let isTaken: (PortNumber) -> Bool
  package let owner: Owner
  package let isClaimed: Claimed
  /// Whether only programs of root may open a port.
  var isOfRoot: (PortNumber) -> Bool = { _ in false }
  /// Where earlier searches have come to; nil where this is the only one.
  var searches: PortSearches?

  private typealias Candidate = (role: PortRole, port: PortNumber)

  /// The number of every role.
  ///
  /// - Throws: `port-in-use` or `no-free-port`.
  mutating func allocate(wishes: [String: Int]) throws -> [String: Int] {
    var numbers: [String: Int] = [:]
    var own: Set<PortNumber> = []
    // A default gives way to whatever was wished for any role.
    let wished = roles.flatMap { role in
      wishes[role.role].map { number in role.protocols.map { (role: role, port: PortNumber($0, number)) } } ?? []
    }
    try refuseConflict(in: wished)
    for leader in roles where leader.follows == nil {
      let group = [leader] + roles.filter { $0.follows?.role == leader.role }
      let reserved = own.union(wished.map(\.port))
      let number: Int
      if let wish = wishes[leader.role] {
        try refuseConflict(in: free(group, wish, wishes), beside: reserved)
        number = wish
      } else {
        let first = leader.defaultNumber ?? 1
        // What is wished for is this instance's alone, and says nothing of the next one.
        let search = wishes.isEmpty ? PortSearches.Key(group, from: first) : nil
        let start = search.flatMap { searches?.reached($0) } ?? first
        guard
          let found = try (start...max(start, 65535)).first(where: {
            try conflict(in: free(group, $0, wishes), beside: reserved, names: false) == nil
          })
        else { throw BerthError.noFreePort(leader.role, from: first) }
        if let search { searches?.note(search, found) }
        number = found
      }
      for role in group {
        let given = wishes[role.role] ?? number + (role.follows?.offset ?? 0)
        numbers[role.role] = given
        for transport in role.protocols { own.insert(PortNumber(transport, given)) }
      }
    }
    return numbers
  }

  /// The ports of a group that no wish has fixed, for a number of its leader.
  private func free(_ group: [PortRole], _ number: Int, _ wishes: [String: Int]) -> [Candidate] {
    group.filter { wishes[$0.role] == nil }.flatMap { role in
      role.protocols.map { (role, PortNumber($0, number + (role.follows?.offset ?? 0))) }
    }
  }

  private func refuseConflict(in candidates: [Candidate], beside own: Set<PortNumber> = []) throws {
    guard let (role, port, owner) = try conflict(in: candidates, beside: own, names: true) else { return }
    guard owner != Self.noPort else { throw BerthError.badPort("\(port.number)", "the \(role.role) port would be it") }
    guard owner != Self.root else { throw BerthError.portOfRoot(port, role: role.role) }
    throw BerthError.portInUse(port, role: role.role, owner: owner)
  }

  /// The first port that cannot be had, and whose it is.
  ///
  /// - Parameter names: whether a person will read whose it is.
  private func conflict(
    in candidates: [Candidate], beside own: Set<PortNumber>, names: Bool
  ) throws -> (role: PortRole, port: PortNumber, owner: String)? {
    var seen = own
    for (role, port) in candidates {
      guard (1...65535).contains(port.number) else { return (role, port, Self.noPort) }
      guard seen.insert(port).inserted else { return (role, port, Self.otherRole) }
      if isOfRoot(port) { return (role, port, Self.root) }
      if isTaken(port) { return (role, port, names ? owner(port) ?? Self.somebody : Self.somebody) }
    }
    for (role, port) in candidates where try isClaimed(port) { return (role, port, PortNumber.otherBerth) }
    return nil
  }
}
