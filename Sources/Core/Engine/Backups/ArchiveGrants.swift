import BerthKit

/// All that an archive from elsewhere grants, and what is taken of it: the one place that says so.
///
/// What is restored is not the head of the archive but one that is made here, out of what nobody has to ask for and what
/// was accepted. So nothing else of the archive reaches a plan, whoever asks the head for it.
struct ArchiveGrants: Sendable {
  /// The instance that the archive is restored into; nil for a new one.
  struct Target: Sendable {
    let record: InstanceRecord
    let settings: [StoredSetting]
  }

  /// In the order of the plugin's settings, and then of ``ArchiveGrant/Item``.
  private(set) var items: [ArchiveGrant]
  private let head: BackupHead
  private let outward: Set<String>
  /// Settings among the outward ones that have the value of the archive anyway.
  private let settled: Set<String>

  /// - Parameters:
  ///   - head: what the archive says of itself.
  ///   - target: the instance that it is restored into; nil for a new one.
  ///   - kept: the instance that was removed and kept under the id that the new one gets.
  ///   - isCopy: whether the new instance has an id and ports of its own.
  init(_ head: BackupHead, _ manifest: Manifest, into target: Target?, kept: InstanceRecord?, isCopy: Bool) {
    self.head = head
    let outward = manifest.outwardSettings
    let now = Dictionary(
      (target?.settings ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    var items: [ArchiveGrant] = []
    var settled: Set<String> = []
    for setting in manifest.settings where outward.contains(setting.id) {
      guard let value = head.settings.first(where: { $0.key == setting.id })?.value else { continue }
      if value == now[setting.id] ?? setting.defaultValue?.literalText {
        settled.insert(setting.id)
      } else {
        items.append(
          ArchiveGrant(Self.word(setting.id), setting.isSecret ? "…" : value, Self.meaning(of: setting)))
      }
    }
    self.outward = outward
    self.settled = settled
    let instance = head.instance
    func ask(_ item: ArchiveGrant.Item, _ value: String?, _ meaning: String, isOptional: Bool = false) {
      guard let value, !value.isEmpty else { return }
      items.append(ArchiveGrant(item.rawValue, value, meaning, isOptional: isOptional))
    }
    if target == nil {
      ask(.id, kept?.key.id.text, "the user, folder and settings of the instance that was kept under it")
      ask(.limits, Self.text(instance.limits), "bounds in place of the plugin's")
      ask(
        .labels, instance.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","),
        "labels, by which instances are chosen")
      ask(.schedule, Self.text(instance.backup), "backups at these times, kept so long")
      if !isCopy {
        ask(.pool, instance.pool, "serves host names together with the other instances of that pool")
        ask(.ports, Self.privileged(instance, manifest), "ports that ordinary programs cannot open")
      }
    }
    if !manifest.install.isEmpty, instance.builds != target?.record.builds ?? [] {
      ask(.builds, instance.builds.map { "\($0.title) \($0.build)" }.joined(separator: ", "), "older programs")
    }
    if head.owner != nil, manifest.services.contains(where: { $0.container != nil }) {
      ask(
        .owners, "by number", "files stay those of other users; they become the instance's otherwise", isOptional: true)
    }
    self.items = items
  }

  /// The items that nobody has said anything to, and that have to be answered.
  var open: [ArchiveGrant] { items.filter { $0.answer == .open && !$0.isOptional } }

  /// Notes what a person has said.
  ///
  /// - Throws: `unknown-grant` for a word that the archive does not ask for.
  mutating func answer(accepting accepted: Set<String>, declining declined: Set<String>) throws {
    let known = items.map(\.item)
    if let word = accepted.union(declined).sorted().first(where: { !known.contains($0) }) {
      throw BerthError.unknownGrant(word, known: known)
    }
    for index in items.indices {
      if declined.contains(items[index].item) { items[index].answer = .declined }
      if accepted.contains(items[index].item) { items[index].answer = .accepted }
    }
  }

  /// What the restore believes of the archive: nothing but what is named here.
  ///
  /// - Parameters:
  ///   - uid: made by this Berth.
  ///   - takesOpen: whether open items are taken too, as for a plan that only shows them.
  func head(uid: String, takesOpen: Bool) -> BackupHead {
    func takes(_ item: String) -> Bool {
      items.contains {
        $0.item == item && ($0.answer == .accepted || takesOpen && $0.answer == .open && !$0.isOptional)
      }
    }
    func takes(_ item: ArchiveGrant.Item) -> Bool { takes(item.rawValue) }
    func takes(setting id: String) -> Bool {
      !outward.contains(id) || settled.contains(id) || takes(Self.word(id))
    }
    let former = head.instance
    // An id is a name for people, unless something of this host's goes by it.
    let isOwnID = !items.contains { $0.item == ArchiveGrant.Item.id.rawValue } || takes(.id)
    let instance = InstanceRecord(
      uid: uid, key: isOwnID ? former.key : InstanceKey(app: former.key.app, id: InstanceID(unchecked: uid)),
      name: former.name, slug: "", state: .ready, user: nil, version: former.version,
      pluginVersion: former.pluginVersion, directory: nil, labels: takes(.labels) ? former.labels : [:],
      limits: takes(.limits) ? former.limits : InstanceLimits(), backup: takes(.schedule) ? former.backup : nil,
      services: [], images: former.images, builds: takes(.builds) ? former.builds : [],
      ports: former.ports.filter { takes(.ports) || $0.port.number >= Self.firstOrdinary },
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
  var keepsOwners: Bool {
    items.contains { $0.item == ArchiveGrant.Item.owners.rawValue && $0.answer == .accepted }
  }

  // MARK: Words

  private static let firstOrdinary = 1024

  /// The word for a setting, told from the others of an archive.
  private static func word(_ setting: String) -> String {
    ArchiveGrant.Item(rawValue: setting) == nil ? setting : "settings.\(setting)"
  }

  private static func meaning(of setting: Setting) -> String {
    switch setting.kind {
    case .path: "a path of this host"
    case .image: "the image that runs"
    case .hostname: "a host name of this host's web proxy"
    default: "reaches further than the app's own files"
    }
  }

  private static func privileged(_ instance: InstanceRecord, _ manifest: Manifest) -> String {
    instance.ports.filter { port in
      guard let role = manifest.port(port.role), role.defaultNumber != port.port.number else { return false }
      return port.port.number < firstOrdinary
    }.map { "\($0.role)=\($0.port.number)" }.joined(separator: ",")
  }

  private static func text(_ limits: InstanceLimits) -> String {
    [
      limits.memory.map { "memory=\($0)" }, limits.cpus.map { "cpus=\($0)" }, limits.tasks.map { "tasks=\($0)" },
    ].compactMap { $0 }.joined(separator: ",")
  }

  private static func text(_ policy: BackupPolicy?) -> String {
    let keep = policy?.keep.map {
      "last \($0.last ?? 0), daily \($0.daily ?? 0), weekly \($0.weekly ?? 0), monthly \($0.monthly ?? 0)"
    }
    return [policy?.schedule, keep].compactMap { $0 }.joined(separator: "; ")
  }
}
