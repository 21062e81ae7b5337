import BerthKit

/// Whose every port will be once a plan is carried out, over all apps and stopped instances.
package struct PortLedger {
  /// Who has a port, or will.
  package struct Holder {
    /// The instance's uid, or a word of the planner's for one that is not yet made.
    package let token: String
    /// How messages call it.
    package let title: String

    package init(token: String, title: String) {
      self.token = token
      self.title = title
    }
  }

  private var holders: [PortNumber: Holder] = [:]
  /// Ports on which an instance of Berth's may still listen that will have given it up by then.
  private var released: Set<PortNumber> = []
  /// Where searches for free numbers have come to.
  private var searches = PortSearches()

  package init(_ records: [InstanceRecord]) {
    for record in records { take(record.ports.map(\.port), for: Holder(token: record.uid, title: record.title)) }
  }

  /// Notes ports as somebody's.
  package mutating func take(_ ports: [PortNumber], for holder: Holder) { for port in ports { holders[port] = holder } }

  /// Notes ports as free from then on.
  package mutating func release(_ ports: [PortNumber]) {
    for port in ports {
      holders[port] = nil
      released.insert(port)
    }
    searches.forget()
  }

  /// Keeps numbers for an instance whose turn comes later.
  ///
  /// - Throws: `port-in-use` when another has one of them.
  package mutating func reserve(_ ports: [(role: String, port: PortNumber)], for holder: Holder) throws {
    for (role, port) in ports {
      if let other = holders[port], other.token != holder.token {
        throw BerthError.portInUse(port, role: role, owner: other.title)
      }
      holders[port] = holder
    }
  }

  /// The number of every role of one instance.
  ///
  /// - Parameters:
  ///   - token: the ``Holder/token`` of the instance.
  ///   - current: the ports that the instance has now, on which it may itself listen.
  /// - Throws: `port-in-use` or `no-free-port`.
  package mutating func numbers(
    for token: String, of roles: [PortRole], wishes: [String: Int], current: [PortNumber] = [], view: HostView
  ) throws -> [String: Int] {
    let (holders, released) = (holders, released)
    /// Whose it will be; nil where the host has to be asked.
    func holder(_ port: PortNumber) -> Holder? { holders[port].flatMap { $0.token == token ? nil : $0 } }
    func isOwn(_ port: PortNumber) -> Bool { current.contains(port) || released.contains(port) }
    var allocator = PortAllocator(
      roles: roles, isTaken: { holder($0) != nil || !isOwn($0) && view.isTaken($0) },
      owner: { holder($0)?.title ?? (isOwn($0) ? nil : view.listener($0)) }, isClaimed: view.isClaimed,
      isOfRoot: { $0.number < view.firstPort && !isOwn($0) }, searches: searches)
    let numbers = try allocator.allocate(wishes: wishes)
    if let found = allocator.searches { searches = found }
    return numbers
  }
}
