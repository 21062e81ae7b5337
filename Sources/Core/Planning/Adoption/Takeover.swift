import BerthKit
import BerthPlan

/// A project on its way to be an instance.
package struct Takeover: Sendable {
  package let adoption: Adoption
  package let reading: ProjectReading
  package let freed: Set<PortNumber>
  /// What its backup says of itself; the instance is as it will be.
  package let head: BackupHead
  package let token: String

  package init(adoption: Adoption, reading: ProjectReading, freed: Set<PortNumber>, head: BackupHead, token: String) {
    self.adoption = adoption
    self.reading = reading
    self.freed = freed
    self.head = head
    self.token = token
  }

  /// The volumes as they lie in the instance.
  package static func set(_ volumes: [ProjectReading.Volume]) -> SelectedSet {
    SelectedSet("volumes", .files(paths: volumes.map(\.place), exclude: []))
  }

  private var copies: Bool { adoption.moves.isEmpty }

  /// The project is stopped, and a backup made and checked; what is copied comes from there.
  package func firstPlan(_ paths: ScopePaths, exists: (String) -> Bool) -> Plan {
    let record = head.instance
    let archive = archive(paths, exists: exists)
    var steps = InstanceSteps(InstanceChange(.make, record, reasons: reasons))
    steps.add(.prepare, record.user.map { [.makeUsers([$0])] } ?? [])
    steps.add(.prepare, [.haltContainers(adoption.containers)])
    steps.add(.prepare, BackupPlanner.folders(of: record, paths) + [.archive(archive)])
    if copies {
      let staging = work(paths).staging
      let order = UnpackOrder(
        archives: [archive.draft.order.path], ids: [head.id], index: archive.draft.order.index, target: staging,
        owner: record.user.map { FileOwner(user: $0) }, trust: .own(list: nil))
      steps.add(.prepare, order.steps(of: record))
    }
    return Plan(verb: "adopt", [steps])
  }

  package func work(_ paths: ScopePaths) -> RestoreWork {
    RestoreWork(
      head: head, staging: paths.restoring(head.instance, token, isNew: true), token: token, sets: copies ? nil : [],
      purpose: reasons)
  }

  private func archive(_ paths: ScopePaths, exists: (String) -> Bool) -> ArchiveWork {
    let order = ArchiveOrder(
      path: BackupPlanner.freePath(of: head, .zstd, paths, exists: exists), index: paths.backupIndex(head.id),
      head: head,
      folders: Dictionary(uniqueKeysWithValues: reading.volumes.map { ($0.place, $0.path) }))
    let draft = BackupDraft(
      order: order, base: nil, reason: .adopt, labels: [:],
      note: "of the project \(adoption.project) in \(adoption.folder)", isKept: true, isVerified: true, stays: true,
      kindReason: "a full backup")
    return ArchiveWork(draft: draft, parts: head.sets.map { ArchivePart($0.name) }, opens: true, closes: true)
  }

  /// For people.
  private var reasons: [String] {
    let volumes = reading.volumes.map { volume in
      "\(volume.origin ?? volume.path) \(copies ? "is copied" : "goes on") as \(volume.name)"
        + (volume.sharers.isEmpty
          ? "" : ", and \(volume.sharers.joined(separator: ", ")) of others has what was copied")
    }
    let keys = reading.settings.keys.sorted()
    let settings = keys.filter { !OwnVariable.isKey($0) }.joined(separator: ", ")
    let variables = keys.filter(OwnVariable.isKey).map { "\($0) is carried as it is" }
    return ["from the Docker Compose project \(adoption.project) in \(adoption.folder)"] + volumes
      + (settings.isEmpty ? [] : ["settings from there: \(settings)"]) + variables + reading.notices
  }
}
