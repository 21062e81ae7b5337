import BerthKit
import BerthQuery

/// How Berth speaks to the app of a running instance.
extension Berth {
  /// One port of an instance by which it is spoken to.
  struct Conversation {
    let record: InstanceRecord
    let endpoint: Endpoint
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
    // A password must not be told to whoever else has taken the port of an instance that is off.
    try await requireRunning(record, service: manifest.service(of: declared)?.id)
    let stored = try host.registry.settings(of: record.uid)
    var variables = Variables()
    let values = manifest.values(of: stored)
    for setting in manifest.settings { variables.set("settings.\(setting.id)", to: values[setting.id]) }
    return Conversation(
      record: record,
      endpoint: Endpoint(transport, PortRole.reachable(port.address), port.port.number), language: language,
      secrets: stored.filter { $0.isSecret && $0.value.utf8.count >= 6 }.map(\.value),
      password: try manifest.console?.password.flatMap { try variables.text($0) }, seconds: seconds)
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
      instance: "\(record.key.app) --instance \(record.key.id)", body)
  }
}
