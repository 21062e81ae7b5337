import BerthKit

/// What becomes of jobs on a calendar and of backups on a schedule. The service manager knows, and nobody waits for them.
extension Berth {
  /// The parts of instances, jobs or ``BackupSet/scheduledJob``, whose last run by their timer has failed, by the instance's uid.
  ///
  /// - Parameter failed: units that have failed.
  func failedJobs(_ records: [InstanceRecord], among failed: Set<String>) -> [String: [String]] {
    guard !failed.isEmpty else { return [:] }
    let byID = Dictionary(grouping: records, by: \.key.id.text)
    var found: [String: [String]] = [:]
    for unit in failed.sorted() {
      guard let at = unit.firstIndex(of: "@"), unit.hasSuffix(".service") else { continue }
      let (name, id) = (unit[..<at], unit[unit.index(after: at)...].dropLast(".service".count))
      // Of two apps of which one's id begins as the other, the longer one's.
      let owner = byID[String(id)]?.filter { name.hasPrefix("\($0.key.app)-") }
        .max { $0.key.app.utf8.count < $1.key.app.utf8.count }
      guard let owner else { continue }
      let part = String(name.dropFirst(owner.key.app.utf8.count + 1))
      // Without a timer a command ran the job, and that command has reported the failure.
      guard !owner.services.contains(part), host.files.exists(paths.unit(UnitName.timer(owner.key.app, part))) else {
        continue
      }
      found[owner.uid, default: []].append(part)
    }
    return found
  }

  /// The units that a timer starts, of one instance or of all instances of its app.
  func jobPattern(of record: InstanceRecord, isAlone: Bool) -> String {
    UnitName.service(record.key.app, "*", isAlone ? record.key.id.text : "*")
  }

  /// The jobs on a calendar that an instance has, with their last and next runs, in order of their names.
  ///
  /// - Parameter failed: those of its parts that have failed.
  func jobs(of record: InstanceRecord, failed: [String]) async throws -> [JobReport] {
    let (app, id) = (record.key.app, record.key.id.text)
    let timers = try await host.manager.states(matching: [UnitName.timer(app, "*", id)])
      .filter { $0.value.active == "active" }.keys
    let waiting = timers.compactMap { timer -> String? in
      let part = timer.dropFirst(app.utf8.count + 1).prefix { $0 != "@" }
      return timer.hasPrefix("\(app)-") && host.files.exists(paths.unit(UnitName.timer(app, String(part))))
        ? String(part) : nil
    }
    let names = Set(waiting + failed).subtracting([BackupSet.scheduledJob]).sorted()
    let runs = names.isEmpty ? [:] : try await host.manager.runs(of: names.map { UnitName.service(app, $0, id) })
    return names.map { name in
      var run = runs[UnitName.service(app, name, id)] ?? TimedRun()
      if failed.contains(name) { run.succeeded = false }
      return JobReport(name: name, run: run)
    }
  }

  /// Jobs and backups that failed with nobody there to see it.
  ///
  /// - Parameter reported: the uids of instances whose last backup is known to have failed.
  func jobFindings(_ records: [InstanceRecord], _ states: [String: UnitState], reported: Set<String>) -> [Finding] {
    let failed = failedJobs(records, among: Set(states.filter { Status($0.value) == .failed }.keys))
    return records.flatMap { record in
      (failed[record.uid] ?? []).compactMap { part in
        let isBackup = part == BackupSet.scheduledJob
        guard !isBackup || !reported.contains(record.uid) else { return nil }
        return Finding(
          code: isBackup ? "backup-failed" : "job-failed", subject: record.title,
          problem: record.complaint(ofJobs: [part]),
          remedy: record.log(of: part))
      }
    }
  }
}

extension InstanceRecord {
  /// What is said of parts that have failed.
  func complaint(ofJobs parts: [String]) -> String {
    let words = parts.map { $0 == BackupSet.scheduledJob ? "its scheduled backup" : "its job '\($0)'" }
    return "\(words.joined(separator: " and ")) \(parts.count == 1 ? "has" : "have") failed"
  }

  /// The command that shows why.
  func log(of part: String) -> Remedy {
    .berth("logs", key.app, "--instance", "\(key.id)", "--service", part)
  }
}
