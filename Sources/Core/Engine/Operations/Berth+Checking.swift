import BerthKit
import BerthPlan

/// What others say of the files of a plan before anything is put in its place.
extension Berth {
  /// The plan with those instances refused whose files an engine or a web proxy finds fault with.
  func checked(_ plan: Plan) async throws -> Plan {
    do {
      try await check(plan)
      return plan
    } catch let error as BerthError {
      // Together they cannot say whose it is.
      var errors: [String: BerthError] = [:]
      if plan.changes.count == 1 {
        errors[plan.changes[0].record.uid] = error
      } else if options.execution.keepsGoing {
        for record in plan.changes.map(\.record) {
          let others = Set(plan.changes.map(\.record.uid)).subtracting([record.uid])
          do { try await check(plan.without(others)) } catch let error as BerthError {
            errors[record.uid] = error.at(record.title)
          }
        }
      }
      guard !errors.isEmpty else { throw error }
      return plan.refusing(errors)
    }
  }

  /// - Throws: the first thing that an engine or a web proxy finds wrong.
  func check(_ plan: Plan) async throws {
    try await checkContainers(plan)
    try await checkSites(plan)
  }

  private func checkContainers(_ plan: Plan) async throws {
    var files = plan.containerFiles(in: paths.containers)
    // The network of a container may stay as it is.
    let networks = Set(files.flatMap { Plan.networks(in: $0.text) }).subtracting(files.map(\.name))
    for name in networks.sorted() where host.files.exists("\(paths.containers)/\(name)") {
      files.append((name, try host.files.read("\(paths.containers)/\(name)")))
    }
    if !files.isEmpty { try await host.containers.podman.check(files) }
    for project in plan.composeProjects(in: paths.instances) {
      try await host.containers.docker.check(
        project.compactMap { file in
          try (file.text ?? (host.files.exists(file.path) ? host.files.read(file.path) : nil))
            .map { (String(file.path.dropFirst(ScopePaths.folder(of: file.path).count + 1)), $0) }
        })
    }
  }
}
