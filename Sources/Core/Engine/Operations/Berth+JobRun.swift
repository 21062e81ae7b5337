import BerthKit
import BerthPlan
import BerthPlanning

/// Jobs that a person or a script runs.
extension Berth {
  /// What a run of a job would do.
  public func planJob(_ job: String, _ records: [InstanceRecord]) async throws -> Plan {
    try await ask(running(job, of: records))
  }

  /// Runs a job now and waits for its end.
  ///
  /// One with a calendar runs as its timer has it run. For another one the service is stopped, as at the moments of an
  /// instance's life, and starts again.
  ///
  /// - Returns: a report for each instance that has the job, or what went wrong with it.
  /// - Throws: `unknown-job` where none of the instances has it, `job-failed`.
  public func run(job: String, of records: [InstanceRecord]) async throws -> [ControlOutcome] {
    let operation = try running(job, of: records)
    return try await outcomes(operation.present ?? [], try await carryOut(operation).outcome)
  }

  private func running(_ name: String, of records: [InstanceRecord]) throws -> Operation {
    let catalog = catalog()
    let holders = try having(job: name, records, catalog)
    let records = holders.map(\.record)
    return Operation("job run", present: records, needs: .manager, with: catalog) { _ in
      let states = try await host.states(of: records)
      let parts = holders.map { Self.steps(of: $0, isActive: $0.record.isActive(states)) }
      return Plan(verb: "job run", parts, in: try await waves(of: records)?.waves(parts))
    }
  }

  /// An instance with a job that it has by its settings and its plugin.
  private struct Holder {
    let record: InstanceRecord
    let job: Job
    let manifest: Manifest
  }

  private static func steps(of holder: Holder, isActive: Bool) -> InstanceSteps {
    let (record, job) = (holder.record, holder.job)
    var steps = InstanceSteps(InstanceChange(.runJob, record, reasons: ["asked for"]))
    guard job.calendar == nil else {
      steps.add(.jobs, [.runJob(JobRun(record, job.id))])
      return steps
    }
    if isActive { steps.add(.halt, [.stop(record, units: [])]) }
    steps.add(.jobs, JobOrder(record: record, manifest: holder.manifest, jobs: [job]).steps(staysUp: isActive))
    if isActive { steps.add(.activate, [.start(record)]) }
    return steps
  }

  /// Those of the instances that have a job.
  private func having(job name: String, _ records: [InstanceRecord], _ catalog: PluginCatalog) throws -> [Holder] {
    let settings = try host.registry.settings()
    var known: Set<String> = []
    let holders = try records.compactMap { record -> Holder? in
      let manifest = manifest(of: record, now: try catalog.plugin(record.key.app).manifest)
      let jobs = manifest.enabledJobs(manifest.values(of: settings[record.uid] ?? []))
      known.formUnion(jobs.map(\.id))
      return jobs.first { $0.id == name }.map { Holder(record: record, job: $0, manifest: manifest) }
    }
    guard holders.isEmpty else { return holders }
    throw BerthError.unknownJob(name, of: records, known: known.sorted())
  }
}
