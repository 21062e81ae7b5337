import BerthKit
import BerthPlan
import BerthPlanning

/// Jobs that a person or a script runs.
extension Berth {
  /// What a run of a job would do.
  public func planJob(_ job: String, _ records: [InstanceRecord]) async throws -> Plan {
    try await ask(running(job, of: try having(job: job, records)))
  }

  /// Runs a job now and waits for its end.
  ///
  /// One with a calendar runs as its timer has it run. For another one the service is stopped, as at the moments of an
  /// instance's life, and starts again.
  ///
  /// - Returns: for each instance its report, or what went wrong with it.
  /// - Throws: `unknown-job` where none of the instances has it, `job-failed`.
  public func run(job: String, of records: [InstanceRecord]) async throws -> [ControlOutcome] {
    let records = try having(job: job, records)
    return try await outcomes(records, try await carryOut(running(job, of: records)).outcome)
  }

  private func running(_ name: String, of records: [InstanceRecord]) -> Operation {
    Operation("job run", present: records, needs: .manager, with: catalog()) { _ in
      let states = try await host.states(of: records)
      let parts = try records.compactMap { record -> InstanceSteps? in
        guard let (job, manifest) = try declared(job: name, of: record) else { return nil }
        let isActive = record.isActive(states)
        var steps = InstanceSteps(InstanceChange(.runJob, record, reasons: ["asked for"]))
        if job.calendar != nil {
          steps.add(.jobs, [.runJob(JobRun(record, job.id))])
        } else {
          if isActive { steps.add(.halt, [.stop(record, units: [])]) }
          steps.add(
            .jobs, JobOrder(record: record, manifest: manifest, jobs: [job]).steps(staysUp: isActive))
          if isActive { steps.add(.activate, [.start(record)]) }
        }
        return steps
      }
      return Plan(verb: "job run", parts, in: try await waves(of: records)?.waves(parts))
    }
  }

  /// Those of the instances that have a job.
  private func having(job: String, _ records: [InstanceRecord]) throws -> [InstanceRecord] {
    let found = try records.filter { try declared(job: job, of: $0) != nil }
    guard found.isEmpty else { return found }
    let known = try records.flatMap { record in
      let manifest = manifest(of: record, now: try plugin(record.key.app).manifest)
      return manifest.enabledJobs(manifest.values(of: try host.registry.settings(of: record.uid))).map(\.id)
    }
    throw BerthError.unknownJob(job, of: records, known: Set(known).sorted())
  }

  /// A job that an instance has by its settings, and the plugin that declares it.
  private func declared(job: String, of record: InstanceRecord) throws -> (Job, Manifest)? {
    let manifest = manifest(of: record, now: try plugin(record.key.app).manifest)
    let values = manifest.values(of: try host.registry.settings(of: record.uid))
    return manifest.enabledJobs(values).first { $0.id == job }.map { ($0, manifest) }
  }
}
