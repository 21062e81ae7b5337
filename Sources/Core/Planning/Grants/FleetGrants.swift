import BerthKit
import BerthPlan

/// All that a fleet file grants its instances, and what of it a person has confirmed.
///
/// A file is no proof of who wrote it, so that each is a stranger's. What an instance has already needs no confirmation, so
/// that the same file is quiet the second time. Labels are no grant: in a fleet file they are how its own instances are
/// chosen, and they allow nothing.
package struct FleetGrants {
  /// What the file says of one instance, and how that instance is until now.
  package struct Wish {
    package let entry: FleetInstance
    /// Nil for one that is made.
    let former: InstanceRecord?
    package let settings: [StoredSetting]
    /// The instance that was removed and kept, and comes back.
    package let kept: InstanceRecord?

    package init(entry: FleetInstance, former: InstanceRecord?, settings: [StoredSetting], kept: InstanceRecord?) {
      self.entry = entry
      self.former = former
      self.settings = settings
      self.kept = kept
    }
  }

  /// What an entry can ask for beside settings.
  private static let items: [Grant.Item] = [.variables, .id, .dir, .limits, .schedule, .pool, .ports]

  private let accepted: Set<String>
  private let reaches: [String: Reach]

  /// - Parameters:
  ///   - manifests: those of the apps that the file names.
  ///   - accepted: the words that were typed.
  /// - Throws: `unknown-grant` for a word that no entry of the file could ask for.
  package init(_ manifests: [Manifest], accepting accepted: Set<String>) throws {
    self.accepted = accepted
    reaches = Dictionary(manifests.map { ($0.id, Reach($0)) }, uniquingKeysWith: { first, _ in first })
    let words = accepted.subtracting([Grant.all])
    guard !words.isEmpty else { return }
    // A script says them each time, whether or not they are asked for any more.
    let known = reaches.values.flatMap { reach in
      (reach.outward.map(Reach.word) + Self.items.map(\.rawValue)).map { "\(reach.manifest.id).\($0)" }
    }
    if let word = words.sorted().first(where: { !known.contains($0) }) {
      throw BerthError.unknownGrant(word, known: known.sorted(), by: "the fleet file")
    }
  }

  /// What the planned instance has by the file and had not before.
  package func asked(_ wish: Wish, as record: InstanceRecord) -> [Grant] {
    let (entry, former) = (wish.entry, wish.former)
    guard let reach = reaches[entry.app] else { return [] }
    let now = Dictionary(wish.settings.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    var grants: [Grant?] = reach.settings(entry.settings, now: now).map(\.grant)
    grants += [Reach.variables(entry.settings, now: now), Reach.kept(wish.kept)]
    if let directory = entry.directory, former == nil {
      grants.append(Reach.grant(.dir, directory, "a path of this host"))
    }
    grants.append(Reach.limits(reach.excess(of: record.limits, over: former?.limits)))
    if record.backup != former?.backup { grants.append(Reach.schedule(record.backup)) }
    if record.pool != former?.pool { grants.append(Reach.pool(entry.pool)) }
    if !entry.ports.isEmpty {
      grants.append(reach.ports(record.ports.filter { former?.ports.contains($0) != true }))
    }
    return grants.compactMap { $0?.of(entry.app, at: entry.place) }.map { grant in
      var grant = grant
      if accepted.contains(grant.item) || accepted.contains(Grant.all) { grant.answer = .accepted }
      return grant
    }
  }
}
