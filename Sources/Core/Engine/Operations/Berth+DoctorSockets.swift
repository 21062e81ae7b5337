import BerthKit
import BerthPlan

/// What an instance declares against what listens.
extension Berth {
  /// Seconds after which a service that is up should listen on every port of TCP that it has.
  static let settled = 60

  /// Ports that are open to more or to fewer people than is declared, ports that nobody listens on, and open ports that
  /// nobody declares. Whose a socket is, is asked of those alone that look wrong.
  func socketFindings(_ records: [InstanceRecord], _ states: [String: UnitState]) async throws -> [Finding] {
    let running = records.filter { $0.isActive(states) }
    guard !running.isEmpty else { return [] }
    let sockets = host.ports.openSockets()
    let check = ListeningCheck(records: running, sockets: sockets)
    let suspects = check.suspects
    let holders = suspects.isEmpty ? [:] : host.ports.groups(holding: Set(suspects.map(\.inode)))
    let owners = try await owners(of: holders, among: running)
    let silent = check.silent.filter { $0.record.units.allSatisfy { Status(states[$0]) == .running } }
    let uptimes = try await host.manager.uptimes(of: Set(silent.flatMap(\.record.units)).sorted())
    return check.findings(owners: owners)
      + silent.filter { silence in silence.record.units.allSatisfy { uptimes[$0, default: 0] >= Self.settled } }
      .map(\.finding)
  }

  /// The instances whose units hold sockets, by the inode.
  ///
  /// The last name of a group says which unit it may be, and the manager which one it is: everybody may call a group of
  /// their own so.
  private func owners(
    of holders: [UInt64: [String]], among records: [InstanceRecord]
  ) async throws -> [UInt64: String] {
    let units = Dictionary(
      records.flatMap { record in record.units.map { ($0, record.uid) } }, uniquingKeysWith: { first, _ in first })
    func parts(_ group: String) -> [String] { group.split(separator: "/").map(String.init) }
    let named = Set(holders.values.joined().flatMap(parts)).intersection(units.keys)
    guard !named.isEmpty || records.contains(where: { !$0.images.isEmpty }) else { return [:] }
    let groups = named.isEmpty ? [:] : try await host.manager.controlGroups(of: named.sorted())
    return holders.compactMapValues { held in
      groups.first { _, own in held.contains { $0 == own || $0.hasPrefix("\(own)/") } }.flatMap { units[$0.key] }
        ?? (held.contains { parts($0).last == "docker.service" } ? ListeningCheck.docker : nil)
    }
  }
}

/// Compares the ports of instances that run with the sockets of their host. Only computes.
struct ListeningCheck {
  /// In the place of an instance's uid: the daemon that opens the ports of its containers.
  static let docker = "docker"

  /// A port of TCP on which nobody listens.
  struct Silence {
    let record: InstanceRecord
    let port: InstanceRecord.Port

    var finding: Finding {
      Finding(
        code: "port-silent", subject: record.title,
        problem: "nobody listens on its \(port.role) port \(port.port), though it is ready",
        remedy: .berth("logs", record.key.app, "--instance", "\(record.key.id)"))
    }
  }

  let records: [InstanceRecord]
  private let sockets: [PortNumber: [OpenSocket]]
  /// Of all instances that run.
  private let declared: Set<PortNumber>

  init(records: [InstanceRecord], sockets: [OpenSocket]) {
    self.records = records
    self.sockets = Dictionary(grouping: sockets, by: \.port)
    declared = Set(records.flatMap { $0.ports.map(\.port) })
  }

  /// Ports of programs; an engine that opens those of containers may do so with no socket.
  var silent: [Silence] {
    records.filter(\.images.isEmpty).flatMap { record in
      record.ports.filter { $0.port.transport == .tcp && sockets[$0.port] == nil }.map {
        Silence(record: record, port: $0)
      }
    }
  }

  /// The sockets whose owner has to be known.
  var suspects: [OpenSocket] {
    records.flatMap { record in record.ports.flatMap { isAsDeclared($0) ? [] : sockets[$0.port] ?? [] } } + undeclared
  }

  /// Open to others, and no instance's by its declaration.
  private var undeclared: [OpenSocket] {
    sockets.filter { !declared.contains($0.key) }.values.joined().filter { $0.reach > .host }
      .sorted { ($0.port, $0.address) < ($1.port, $1.address) }
  }

  private func isAsDeclared(_ port: InstanceRecord.Port) -> Bool {
    guard let open = sockets[port.port] else { return true }
    return difference(port, open) == nil
  }

  private enum Difference { case wider(String), narrower(String) }

  private func difference(_ port: InstanceRecord.Port, _ open: [OpenSocket]) -> Difference? {
    let wanted = OpenSocket.reach(of: port.address)
    if let wider = open.first(where: { $0.reach > .host && wanted != .everywhere && $0.address != port.address }) {
      return .wider(wider.address)
    }
    // Which family of addresses it is, is not told apart: `::` takes what comes by IPv4, unless a program says otherwise.
    guard let widest = open.max(by: { $0.reach < $1.reach }), widest.reach < wanted else { return nil }
    return .narrower(widest.address)
  }

  /// - Parameter owners: whose sockets are, by the inode.
  func findings(owners: [UInt64: String]) -> [Finding] {
    let byUID = Dictionary(records.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    let wrong = records.flatMap { record in
      record.ports.compactMap { port -> Finding? in
        let own = (sockets[port.port] ?? []).filter { socket in
          owners[socket.inode] == record.uid || owners[socket.inode] == Self.docker && !record.images.isEmpty
        }
        return difference(port, own).map { finding(record, port, $0) }
      }
    }
    var seen: Set<[String]> = []
    let strange = undeclared.compactMap { socket -> Finding? in
      // What of containers listens on the host is their engine's.
      guard let record = owners[socket.inode].flatMap({ byUID[$0] }), record.images.isEmpty,
        seen.insert([record.uid, socket.port.description]).inserted
      else { return nil }
      return Finding(
        code: "port-undeclared", subject: record.title,
        problem: "it listens on \(socket.port) at \(socket.address), which its plugin does not declare",
        remedy: .prose(
          "close \(socket.port) in the host's firewall; the plugin should name the port below 'ports', or have the "
            + "program listen on 127.0.0.1"))
    }
    return wrong + strange
  }

  private func finding(_ record: InstanceRecord, _ port: InstanceRecord.Port, _ difference: Difference) -> Finding {
    let role = "its \(port.role) port \(port.port) is declared at \(port.address)"
    switch difference {
    case .wider(let address):
      return Finding(
        code: "port-exposed", subject: record.title, problem: "\(role) and listens at \(address)",
        remedy: .prose(
          "close \(port.port) in the host's firewall; the plugin should tell the program "
            + "{{ports.\(port.role).bind}}, the address to listen on"))
    case .narrower(let address):
      return Finding(
        code: "port-hidden", subject: record.title,
        problem: "\(role) and listens at \(address) alone, where others do not reach it",
        remedy: .prose(
          "the plugin should tell the program {{ports.\(port.role).bind}}, or say 'bind: \(address)' of the port"))
    }
  }
}
