import BerthKit
import BerthPlan

/// An instance and how it is.
public struct InstanceReport: Report {
  public let record: InstanceRecord
  public let status: Status
  public let isEnabled: Bool
  public let services: [ServiceReport]
  public let directory: String
  /// The command that helps an incomplete instance, or one with a problem.
  public let remedy: Remedy?
  /// What keeps it from running: a container that is no use, or somebody else on one of its ports, for which a list does
  /// not look; nil for nothing.
  public let problem: String?
  /// How its last backup went, and when; nil when there was none.
  public let lastBackup: LastBackup?
  /// Its jobs on a calendar; nil where nobody has asked, as in a list, which says of those that have failed as ``problem``.
  public let jobs: [JobReport]?

  init(
    _ record: InstanceRecord, states: [String: UnitState], enabled: Set<String>, processes: [String: Int],
    paths: ScopePaths, brokenOff operation: Int64? = nil, lastRun: BackupRun? = nil, backupProblem: String? = nil,
    problem: String? = nil, engines: EngineAnswers = EngineAnswers(), failedJobs: [String] = [],
    jobs: [JobReport]? = nil
  ) {
    self.record = record
    let containers = record.containers(paths)
    func condition(_ unit: String) -> EngineContainer.Condition? {
      containers.first { $0.unit == unit }.flatMap(engines.condition)
    }
    services = zip(record.services, record.units).map { name, unit in
      ServiceReport(
        name: name, unit: unit, status: Status(states[unit], condition(unit)), mainPID: processes[unit])
    }
    let unusable = containers.lazy.filter { Status(states[$0.unit]) == .running }.compactMap { own in
      engines.condition(of: own).flatMap(own.complaint)
    }.first
    self.problem =
      unusable?.problem ?? problem ?? (failedJobs.isEmpty ? nil : record.complaint(ofJobs: failedJobs))
    self.jobs = jobs
    isEnabled = enabled.contains(record.target)
    directory = record.directory ?? paths.instance(record.key)
    // While an operation is at work on it, it is on its way.
    let isWhole = operation == nil
    let isSound = record.problem == nil
    status = !isWhole ? .incomplete : isSound ? Status(all: services.map(\.status)) : .blocked
    remedy =
      isWhole && isSound
      ? unusable?.remedy(record) ?? (problem == nil ? failedJobs.first.map(record.log) : nil)
      : Self.remedy(for: record, operation: operation)
    lastBackup = lastRun.map {
      LastBackup(at: $0.endedAt, succeeded: $0.isSuccess && backupProblem == nil, error: $0.error ?? backupProblem)
    }
  }

  /// The command that helps an instance on which an operation broke off.
  static func remedy(for record: InstanceRecord, operation: Int64?) -> Remedy {
    operation.map { Remedy.berth("operations", "recover", "\($0)") }
      ?? .berth("remove", record.key.app, "--instance", "\(record.key.id)", "--yes")
  }

  /// The ports in order of declaration, one per role and protocol.
  public var ports: [PortReport] { record.ports.map(PortReport.init) }

  public var fields: ReportFields {
    .instance(record) + [
      "slug": record.slug, "status": status, "enabled": isEnabled, "services": services, "ports": ports,
      "dir": directory, "labels": record.labels, "version": record.version,
      "images": record.images.mapValues(ImageReport.init), "builds": record.builds.map(BuildReport.init),
      "pool": record.pool, "routes": record.routes.map(RouteReport.init), "created_at": record.createdAt,
      "remedy": remedy, "problem": problem, "last_backup": lastBackup, "jobs": jobs,
    ]
  }
}

/// A service of an instance.
public struct ServiceReport: Report {
  public let name: String
  public let unit: String
  public let status: Status
  /// Nil in a list, which asks the manager once for all.
  public let mainPID: Int?

  public var fields: ReportFields { ["name": name, "unit": unit, "status": status, "main_pid": mainPID] }
}

/// A job of an instance on a calendar.
public struct JobReport: Report {
  public let name: String
  public let run: TimedRun

  init(name: String, run: TimedRun) { (self.name, self.run) = (name, run) }

  public var fields: ReportFields {
    ["name": name, "last_run_at": run.last, "succeeded": run.succeeded, "next_run_at": run.next]
  }
}

/// The last run of an instance's backups.
public struct LastBackup: Report {
  /// ISO 8601 in UTC.
  public let at: String
  public let succeeded: Bool
  public let error: String?

  public var fields: ReportFields { ["at": at, "succeeded": succeeded, "error": error] }
}

/// The image that a service of an instance runs.
struct ImageReport: Report {
  let pin: ImagePin

  init(_ pin: ImagePin) { self.pin = pin }

  var fields: ReportFields {
    [
      "reference": pin.reference, "id": pin.id, "digest": pin.digest,
      "engine": pin.runner,
    ]
  }
}

/// A program of Steam's that an instance runs.
struct BuildReport: Report {
  let build: SteamBuild

  init(_ build: SteamBuild) { self.build = build }

  var fields: ReportFields { ["app": build.app, "branch": build.branch, "build": build.build] }
}

/// Where the host's web proxy passes requests on to an instance.
struct RouteReport: Report {
  let claim: RouteClaim

  init(_ claim: RouteClaim) { self.claim = claim }

  var fields: ReportFields { ["route": claim.route, "host": claim.host, "path": claim.path] }
}

/// An instance that is gone: removed, or kept without its units.
public struct RemovalReport: Report {
  public let record: InstanceRecord
  /// `removed` or `kept`.
  public let status: String
  /// The project of Docker Compose that runs again in its place; nil for none.
  public let project: String?

  public init(_ record: InstanceRecord, isKept: Bool = false, project: String? = nil) {
    (self.record, status, self.project) = (record, isKept ? "kept" : "removed", project)
  }

  public var fields: ReportFields { .instance(record) + ["status": status, "project": project] }
}

/// An instance with the values of its settings, secrets included.
public struct RevealedReport: Report {
  public let report: InstanceReport
  public let settings: [String: String]

  public init(_ report: InstanceReport, settings: [String: String]) {
    (self.report, self.settings) = (report, settings)
  }

  public var fields: ReportFields { report.fields + ["settings": settings] }
}
