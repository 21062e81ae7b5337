import BerthKit
import BerthPlan

/// All that an archive from elsewhere grants, and what is taken of it: the one place that says so.
///
/// What is restored is not the head of the archive but one that is made here, out of what nobody has to ask for and what
/// was accepted. So nothing else of the archive reaches a plan, whoever asks the head for it.
package struct ArchiveGrants: Sendable {
  /// The instance that the archive is restored into; nil for a new one.
  package struct Target: Sendable {
    package let record: InstanceRecord
    package let settings: [StoredSetting]

    package init(record: InstanceRecord, settings: [StoredSetting]) {
      self.record = record
      self.settings = settings
    }
  }

  /// In the order of the plugin's settings, and then of ``Grant/Item``.
  package private(set) var items: [Grant]
  /// Whether the archive may unpack to so many times its own size only. It asks for no more itself: nobody knows before it
  /// is unpacked.
  package private(set) var isBounded = true
  private let head: BackupHead
  private let outward: Set<String>
  /// Settings among the outward ones that have the value of the archive anyway.
  private let settled: Set<String>

  /// - Parameters:
  ///   - head: what the archive says of itself.
  ///   - target: the instance that it is restored into; nil for a new one.
  ///   - kept: the instance that was removed and kept under the id that the new one gets.
  ///   - isCopy: whether the new instance has an id and ports of its own.
  package init(_ head: BackupHead, _ manifest: Manifest, into target: Target?, kept: InstanceRecord?, isCopy: Bool) {
    self.head = head
    let reach = Reach(manifest)
    let now = Dictionary(
      (target?.settings ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let wished = Dictionary(head.settings.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let asked = reach.settings(wished, now: now)
    outward = reach.outward
    settled = Set(wished.keys).intersection(reach.outward).subtracting(asked.map(\.setting.id))
    let instance = head.instance
    var items: [Grant?] = asked.map(\.grant) + [Reach.variables(wished, now: now)]
    if target == nil {
      let labels = instance.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      items += [
        Reach.kept(kept), Reach.limits(instance.limits),
        Reach.grant(.labels, labels, "labels, by which instances are chosen"), Reach.schedule(instance.backup),
      ]
      if !isCopy { items += [Reach.pool(instance.pool), reach.ports(instance.ports)] }
    }
    if !manifest.install.isEmpty, instance.builds != target?.record.builds ?? [] {
      let builds = instance.builds.map { "\($0.title) \($0.build)" }.joined(separator: ", ")
      items.append(Reach.grant(.builds, builds, "older programs"))
    }
    if head.owner != nil, manifest.services.contains(where: { $0.container != nil }) {
      items.append(
        Reach.grant(
          .owners, "by number", "files stay those of other users; they become the instance's otherwise",
          isOptional: true))
    }
    self.items = items.compactMap { $0 }
  }

  /// The items that nobody has said anything to, and that have to be answered.
  package var open: [Grant] { items.filter(\.isOpen) }

  /// Notes what a person has said.
  ///
  /// - Throws: `unknown-grant` for a word that the archive does not ask for.
  package mutating func answer(accepting accepted: Set<String>, declining declined: Set<String>) throws {
    let known = items.map(\.item)
    isBounded = !Self.liftsBound(accepted)
    if let word = accepted.subtracting([Grant.all, Grant.Item.size.rawValue]).union(declined).sorted().first(where: {
      !known.contains($0)
    }) {
      throw BerthError.unknownGrant(word, known: known, by: "the archive")
    }
    for index in items.indices {
      if accepted.contains(Grant.all), items[index].isOpen { items[index].answer = .accepted }
      if declined.contains(items[index].item) { items[index].answer = .declined }
      if accepted.contains(items[index].item) { items[index].answer = .accepted }
    }
  }

  /// Whether an archive may unpack to however many times its own size.
  package static func liftsBound(_ accepted: Set<String>) -> Bool { accepted.contains(Grant.Item.size.rawValue) }

  /// What the restore believes of the archive: nothing but what is named here.
  ///
  /// - Parameters:
  ///   - uid: made by this Berth.
  ///   - takesOpen: whether open items are taken too, as for a plan that only shows them.
  package func head(uid: String, takesOpen: Bool) -> BackupHead {
    func takes(_ item: String) -> Bool {
      items.contains {
        $0.item == item && ($0.answer == .accepted || takesOpen && $0.answer == .open && !$0.isOptional)
      }
    }
    func takes(_ item: Grant.Item) -> Bool { takes(item.rawValue) }
    let asksVariables = items.contains { $0.item == Grant.Item.variables.rawValue }
    func takes(setting id: String) -> Bool {
      guard !OwnVariable.isKey(id) else { return !asksVariables || takes(.variables) }
      return !outward.contains(id) || settled.contains(id) || takes(Reach.word(id))
    }
    let former = head.instance
    // An id is a name for people, unless something of this host's goes by it.
    let isOwnID = !items.contains { $0.item == Grant.Item.id.rawValue } || takes(.id)
    let instance = InstanceRecord(
      uid: uid, key: isOwnID ? former.key : InstanceKey(app: former.key.app, id: InstanceID(unchecked: uid)),
      name: former.name, slug: "", state: .ready, user: nil, version: former.version,
      pluginVersion: former.pluginVersion, directory: nil, labels: takes(.labels) ? former.labels : [:],
      limits: takes(.limits) ? former.limits : InstanceLimits(), backup: takes(.schedule) ? former.backup : nil,
      services: [], images: former.images, builds: takes(.builds) ? former.builds : [],
      ports: former.ports.filter { takes(.ports) || $0.port.number >= Reach.firstOrdinary },
      pool: takes(.pool) ? former.pool : nil, createdAt: former.createdAt)
    var manifest = head.manifest
    // What the archive's plugin does not know stays as the instance has it.
    manifest.settings = manifest.settings.filter { setting in
      !outward.contains(setting.id) || head.settings.contains { $0.key == setting.id } && takes(setting: setting.id)
    }
    return BackupHead(
      id: head.id, kind: head.kind, createdAt: head.createdAt, hostName: head.hostName, instance: instance,
      settings: head.settings.filter { takes(setting: $0.key) }, manifest: manifest, sets: head.sets,
      owner: takes(.owners) ? head.owner : nil, chain: head.chain)
  }

  /// Whether files of other users stay theirs.
  package var keepsOwners: Bool {
    items.contains { $0.item == Grant.Item.owners.rawValue && $0.answer == .accepted }
  }
}
