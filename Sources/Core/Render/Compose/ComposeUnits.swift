import BerthKit

/// A service of a project of Docker Compose.
struct ComposeUnits: ServiceUnits {
  func template(of service: Service, _ renderer: UnitRenderer) throws -> String? {
    try renderer.composeTemplate(of: service)
  }
  func template(of job: Job, _ service: Service, _ renderer: UnitRenderer) throws -> String? {
    try renderer.composeTemplate(of: job, service)
  }
}
