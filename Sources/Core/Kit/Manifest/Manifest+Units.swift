/// The names of an app's units behind the app's own, as ``UnitName`` takes them.
extension Manifest {
  /// The name of Berth's own unit that ends a project of Docker Compose.
  public static let composeUnit = "compose"

  /// What has a service unit: services, jobs, the programs of backup sets, and Berth's own units.
  public var unitParts: [String] {
    services.map(\.id) + jobs.map(\.id) + backup.flatMap(\.jobs) + (backup.isEmpty ? [] : [BackupSet.scheduledJob])
      + (compose == nil ? [] : [Self.composeUnit])
  }

  /// The service whose standard input is the console; nil where there is no such console.
  public var consoleService: Service? { console?.kind == .stdin ? services.first : nil }

  /// What has a timer: jobs on a calendar, and Berth's own scheduled backup.
  public var timerParts: [String] {
    jobs.filter { $0.calendar != nil }.map(\.id) + (backup.isEmpty ? [] : [BackupSet.scheduledJob])
  }
}

extension BackupSet {
  /// The name of Berth's own unit, which backs an instance up on its schedule.
  public static let scheduledJob = "backup"

  /// The names that a set takes, whether or not it has a program for each.
  var reservedJobs: [String] { [dumpJob, restoreJob, beforeJob, afterJob] }

  /// The names of those units that it has.
  public var jobs: [String] {
    let copying =
      switch method {
      case .files, .volume: [String]()
      case .sqlite: [dumpJob]
      case .command: [dumpJob, restoreJob]
      }
    return copying + (before.isEmpty ? [] : [beforeJob]) + (after.isEmpty ? [] : [afterJob])
  }

  /// The argument vectors of its programs.
  public var commands: [[Template]] {
    let copying =
      switch method {
      case .files, .volume, .sqlite: [[Template]]()
      case .command(let dump, let restore): [dump.exec, restore.exec]
      }
    return copying + (before + after).map(\.exec)
  }

  /// The paths that it copies; none for a dump.
  public var paths: [Template] {
    switch method {
    case .files(let paths, _, _), .sqlite(let paths): paths
    case .volume(let name, _): [Mount.path(ofVolume: name)]
    case .command: []
    }
  }
}
