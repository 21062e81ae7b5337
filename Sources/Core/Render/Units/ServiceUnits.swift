import BerthKit

/// How services of one kind become units, where all instances of an app share them.
protocol ServiceUnits: Sendable {
  /// The template of a service; nil where each instance has a file of its own.
  func template(of service: Service, _ renderer: UnitRenderer) throws -> String?
  /// The template of a job; nil likewise.
  func template(of job: Job, _ service: Service, _ renderer: UnitRenderer) throws -> String?
}

extension Service {
  /// What its kind says of its units.
  var units: any ServiceUnits {
    switch engine {
    case nil: ProgramUnits()
    case .podman: QuadletUnits()
    case .docker: ComposeUnits()
    }
  }
}

/// A program of the host's.
struct ProgramUnits: ServiceUnits {
  func template(of service: Service, _ renderer: UnitRenderer) throws -> String? { try renderer.template(of: service) }
  func template(of job: Job, _ service: Service, _ renderer: UnitRenderer) throws -> String? {
    try renderer.template(of: job, service)
  }
}
