import BerthKit

/// A container of an instance's, as the engine should have it.
package struct OwnContainer {
  package let unit: String
  package let engine: Container.Engine
  package let name: String
  /// What its labels say of whose it is; see ``EngineContainer/owner``.
  package let owner: String
}

extension InstanceRecord {
  /// The containers of its services, in the order of these.
  package func containers(_ paths: ScopePaths) -> [OwnContainer] {
    services.compactMap { service in
      guard let pin = images[service] else { return nil }
      let unit = UnitName.service(key.app, service, key.id.text)
      return OwnContainer(
        unit: unit, engine: pin.runner, name: ContainerName.container(key.app, slug, service: service),
        owner: pin.runner.kind.owner(unit: unit, home: paths.instance(key)))
    }
  }
}

/// The containers of a host's engines, of those that were asked.
package struct EngineAnswers: Sendable {
  private var containers: [Container.Engine: [String: EngineContainer]] = [:]

  package init(_ answers: [Container.Engine: [EngineContainer]] = [:]) {
    containers = answers.mapValues { list in
      Dictionary(list.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// How the container of a service is; nil where the engine has none of its, or was not asked.
  package func condition(of own: OwnContainer) -> EngineContainer.Condition? {
    containers[own.engine]?[own.name].flatMap { $0.owner == own.owner ? $0.condition : nil }
  }

  /// The container of somebody else that has the name of one of an instance's.
  ///
  /// Podman would kill and remove it to make room for the instance's, and Docker would say so only at the start.
  package func foreign(to record: InstanceRecord, _ paths: ScopePaths) -> BerthError? {
    record.containers(paths).lazy.filter { own in
      containers[own.engine]?[own.name].map { $0.owner != own.owner } ?? false
    }.first.map { BerthError.containerTaken($0.name, $0.engine, of: record) }
  }
}

/// Why a container whose unit runs is no use, and what helps.
package struct ContainerComplaint {
  package let code: String
  package let problem: String
  private let command: Command?

  fileprivate init(_ code: String, _ problem: String, command: Command? = nil) {
    (self.code, self.problem, self.command) = (code, problem, command)
  }

  package func remedy(_ record: InstanceRecord) -> Remedy {
    command.map(Remedy.run) ?? .berth("restart", record.key.app, "--instance", "\(record.key.id)")
  }
}

extension OwnContainer {
  /// Nil for a container that is well, or is ending.
  package func complaint(_ condition: EngineContainer.Condition) -> ContainerComplaint? {
    switch condition {
    case .well, .ended: nil
    case .unhealthy: ContainerComplaint("unhealthy", "the container \(name) is unhealthy: its health check fails")
    case .paused:
      ContainerComplaint(
        "paused", "the container \(name) is paused", command: Command("\(engine)", ["unpause", name]))
    }
  }
}
