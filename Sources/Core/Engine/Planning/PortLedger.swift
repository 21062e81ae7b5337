import BerthKit

/// Whose every port will be once a plan is carried out, over all apps and stopped instances.
///
/// It is shared while a plan is made, as ``Neighbours`` are.
final class PortLedger {
  /// Who has a port, or will.
  struct Holder {
    /// The instance's uid, or a word of the planner's for one that is not yet made.
    let token: String
    /// How messages call it.
    let title: String
  }

  private var holders: [PortNumber: Holder] = [:]
  /// Ports on which an instance of Berth's may still listen that will have given it up by then.
  private var released: Set<PortNumber> = []
  /// Where searches for free numbers have come to.
  private let searches = PortSearches()

  init(_ records: [InstanceRecord]) {
    for record in records { take(record.ports.map(\.port), for: Holder(token: record.uid, title: record.title)) }
  }

  /// Notes ports as somebody's.
  func take(_ ports: [PortNumber], for holder: Holder) { for port in ports { holders[port] = holder } }

  /// Notes ports as free from then on.
  func release(_ ports: [PortNumber]) {
    for port in ports {
      holders[port] = nil
      released.insert(port)
    }
    searches.forget()
  }

  /// Keeps numbers for an instance whose turn comes later.
  ///
  /// - Throws: `port-in-use` when another has one of them.
  func reserve(_ ports: [(role: String, port: PortNumber)], for holder: Holder) throws {
    for (role, port) in ports {
      if let other = holders[port], other.token != holder.token {
        throw BerthError.portInUse(port, role: role, owner: other.title)
      }
      holders[port] = holder
    }
  }

  /// Gives the ports of one instance their numbers.
  ///
  /// - Parameter current: the ports that the instance has now, on which it may itself listen.
  func allocator(
    for token: String, roles: [PortRole], current: [PortNumber], view: HostView
  ) -> PortAllocator {
    /// Whose it will be; nil where the host has to be asked.
    func holder(_ port: PortNumber) -> Holder? { holders[port].flatMap { $0.token == token ? nil : $0 } }
    func isOwn(_ port: PortNumber) -> Bool { current.contains(port) || released.contains(port) }
    return PortAllocator(
      roles: roles, isTaken: { holder($0) != nil || !isOwn($0) && view.isTaken($0) },
      owner: { holder($0)?.title ?? (isOwn($0) ? nil : view.listener($0)) }, claim: view.claim, searches: searches)
  }
}
