import BerthKit

/// Manifest × scope → the units that all instances of an app share.
///
/// What differs between instances reaches a unit as `%i` or from the environment file; the rest is in the drop-in.
public struct UnitRenderer: Sendable {
  let manifest: Manifest
  let context: RenderContext

  public init(manifest: Manifest, context: RenderContext) {
    self.manifest = manifest
    self.context = context
  }

  /// The templates of all services, of all jobs with their timers, of backups, and of the target.
  public func templates() throws -> [RenderedFile] {
    func file(_ unit: String, _ text: String) -> RenderedFile {
      RenderedFile(path: context.paths.unit(unit), text: text)
    }
    var files = try manifest.services.compactMap { service in
      try service.units.template(of: service, self).map { file(UnitName.service(manifest.id, service.id), $0) }
    }
    if let service = manifest.consoleService {
      files.append(file(UnitName.socket(manifest.id, service.id), socket(of: service)))
    }
    for job in manifest.jobs {
      guard let service = manifest.service(job.service) else {
        throw BerthError.badManifest(
          "there is no service '\(job.service)'", at: manifest.id, key: "jobs.\(job.id).service")
      }
      if let text = try service.units.template(of: job, service, self) {
        files.append(file(UnitName.service(manifest.id, job.id), text))
      }
      if let calendar = job.calendar {
        files.append(file(UnitName.timer(manifest.id, job.id), timer(of: job, calendar)))
      }
    }
    for set in manifest.backup { files += try templates(of: set) }
    if manifest.compose != nil { files.append(composeUnit()) }
    if !manifest.backup.isEmpty { files += [try scheduledBackup(), backupTimer()] }
    return files + [file(UnitName.target(manifest.id), target())]
  }

  /// The drop-ins of one instance: what the templates cannot say of its services, jobs and backups, and which conditional
  /// parts its target wants. Only what the instance has by its settings gets one.
  public func dropIns(for instance: InstanceValues, variables: Variables) throws -> [RenderedFile] {
    let id = instance.key.id.text
    func file(_ unit: String, _ section: String, _ lines: [String]) -> RenderedFile? {
      guard !lines.isEmpty else { return nil }
      let text = header + "\n[\(section)]\n" + lines.joined(separator: "\n") + "\n"
      return RenderedFile(path: context.paths.dropIn(unit), text: text)
    }
    let services = manifest.enabledServices(instance.settings)
    let jobs = manifest.enabledJobs(instance.settings)
    let sets = manifest.enabledBackup(instance.settings)
    // What a container's unit cannot share is in the container's own file.
    let owned =
      services.filter { $0.container == nil }.map { ($0.id, $0, true) }
      + jobs.compactMap { job in
        manifest.service(job.service).flatMap { $0.container == nil ? (job.id, $0, true) : nil }
      }
      + (try sets.flatMap { set in
        let berths = try berthJobs(of: set)
        return set.hostJobs(of: manifest.service(set.service)).compactMap { name in
          manifest.service(set.service).map { (name, $0, !berths.contains(name)) }
        }
      })
    let units = try owned.compactMap { name, service, seesMounts in
      // Its jobs and backups share what is the service's own, but for what it runs.
      let lines = try name == service.id ? ownCommand(of: service, instance) : []
      return file(
        UnitName.service(manifest.id, name, id), "Service",
        try ownLines(of: service, instance, variables)
          + (seesMounts ? ownMounts(of: service, unit: name, instance, variables) : []) + lines)
    }
    // Who may write to a service's standard input: its own user, whose units speak to it, and whoever may do everything.
    let socket = instance.user.flatMap { user in
      manifest.consoleService.flatMap {
        file(UnitName.socket(manifest.id, $0.id, id), "Socket", ["SocketUser=\(user)", "SocketGroup=\(user)"])
      }
    }
    let times = backupTimes(of: instance)
    let backupTimer = UnitName.timer(manifest.id, BackupSet.scheduledJob, id)
    let wanted = wantedUnits(services, jobs, isConditional: true, id) + (times.isEmpty ? [] : [backupTimer])
    let target = file(
      UnitName.target(manifest.id, id), "Unit", wanted.isEmpty ? [] : ["Wants=\(wanted.joined(separator: " "))"])
    return units + [socket, file(backupTimer, "Timer", times), target].compactMap { $0 }
  }

  /// The command line where an instance has arguments that others lack. The first line takes the template's away.
  private func ownCommand(of service: Service, _ instance: InstanceValues) throws -> [String] {
    let own = service.exec(of: instance.settings)
    return own == service.exec ? [] : ["ExecStart=", "ExecStart=\(try commandLine(own, of: service))"]
  }

  /// The user of an instance, the programs that it runs, and the limits that are its own.
  private func ownLines(of service: Service, _ instance: InstanceValues, _ variables: Variables) throws -> [String] {
    var lines: [String] = []
    if let user = instance.user { lines += ["User=\(user)", "Group=\(user)"] }
    if let group = instance.sharedGroup {
      lines += ["SupplementaryGroups=\(group.name)", "UMask=\(SharedGroup.umask)"]
    }
    let fromSetting = service.limits.memory.flatMap { $0.literalText == nil ? $0 : nil }
    if let memory = instance.limits.memory ?? fromSetting, let size = try variables.text(memory) {
      lines.append("MemoryMax=\(size)")
    }
    lines += fixedLimits(instance.limits)
    if let release = instance.release, service.container == nil {
      let target = "\(context.paths.instance(instance.key))/\(ScopePaths.appFolder)"
      let words = [release, target].map { UnitText.listed(UnitText.literal($0)) }
      lines.append("BindReadOnlyPaths=\(words.joined(separator: ":"))")
    }
    return lines
  }

  /// How every unit file of ours begins, so that a file that is not ours is never replaced.
  public static let signature = "# Made by Berth"

  /// The plugin that a unit file of ours was made from; nil when it is not ours.
  public static func plugin(of text: String?) -> String? {
    let start = "\(signature) from the plugin '"
    guard let text, text.hasPrefix(start) else { return nil }
    let rest = text.dropFirst(start.count)
    return rest.firstIndex(of: "'").map { String(rest[..<$0]) }
  }

  /// How a file of ours begins that everybody may read and only Berth writes.
  static func signature(of app: String) -> String {
    "\(signature) from the plugin '\(app)'. Written anew whenever it differs.\n"
  }

  var header: String {
    "\(Self.signature) from the plugin '\(manifest.id)'. Written anew with every install; changes belong in a drop-in.\n"
  }

  /// Services and timers that the target wants, either those of every instance or those that depend on its settings.
  private func wantedUnits(_ services: [Service], _ jobs: [Job], isConditional: Bool, _ id: String) -> [String] {
    let timed = jobs.filter { $0.calendar != nil }.filter { job in
      (job.condition != nil || manifest.service(job.service)?.condition != nil) == isConditional
    }
    return services.filter { ($0.condition != nil) == isConditional }.map { UnitName.service(manifest.id, $0.id, id) }
      + timed.map { UnitName.timer(manifest.id, $0.id, id) }
  }

  private func target() -> String {
    let wanted = wantedUnits(manifest.services, manifest.jobs, isConditional: false, "%i")
    let daemons = Set(manifest.services.compactMap { $0.kind?.daemon }).sorted()
    return header + """

      [Unit]
      Description=\(UnitText.literal(manifest.name)), instance %i
      Wants=\(wanted.joined(separator: " "))
      \(daemons.isEmpty ? "" : "# Docker brings it back when it starts, for which it has to have stopped with it.\nPartOf=\(daemons.joined(separator: " "))\n")
      [Install]
      WantedBy=\(([context.paths.bootTarget] + daemons).joined(separator: " "))

      """
  }
}

extension BackupSet {
  /// Those of its units whose programs run on the host: not those inside the container of its service.
  fileprivate func hostJobs(of service: Service?) -> [String] {
    guard service?.container != nil else { return jobs }
    return if case .sqlite = method { [dumpJob] } else { [] }
  }
}
