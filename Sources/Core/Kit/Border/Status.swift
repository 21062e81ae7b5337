/// The one word for how an instance or a service is.
public enum Status: String, Sendable, Codable {
  case running, starting, stopping, stopped, failed
  /// It cannot be used until a command was run.
  case blocked
  /// An operation broke off.
  case incomplete

  /// What the manager's words mean. A unit that it has not loaded is stopped.
  public init(_ state: UnitState?) {
    switch state?.active {
    case "active", "reloading", "refreshing": self = .running
    case "activating": self = .starting
    case "deactivating": self = .stopping
    case "failed": self = .failed
    default: self = .stopped
    }
  }

  /// What the manager and the engine of a container together mean: a unit whose container is no use does not run.
  package init(_ state: UnitState?, _ container: EngineContainer.Condition?) {
    let status = Status(state)
    switch (status, container) {
    case (.running, .unhealthy): self = .failed
    case (.running, .paused): self = .blocked
    default: self = status
    }
  }

  /// The word for several services together: the worst of them, and running only when all are.
  public init(all services: [Status]) {
    let order: [Status] = [.failed, .blocked, .stopping, .starting]
    if let worst = order.first(where: services.contains) {
      self = worst
    } else if services.allSatisfy({ $0 == .running }), !services.isEmpty {
      self = .running
    } else {
      self = services.contains(.running) ? .starting : .stopped
    }
  }

  /// Whether something of it runs, or will in a moment.
  public var isUp: Bool { ![.stopped, .failed].contains(self) }
}

extension InstanceRecord {
  /// Whether any of its services is up.
  package func isActive(_ states: [String: UnitState]) -> Bool { units.contains { Status(states[$0]).isUp } }
}
