import BerthKit
import BerthPlan
import BerthRender

/// What differs between an instance as it is and as it shall be.
struct Difference {
  let planner: ChangePlanner
  let record: InstanceRecord
  let release: Release?
  let settings: [StoredSetting]
  let deployment: Deployment
  /// What a person should hear of it.
  let notices: [String]
  let oldSecrets: [String]

  var former: InstanceRecord { planner.former }
  private var view: HostView { planner.view }
  private var id: String { record.key.id.text }
  private var app: String { record.key.app }

  func steps() throws -> InstanceSteps {
    var reasons = recordReasons() + settingReasons()
    var diffs: [InstanceChange.FileDiff] = []
    var touched: Set<String> = []
    let paths = planner.facts.context.paths
    let fetch = release.map { view.fetching($0, paths) } ?? [:]
    if !fetch.isEmpty, record.release == former.release {
      reasons.append("its programs are missing")
      touched.formUnion(record.services)
    }
    let isNewProgram =
      record.version != former.version || record.images != former.images || record.release != former.release
    if isNewProgram { touched.formUnion(record.services) }

    let folders = try deployment.folders.filter(isMissing) + panelFolders()
    if !folders.isEmpty { reasons.append("a folder of it is missing") }
    let files = try differing(deployment.files, &diffs)
    let ownUnits = try differing(deployment.ownUnits, &diffs)
    for file in ownUnits { try view.requireOwn(file.write.path) }
    let sites = try SiteDifference(deployment.sites, of: record, former: former, view)
    diffs += try sites.written.map(diff)
    for file in files + ownUnits { touched.formUnion(file.readers) }
    let foreign = foreignFiles()
    if foreign.count + foreign.closedCount > 0 { touched.formUnion(record.services) }
    let shared = try planner.facts.changedUnits + changedPanel()
    // Another instance's operation has changed the units since this one was started.
    if let known = former.unitsChecksum, known != planner.facts.unitsChecksumNow {
      touched.formUnion(record.services)
      if shared.isEmpty, pins(among: staleTrees()).isEmpty {
        reasons.append("its units have changed since it was started")
      }
    }
    for file in shared {
      diffs.append(try diff(file))
      touched.formUnion(
        record.services.filter { planner.facts.context.paths.unit(UnitName.service(app, $0)) == file.path })
    }
    let foreignScripts = ManageScript.foreign(files.map(\.write) + shared, of: record.key, paths, view)
    reasons += foreignScripts.map { "Berth did not write \($0), and moves it beside its own script" }
    let (stray, stale) = (strayLinks, staleTrees() + formerLinks + stalePanel)
    let kept = pins(among: stale)
    if !kept.isEmpty { reasons.append("it still has the units of its former plugin") }
    touched.formUnion(record.services.filter { kept.contains(paths.unit(UnitName.service(app, $0, id))) })
    let gone = stale.filter { !kept.contains($0) } + stray + sites.gone
    // What the walk has found says which of the two it is.
    let named = Set(foreign.paths + foreign.closed)
    reasons +=
      diffs.filter { !$0.diff.isEmpty || !named.contains($0.path) }.map {
        "\($0.path) \($0.diff.isEmpty ? "does not belong to its user, or its user may not read it" : "differs")"
      } + gone.map { stray.contains($0) ? "\($0) leads elsewhere" : "\($0) is no longer needed" } + foreign.reasons

    let isActive = former.isActive(view.states)
    let left = former.services.filter { !record.services.contains($0) && isUp($0) }.map(unit) + staleTimers()
    // What fills the folders outside its own is what it does for a new program.
    let isElsewhere = record.folders != former.folders
    let isUpdate =
      (isNewProgram || isElsewhere || record.pluginVersion != former.pluginVersion) && planner.wish.restore == nil
    // What a new program makes of the data cannot be taken back, but for a copy of it.
    let image = isUpdate ? try planner.image() : nil
    let restore = planner.wish.restore
    // What comes back from a backup has the values of its time in its data.
    let changed = planner.facts.manifest.changed(from: restore?.head.settings ?? planner.storedSettings, to: settings)
    let jobs = deployment.jobs(
      at: isUpdate ? [.update] : [], changed: restore == nil ? changed : [], isGuarded: image != nil,
      staysUp: isActive || planner.wish.startsStopped)
    // What a container is called is in its unit, which would no longer find the one that runs.
    let isRenamed = record.slug != former.slug && !former.images.isEmpty
    // A network gets other addresses only once nothing is in it any more.
    let isReaddressed = record.subnets != former.subnets
    // What the app writes when it ends would take the place of what is written before.
    let isAppWriting = files.contains { $0.isWrittenByApp && $0.readers.contains(where: isUp) }
    let halts =
      isActive && (!jobs.isEmpty || image != nil || restore != nil || isRenamed || isReaddressed || isAppWriting)
    if let restore { reasons = restore.reasons(record) + reasons }
    if image != nil { reasons.append("its data is backed up first") }
    let restarts = record.services.filter { touched.contains($0) && former.services.contains($0) && isUp($0) }.map(unit)
    let target = planner.facts.context.paths.unit(UnitName.template(of: record.target))
    // What the target wants may be something else by now, such as the timer of a new job.
    let wantsMore = shared.contains { $0.path == target } || kept.contains(paths.unit(record.target))
    let hasMore = !Set(record.services).isSubset(of: former.services) || !newTimers().isEmpty || wantsMore

    var steps = fetch
    if halts {
      steps[.halt] = [.stop(former, units: [])]
    } else if !left.isEmpty {
      steps[.halt] = [.stop(former, units: left)]
    }
    steps[.clear] =
      ManageScript.clearing(foreignScripts, view) + (stale + stray).map { .removeTree(path: $0) }
      + (try restore?.clearing(files, record, paths, view) ?? [])
    if record != former || Set(settings) != Set(planner.storedSettings) {
      steps[.claim] = [.register(Registration(record: record, settings: settings, takesUp: true))]
    }
    steps[.halt, default: []] += (image?.steps ?? []) + (restore == nil ? deployment.guardingSettings(changed) : [])
    steps[.prepare] =
      folders + (restore?.fileSteps(record, paths) ?? []) + (restore?.folderSteps(deployment, paths) ?? [])
      + files.map { .writeFile(restore?.write($0.write, record, paths) ?? $0.write) } + giving(foreign)
    steps[.units] =
      (shared.isEmpty ? [] : [.shareUnits(app: app, files: sharedFiles)]) + ownUnits.flatMap(\.steps)
    let isReloaded =
      !shared.isEmpty || !ownUnits.isEmpty || !kept.isEmpty
      || gone.contains { tree in [paths.units, paths.containers].contains(where: tree.hasPrefix) }
    if isReloaded { steps[.reload] = [.reloadManager] }
    steps[.jobs] =
      (image.map { [.guardData(record, $0.point)] } ?? []) + jobs
      + (restore?.jobSteps(deployment, paths, changed: changed, staysUp: isActive) ?? [])
    var activate: [Step] = []
    let isEnabled = view.enabled.contains(record.target)
    if let wish = planner.wish.isEnabled, wish != isEnabled {
      activate.append(wish ? .enable([record.target]) : .disable([record.target]))
      reasons.append(wish ? "it is not enabled" : "it is enabled")
    }
    if planner.wish.isEnabled == nil, isEnabled, shared.contains(where: { $0.path == target }) {
      // What wants it may be something else by now.
      activate.append(.enable([record.target]))
    }
    if halts {
      activate.append(.start(record))
    } else if !restarts.isEmpty {
      activate.append(.restart(record, units: restarts))
    }
    if isActive, !halts, hasMore { activate.append(.start(record)) }
    if planner.wish.startsStopped, !isRunning() {
      if !activate.contains(.start(record)) { activate.append(.start(record)) }
      reasons.append("it is not running")
    }
    let checks = try activate.contains(where: \.isStart) && restore == nil ? files.compactMap(check) : []
    if !checks.isEmpty { activate.append(.checkConfig(record, checks)) }
    steps[.activate] = activate
    steps[.settle] = restore?.leftovers(record, paths) ?? []
    steps.merge(sites.steps) { $0 + $1 }
    // By itself it is no reason for a change.
    let remembered = planner.facts.remembered(record)
    if steps.contains(where: { !$0.value.isEmpty }), try view.text(remembered.path) != remembered.text {
      steps[.prepare, default: []].append(.writeFile(remembered))
    }
    let change = InstanceChange(
      restore == nil ? .change : .restore, record, reasons: reasons, diffs: diffs,
      restarts: halts ? record.units : restarts,
      notices: notices, weakenings: deployment.weakenings)
    return InstanceSteps(change, steps.filter { !$0.value.isEmpty })
  }

  // MARK: What differs

  /// - Throws: `not-a-folder` where something else has taken a folder's place; a restore brings its own.
  func isMissing(_ step: Step) throws -> Bool {
    switch step {
    case .makeFolder(let path, _, _, _):
      if view.isFolder(path) { return false }
      guard view.exists(path) else { return true }
      guard planner.wish.restore != nil else { throw BerthError.notAFolder(path) }
      return false
    case .makeLink(let path, _): return !view.exists(path) || strayLinks.contains(path)
    default: return false
    }
  }

  private func differing(
    _ files: [Deployment.File], _ diffs: inout [InstanceChange.FileDiff]
  ) throws -> [Deployment.File] {
    // A file that came back was looked at before it was in its place, so that it is written in any case.
    func comesBack(_ file: Deployment.File) -> Bool {
      planner.wish.restore?.write(file.write, record, planner.facts.context.paths).aside != nil
    }
    return try files.filter { file in
      let isSame = try textNow(file.write)?.isSame(as: file.write.text) == true
      guard comesBack(file) || !isSame || !view.isOwners(file.write) else { return false }
      diffs.append(try diff(file.write))
      return true
    }
  }

  /// The keys of a file that get another value, which its program may not take; nil for none, and for a new file.
  private func check(_ file: Deployment.File) throws -> ConfigCheck? {
    guard let edits = file.edits, let former = try textNow(file.write) else { return nil }
    let path = file.write.path
    let changed = file.replacesBroken ? edits : try ConfigText.missing(edits, in: former, file: path)
    guard !changed.assignments.isEmpty else { return nil }
    return ConfigCheck(
      path: path, edits: changed, isWrittenByApp: file.isWrittenByApp, isSecret: file.write.isSecret)
  }

  private func diff(_ file: FileWrite) throws -> InstanceChange.FileDiff {
    InstanceChange.FileDiff(
      path: file.path,
      diff: SecretMask.maskedDiff(
        old: try textNow(file), new: file.text, path: file.path, oldSecrets: oldSecrets,
        newSecrets: deployment.secrets))
  }

  /// Drop-ins and environment files of services that the instance no longer has.
  private func staleTrees() -> [String] {
    let paths = planner.facts.context.paths
    let wanted = Set(deployment.ownUnits.map { ScopePaths.tree(ofUnit: $0.write.path) })
    let ownUnits = (planner.units.own[app]?[id] ?? []).filter { !wanted.contains($0) }
    let environment = former.services.filter { !record.services.contains($0) }
      .flatMap { paths.environments(former, service: $0) }.filter(view.exists)
    let registration = view.ownRegistration(of: former, paths).flatMap { $0 == record.registration ? nil : $0 }
    return ownUnits + environment + former.folders.filter { !record.folders.contains($0) }
      + (registration.map { [$0] } ?? [])
  }

  /// Timers that the instance had and has no longer.
  private func staleTimers() -> [String] { formerTimers.subtracting(timers).sorted() }
  private func newTimers() -> Set<String> { timers.subtracting(formerTimers) }

  private var timers: Set<String> {
    let dropIn = planner.facts.context.paths.dropIn(backupTimer)
    return timers(deployment.jobs).union(deployment.ownUnits.contains { $0.write.path == dropIn } ? [backupTimer] : [])
  }

  private var formerTimers: Set<String> {
    // Its drop-in is what an instance has of its own for it; the plugin's wish may have been another one then.
    let dropIn = planner.facts.context.paths.dropIn(backupTimer)
    return timers(formerJobs).union(view.exists(dropIn) ? [backupTimer] : [])
  }

  private var backupTimer: String { UnitName.timer(app, BackupSet.scheduledJob, id) }

  private func timers(_ jobs: [Job]) -> Set<String> {
    Set(jobs.filter { $0.calendar != nil }.map { UnitName.timer(app, $0.id, id) })
  }

  /// The jobs that the instance has by its settings until now, as far as the plugin still knows them.
  private var formerJobs: [Job] {
    let manifest = planner.facts.manifest
    return manifest.enabledJobs(manifest.values(of: planner.storedSettings))
  }

  private func unit(_ service: String) -> String { UnitName.service(app, service, id) }
  private func isUp(_ service: String) -> Bool { Status(view.states[unit(service)]).isUp }
  private func isRunning() -> Bool { record.units.allSatisfy { Status(view.states[$0]).isUp } }
}
