import BerthKit
import BerthQuery

/// How Berth speaks to the app of a running instance.
extension Berth {
  /// One port of an instance by which it is spoken to.
  struct Conversation {
    let record: InstanceRecord
    let endpoint: Endpoint
    /// Whose processes have to be there.
    let peer: Peer
    /// What it should speak, for messages.
    let language: String
    /// The values of the instance's secrets, which nothing that it says may show.
    let secrets: [String]
    /// What its console wants to know; nil when it has none.
    let password: String?
    /// Seconds that it may take.
    let seconds: Double
  }

  /// Finds out where an instance listens, and makes sure that it is its own service that does.
  ///
  /// - Throws: `not-running`, or the error that is given for an instance without that port.
  func conversation(
    with record: InstanceRecord, _ manifest: Manifest, role: String, _ transport: TransportProtocol, language: String,
    seconds: Double, orElse missing: @autoclosure () -> BerthError
  ) async throws -> Conversation {
    let port = record.ports.first { $0.role == role && $0.port.transport == transport }
    guard let port, let declared = manifest.port(role) else { throw missing() }
    let service = manifest.service(of: declared)
    // A clear word for an instance that is off. That it is not somebody else who listens, the connection itself shows.
    try await requireRunning(record, service: service?.id)
    let stored = try host.registry.settings(of: record.uid)
    let variables = Variables(settings: manifest.values(of: stored), of: manifest)
    return Conversation(
      record: record,
      endpoint: Endpoint(transport, manifest.reachableAddress(of: declared), port.port.number),
      peer: try await peer(of: record, service), language: language,
      secrets: stored.filter { $0.isSecret && $0.value.utf8.count >= 6 }.map(\.value),
      password: try manifest.console?.password.flatMap { try variables.text($0) }, seconds: seconds)
  }

  /// Who has to be there when a service is spoken to, or any of an instance's when none is named.
  private func peer(of record: InstanceRecord, _ service: Service?) async throws -> Peer {
    let units = service.map { [UnitName.service(record.key.app, $0.id, record.key.id.text)] } ?? record.units
    let own = service?.kind?.daemon.map { [$0] } ?? units
    let groups = try await host.manager.controlGroups(of: own)
    return Peer(groups: own.compactMap { groups[$0] }, isForwarded: service?.container != nil)
  }

  /// Makes sure that a service runs, or all of an instance when none is named.
  ///
  /// - Throws: `not-running`.
  func requireRunning(_ record: InstanceRecord, service: String?) async throws {
    let report = try await status(of: record.key)
    let silent = report.services.first { (service == nil || $0.name == service) && $0.status != .running }
    if let silent { throw BerthError.notRunning(record, service: silent, remedy: report.remedy) }
  }
}

extension Berth.Conversation {
  /// Speaks, and says in words of Berth's what went wrong.
  func speak<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    try await BerthError.speaking(
      record.title, in: language, at: endpoint.description, seconds: seconds,
      instance: record.key, body)
  }
}
