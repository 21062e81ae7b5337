import BerthKit

/// Gives every port role of an app its number.
///
/// A wished number that is taken is an error that names its owner; a default that is taken moves to the next free one.
struct PortAllocator {
  /// Whose a port is already: an instance, a process, or nil.
  typealias Owner = (PortNumber) -> String?
  /// Takes a port against other runs of Berth; false when one of them has it.
  typealias Claim = (PortNumber) -> Bool

  /// Who has a port that this run may not claim.
  static let otherBerth = "another Berth that is at work right now"

  let roles: [PortRole]
  let owner: Owner
  let claim: Claim

  /// The number of every role.
  ///
  /// - Throws: `port-in-use` or `no-free-port`.
  func allocate(wishes: [String: Int]) throws -> [String: Int] {
    var numbers: [String: Int] = [:]
    var own: Set<PortNumber> = []
    for leader in roles where leader.follows == nil {
      let followers = roles.filter { $0.follows?.role == leader.role }
      let group = [leader] + followers
      func ports(_ number: Int) -> [(role: PortRole, port: PortNumber)] {
        group.flatMap { role in
          role.protocols.map { (role, PortNumber($0, wishes[role.role] ?? number + (role.follows?.offset ?? 0))) }
        }
      }
      let number: Int
      if let wish = wishes[leader.role] {
        if let (role, port, owner) = conflict(ports(wish), own) {
          throw BerthError.portInUse(port, role: role.role, owner: owner)
        }
        number = wish
      } else {
        // A follower that was wished for and is taken is an error whatever the leader's number.
        for follower in followers {
          guard let wish = wishes[follower.role] else { continue }
          let wished = follower.protocols.map { (follower, PortNumber($0, wish)) }
          if let (role, port, owner) = conflict(wished, own) {
            throw BerthError.portInUse(port, role: role.role, owner: owner)
          }
        }
        let first = leader.defaultNumber ?? 1
        guard let free = (first...max(first, 65535)).first(where: { conflict(ports($0), own) == nil }) else {
          throw BerthError.noFreePort(leader.role, from: first)
        }
        number = free
      }
      for (role, port) in ports(number) {
        numbers[role.role] = port.number
        own.insert(port)
      }
    }
    return numbers
  }

  /// The first port of a group that cannot be had, and whose it is. What can be had is claimed.
  private func conflict(
    _ ports: [(role: PortRole, port: PortNumber)], _ own: Set<PortNumber>
  ) -> (role: PortRole, port: PortNumber, owner: String)? {
    for (role, port) in ports {
      guard (1...65535).contains(port.number) else { return (role, port, "nobody: it is no port number") }
      if own.contains(port) { return (role, port, "another role of this instance") }
      if let owner = owner(port) { return (role, port, owner) }
    }
    // All are free here; another Berth may have been faster with one of them.
    for (role, port) in ports where !claim(port) { return (role, port, Self.otherBerth) }
    return nil
  }
}
