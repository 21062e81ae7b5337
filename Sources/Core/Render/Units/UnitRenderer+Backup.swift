import BerthKit

/// The units of backups: the programs of each set, and Berth's own scheduled backup.
extension UnitRenderer {
  /// What one of a set's units does.
  private struct SetProgram {
    let name: String
    /// What it is for, in its description.
    let purpose: String
    /// Command lines in order.
    let lines: [String]
    /// Seconds for all of them.
    let timeout: Int
    /// Lines about its standard streams.
    var streams: [String] = []
    /// Whether it calls Berth itself, which works on the host for containers too.
    var isBerth = false
  }

  /// The units of a set's programs. Each is the set's service once more, with other programs and an end.
  ///
  /// They belong to no target, and so a stop or a restart of the instance does not break off what writes or reads a
  /// backup; and they are ordered behind nothing, as Berth starts them when it is their turn.
  func templates(of set: BackupSet) throws -> [RenderedFile] {
    guard let service = manifest.service(set.service) else {
      throw BerthError.badManifest(
        "there is no service '\(set.service)'", at: manifest.id, key: "backup.\(set.id).service")
    }
    return try programs(of: set, service).map { program in
      let isInside = service.container != nil && !program.isBerth
      let unit = ["Description=\(UnitText.literal(manifest.name)) (\(program.purpose) \(set.id)), instance %i"]
      let execution =
        ["Type=oneshot"] + (isInside ? insideSurroundings(of: service) : try surroundings(of: service))
        + program.lines.map { "ExecStart=\($0)" } + program.streams
        + ["TimeoutStartSec=\(program.timeout)", Self.patience, "SyslogIdentifier=%p@%i"]
      let bounds =
        isInside
        ? []
        : limits(of: service)
          + isolation(
            of: service, unit: program.name, probes: program.isBerth, mounts: !program.isBerth)
      let text = text([("Unit", unit), ("Service", execution + bounds)])
      return RenderedFile(path: context.paths.unit(UnitName.service(manifest.id, program.name)), text: text)
    }
  }

  /// The units of a set in which Berth works itself.
  func berthJobs(of set: BackupSet) throws -> [String] {
    guard let service = manifest.service(set.service) else { return [] }
    return try programs(of: set, service).filter(\.isBerth).map(\.name)
  }

  private func programs(of set: BackupSet, _ service: Service) throws -> [SetProgram] {
    var programs: [SetProgram] = []
    let exchange = literal(context.paths.dump(manifest.id, "\0", set: set.id))
    switch set.method {
    case .files, .volume: break
    case .sqlite(let paths):
      programs.append(
        SetProgram(
          name: set.dumpJob, purpose: "snapshot of", lines: [try snapshotLine(set, paths)],
          timeout: BackupSet.defaultTimeout, isBerth: true))
    case .command(let dump, let restore):
      // The manager opens the file before it gives its rights up, so that the instance's user need not reach it.
      programs.append(
        SetProgram(
          name: set.dumpJob, purpose: "dump of", lines: [try programLine(dump.exec, of: service)],
          timeout: dump.timeout,
          streams: ["StandardOutput=truncate:\(exchange)", "StandardError=journal"]))
      programs.append(
        SetProgram(
          name: set.restoreJob, purpose: "restore of",
          lines: [try programLine(restore.exec, of: service, readsInput: true)], timeout: restore.timeout,
          streams: ["StandardInput=file:\(exchange)", "StandardOutput=journal", "StandardError=journal"]))
    }
    for (name, word, actions) in [(set.beforeJob, "before", set.before), (set.afterJob, "after", set.after)]
    where !actions.isEmpty {
      programs.append(
        SetProgram(
          name: name, purpose: "\(word) the copy of", lines: try actions.map { try actionLine($0, of: service) },
          timeout: actions.map(\.timeout).reduce(0, +), isBerth: actions.contains { $0.console != nil }))
    }
    return programs
  }

  /// `berth sqlite-snapshot` with paths relative to the instance; wildcards are its own to read.
  private func snapshotLine(_ set: BackupSet, _ paths: [Template]) throws -> String {
    let home = context.paths.instance(manifest.id, "\0")
    let copies = context.paths.snapshots(manifest.id, "\0", set: set.id)
    let fixed = [context.berth, "sqlite-snapshot", "--root", home, "--to", copies].map {
      UnitText.word($0).replacing("\0", with: "%i")
    }
    return (fixed + (try paths.map { try argument(SelectedSet.relative($0)) })).joined(separator: " ")
  }

  /// Berth itself, which waits for whatever is done with the instance at that moment, with its own rights, not an instance's: it stops and starts services, and reads all of its state.
  func scheduledBackup() throws -> RenderedFile {
    let words =
      ([context.berth, "backup", manifest.id, "--scheduled", "--wait", "3600"] + context.reach).map(UnitText.word)
      + ["\"--instance\"", "\"%i\""]
    // A backup that was killed may have left the services stopped.
    let recovery = ([context.berth, "operations", "recover", "--wait", "60"] + context.reach).map(UnitText.word)
    let text = text([
      ("Unit", ["Description=\(UnitText.literal(manifest.name)) (scheduled backup), instance %i"]),
      (
        "Service",
        [
          "Type=oneshot",
          "ExecStart=\(words.joined(separator: " "))",
          "ExecStopPost=\(recovery.joined(separator: " "))",
          "UnsetEnvironment=NOTIFY_SOCKET SYSTEMD_UNIT_PATH",
        ] + unprivileged
          + context.paths.environment.map { "Environment=\"\(UnitText.quotedPiece("\($0.key)=\($0.value)"))\"" } + [
            "Nice=10",
            "IOSchedulingClass=idle",
            "TimeoutStartSec=infinity",
            "# Its own children are ended by Berth, which takes back what it has begun.",
            "KillMode=mixed",
            "TimeoutStopSec=5min",
            "SyslogIdentifier=%p@%i",
          ]
      ),
    ])
    return RenderedFile(
      path: context.paths.unit(UnitName.service(manifest.id, BackupSet.scheduledJob)), text: text)
  }

  /// The timer of all instances; when it elapses is each instance's own, and so stands in its drop-in.
  func backupTimer() -> RenderedFile {
    let text = text([
      (
        "Unit",
        head("timer of the backup", "%i") + Self.unlimitedStarts
      ),
      ("Timer", ["Persistent=yes", "FixedRandomDelay=yes", "AccuracySec=1s"]),
    ])
    return RenderedFile(path: context.paths.unit(UnitName.timer(manifest.id, BackupSet.scheduledJob)), text: text)
  }

  /// The drop-in's lines for an instance's backup timer; nothing when it has no schedule or nothing to back up.
  func backupTimes(of instance: InstanceValues) -> [String] {
    guard let calendar = instance.backup.calendar, !manifest.enabledBackup(instance.settings).isEmpty else { return [] }
    let lines = ["OnCalendar=\(calendar)"]
    // A word names no minute, so that instances need not all begin at once.
    return instance.backup.isShorthand ? lines + ["RandomizedDelaySec=10min"] : lines
  }
}
