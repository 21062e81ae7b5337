import BerthKit
import BerthPlan

/// What comes back from a backup into an instance, once it is unpacked.
package struct RestoreWork: Sendable, Equatable {
  package let head: BackupHead
  /// Where its files were unpacked.
  package let staging: String
  /// Tells apart what is set aside.
  package let token: String
  /// The sets that come back; nil for all.
  package var sets: [String]?
  /// The one file or folder that comes back; nil for all.
  package var file: String?
  /// Whether the instance is another one than the one that was backed up.
  var isCopy = false
  /// Why the instance is made, where it is not only to have the backup back.
  package var purpose: [String]?
  /// Where those of the instance's own folders lie that the operator has put elsewhere.
  package var places: [String: String] = [:]

  package init(
    head: BackupHead, staging: String, token: String, sets: [String]? = nil, file: String? = nil, isCopy: Bool = false,
    purpose: [String]? = nil, places: [String: String] = [:]
  ) {
    self.head = head
    self.staging = staging
    self.token = token
    self.sets = sets
    self.file = file
    self.isCopy = isCopy
    self.purpose = purpose
    self.places = places
  }

  package var chosen: [String] { sets ?? head.sets.map(\.name) }
  /// Whether the settings come back too.
  package var isWhole: Bool { sets == nil && file == nil }
  /// Dumps that a program has to take back.
  package var dumps: [String] {
    file == nil ? head.sets.filter { $0.source == .dump && chosen.contains($0.name) }.map(\.name) : []
  }
  package var moments: [Job.Moment] { isCopy ? [.restore, .clone] : [.restore] }

  /// The instance's own folders that give way.
  package func replacements(_ record: InstanceRecord, _ paths: ScopePaths) -> [ReplaceOrder] {
    let own = paths.own(record)
    return ScopePaths.ownFolders.filter(touches).map { name in
      let isMoved = record.directory != nil || places[name] != nil
      return ReplaceOrder(
        name: name, folder: places[name] ?? "\(own)/\(name)",
        standard: isMoved ? "\(paths.instance(record.key))/\(name)" : nil, staged: "\(staging)/\(name)",
        aside: "\(places[name].map { ScopePaths.folder(of: $0) } ?? own)/.berth-aside-\(token)-\(name)",
        sets: head.sets, chosen: chosen, file: file, dropsTheRest: !dumps.isEmpty && name == "data")
    }
  }

  /// Whether something in a folder comes back. A dump is taken back into data that is made anew.
  private func touches(_ name: String) -> Bool {
    if let file { return file == name || file.hasPrefix("\(name)/") }
    if name == "data", !dumps.isEmpty { return true }
    return head.sets.contains { set in
      guard chosen.contains(set.name) else { return false }
      switch set.source {
      case .files(let paths, _), .sqlite(let paths): return paths.contains { $0 == name || $0.hasPrefix("\(name)/") }
      case .dump: return false
      }
    }
  }

  /// Puts files in their place; the instance is stopped, and its folders are there.
  func fileSteps(_ record: InstanceRecord, _ paths: ScopePaths) -> [Step] {
    replacements(record, paths).map { .replaceFolder(record, $0) }
  }

  /// Folders below those that give way, which a backup need not have.
  func folderSteps(_ deployment: Deployment, _ paths: ScopePaths) -> [Step] {
    let replaced = replacements(deployment.record, paths)
    return deployment.folders.filter { step in
      guard case .makeFolder(let path, _, _, _) = step else { return false }
      return replaced.contains { $0.holds(path) }
    }
  }

  /// A file of the deployment, which may lie in a folder that gives way.
  package func write(_ file: FileWrite, _ record: InstanceRecord, _ paths: ScopePaths) -> FileWrite {
    file.with(aside: replacements(record, paths).first { $0.holds(file.path) }?.aside)
  }

  /// Feeds dumps to their programs and runs the jobs of the moment. Only their services run for the dumps, and what these
  /// wait for.
  ///
  /// - Parameters:
  ///   - changed: the settings that have other values than the data was made with.
  ///   - staysUp: whether the instance is started afterwards anyway.
  func jobSteps(
    _ deployment: Deployment, _ paths: ScopePaths, changed: Set<String> = [], staysUp: Bool
  ) -> [Step] {
    let record = deployment.record
    let jobs = deployment.jobs(at: moments, changed: changed, staysUp: staysUp)
    guard !dumps.isEmpty else { return jobs }
    let folder = paths.dumps(of: record.key)
    let place = ReplaceOrder(
      name: "dumps", folder: folder, staged: "\(staging)/dumps",
      aside: "\(paths.instance(record.key))/.berth-aside-\(token)-dumps",
      sets: head.sets, chosen: chosen, dropsTheRest: true)
    // Data is made anew as for a first start, and the dump then fills it.
    var steps = deployment.jobs(at: [.install], staysUp: true)
    steps += [.makeFolder(path: folder, mode: 0o700, owner: nil, isShared: false), .replaceFolder(record, place)]
    let sets = deployment.manifest.backup.filter { dumps.contains($0.id) }
    steps.append(.start(record, units: record.units(for: Set(sets.map(\.service)), deployment.manifest)))
    steps += dumps.map { .runJob(JobRun(record, "\($0)-restore")) }
    if !jobs.isEmpty || !staysUp { steps.append(.stop(record, units: [])) }
    return steps + jobs
  }

  /// What is no longer needed; where it was unpacked goes by itself.
  package func leftovers(_ record: InstanceRecord, _ paths: ScopePaths) -> [Step] {
    dumps.isEmpty ? [] : [.removeTree(path: paths.dumps(of: record.key))]
  }

  /// Why an instance is made or changed, for people.
  package func reasons(_ record: InstanceRecord) -> [String] {
    if let purpose { return purpose }
    let part = file ?? (isWhole ? nil : chosen.joined(separator: ", "))
    let source = "from the backup of \(head.instance.title) of \(head.createdAt)"
    let ports = record.ports.compactMap { port -> String? in
      let old = head.instance.ports.first { $0.role == port.role && $0.port.transport == port.port.transport }
      guard let old, old.port != port.port else { return nil }
      return "port \(port.role): \(old.port.number) → \(port.port.number)"
    }
    return ["\(part.map { "\($0) " } ?? "")\(source)"] + Set(ports).sorted() + otherPrograms(record)
  }

  /// What runs another image or build than when the backup was made, for people: it may take the data in another way.
  package func otherPrograms(_ record: InstanceRecord) -> [String] {
    let builds = record.builds.compactMap { now -> String? in
      guard let then = head.instance.builds.first(where: now.isLike), then != now else { return nil }
      return "build of the app \(now.title): the backup was made with \(then.build), and this host has \(now.build)"
    }
    let images = head.instance.images.sorted { $0.key < $1.key }.compactMap { service, then -> String? in
      guard let now = record.images[service], let old = then.id, let new = now.id, old != new,
        then.digest == nil || then.digest != now.digest
      else { return nil }
      return "image of \(service): the backup was made with \(then.digest ?? old), and this host has"
        + " \(now.digest ?? new) as \(now.reference)"
    }
    return builds + images
  }

  /// Settings that had no value, as far as both plugins know them.
  package func unset(_ manifest: Manifest) -> Set<String> {
    let had = Set(manifest.named(head.settings).map(\.key))
    let unset = manifest.settings.filter { setting in
      !had.contains(setting.id)
        && ([setting.id] + (setting.formerIDs ?? [])).contains { head.manifest.setting($0) != nil }
    }
    return Set(unset.map(\.id))
  }

  /// The values that come back.
  ///
  /// A copy gets secrets of its own, but for those that lie in the data.
  ///
  /// - Parameter drops: whether values may go that the plugin has no place for any more.
  /// - Throws: `dropped-settings`.
  package func settings(_ manifest: Manifest, drops: Bool) throws -> [String: String] {
    let lost = drops ? [] : manifest.homeless(head.settings)
    guard lost.isEmpty else { throw BerthError.droppedSettings(lost.map(\.key), by: manifest, of: head) }
    let known = manifest.named(head.settings).filter { stored in
      guard let setting = manifest.stored(stored.key) else { return false }
      return !isCopy || setting.kind != .secret || setting.isKeptOnClone
    }
    return Dictionary(known.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }
}
