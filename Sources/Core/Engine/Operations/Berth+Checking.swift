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
    let files = host.files
    let written = plan.steps.compactMap { planned -> KindFile? in
      if case .writeFile(let file) = planned.step { KindFile(path: file.path, text: file.text) } else { nil }
    }
    for engine in Container.Engine.allCases {
      let groups = try engine.kind.groups(of: written, in: paths) { files.exists($0) ? try files.read($0) : nil }
      for group in groups {
        try await host.containers[engine].check(group.map { ($0.name, $0.text) })
      }
    }
  }
}
