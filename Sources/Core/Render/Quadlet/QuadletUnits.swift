import BerthKit

/// A container of Podman's: its generator makes the units from each instance's own files (``UnitRenderer/containers(of:variables:)``).
struct QuadletUnits: ServiceUnits {
  func template(of service: Service, _ renderer: UnitRenderer) throws -> String? { nil }
  func template(of job: Job, _ service: Service, _ renderer: UnitRenderer) throws -> String? { nil }
}
