import BerthKit
import BerthPlan

/// The jobs of a moment in their order, each while its service is stopped and what that one depends on is up.
package struct JobOrder {
  package let record: InstanceRecord
  package let manifest: Manifest
  package var jobs: [Job]
  /// Whether they cannot be taken back.
  package var isPointOfNoReturn = false

  package init(record: InstanceRecord, manifest: Manifest, jobs: [Job], isPointOfNoReturn: Bool = false) {
    self.record = record
    self.manifest = manifest
    self.jobs = jobs
    self.isPointOfNoReturn = isPointOfNoReturn
  }

  /// - Parameter staysUp: whether the instance is started afterwards anyway, and what runs already goes on.
  package func steps(staysUp: Bool) -> [Step] {
    var up: Set<String> = []
    var steps: [Step] = []
    for job in jobs {
      let needed = Set(manifest.services(neededBy: [job.service]).map(\.id)).subtracting([job.service])
      // An earlier one needed what this one is for.
      if up.contains(job.service) {
        steps.append(.stop(record, units: []))
        up = []
      }
      if !needed.isSubset(of: up) {
        steps.append(.start(record, units: record.units(for: needed, manifest)))
        up.formUnion(needed)
      }
      steps.append(.runJob(JobRun(record, job.id, isPointOfNoReturn: isPointOfNoReturn)))
    }
    return !up.isEmpty && !staysUp ? steps + [.stop(record, units: [])] : steps
  }
}

extension Deployment {
  /// The jobs of moments, as steps, and what has to run for them.
  ///
  /// - Parameters:
  ///   - changed: the settings that get another value, which jobs may answer to.
  ///   - isGuarded: whether the instance's data can be had back from a backup.
  ///   - staysUp: whether the instance is started afterwards anyway.
  func jobs(
    at moments: [Job.Moment], changed: Set<String> = [], isGuarded: Bool = false, staysUp: Bool
  ) -> [Step] {
    let atMoments = moments.flatMap { moment in jobs.filter { $0.moments.contains(moment) } }
    let answering = jobs(answering: changed).filter { job in !atMoments.contains { $0.id == job.id } }
    return JobOrder(
      record: record, manifest: manifest, jobs: atMoments + answering,
      // A new instance goes with everything that its jobs did; an old one's data is not had back.
      isPointOfNoReturn: !isGuarded && moments.contains(.update) && !atMoments.isEmpty
    ).steps(staysUp: staysUp)
  }

  /// What has the jobs that answer to changed settings run once more where the change is taken back, with the former
  /// values; nothing where no job answers.
  func guardingSettings(_ changed: Set<String>) -> [Step] {
    let answering = jobs(answering: changed)
    guard !answering.isEmpty else { return [] }
    let needed = answering.reduce(into: Set<String>()) { needed, job in
      needed.formUnion(manifest.services(neededBy: [job.service]).map(\.id).filter { $0 != job.service })
    }
    return [
      .guardSettings(
        record, jobs: answering.map(\.id),
        needs: needed.isEmpty ? [] : record.units(for: needed, manifest))
    ]
  }

  /// One that an instance has only now by a condition may have missed a change.
  private func jobs(answering changed: Set<String>) -> [Job] {
    jobs.filter { job in
      let conditions = [job.condition, manifest.service(job.service)?.condition].compactMap { $0 }
      return job.moments.contains(.change)
        && !changed.isDisjoint(with: (job.settings ?? []) + conditions.flatMap { $0.settings.map(\.setting) })
    }
  }
}
