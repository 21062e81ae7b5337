/// What the instances of a fleet have taken so far, so that no two of them want the same.
struct FleetClaims {
  private struct Name: Hashable {
    let app: String
    let text: String
  }

  private struct Holder {
    let key: String
    let place: String
    var phrase: String { "\(key) (\(place))" }
  }

  private var ids: [InstanceKey: Holder] = [:]
  private var names: [Name: Holder] = [:]
  private var directories: [String: Holder] = [:]
  private var ports: [PortNumber: (role: String, holder: Holder)] = [:]

  /// Takes everything that an instance wants.
  ///
  /// - Throws: `bad-fleet` at the key that wants what another has.
  mutating func add(_ instance: FleetInstance, of entry: FleetEntry) throws {
    let holder = Holder(key: instance.key, place: instance.place)
    if let id = instance.id, let other = ids.updateValue(holder, forKey: InstanceKey(app: instance.app, id: id)) {
      let meaning = entry.fields["id"] == nil ? "an entry without 'name' and 'id' means the id 'default', and " : ""
      throw entry.place("id").error("\(meaning)\(other.phrase) is the instance '\(id)' of '\(instance.app)' too")
    }
    if let name = instance.name,
      let other = names.updateValue(holder, forKey: Name(app: instance.app, text: name.text))
    {
      throw entry.place("name").error("\(other.phrase) has the name '\(name)' for '\(instance.app)' too")
    }
    if let directory = instance.directory, let other = directories.updateValue(holder, forKey: directory) {
      throw entry.place("dir").error("\(other.phrase) lies in '\(directory)' too")
    }
    try addPorts(instance, entry, holder)
  }

  private mutating func addPorts(_ instance: FleetInstance, _ entry: FleetEntry, _ holder: Holder) throws {
    guard let place = entry.fields["ports"] else { return }
    let places = Dictionary(try place.entries().map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    for role in entry.manifest.ports {
      let place = places[role.role] ?? role.follows.flatMap { places[$0.role] } ?? place
      guard let number = instance.ports[role.role] ?? followed(role, instance) else { continue }
      guard (1...65535).contains(number) else {
        throw place.error("the port '\(role.role)', which follows it, would be \(number): 1 to 65535")
      }
      for transport in role.protocols {
        let port = PortNumber(transport, number)
        if let other = ports.updateValue((role.role, holder), forKey: port) {
          throw place.error(
            "\(transport.rawValue) \(number), the port '\(role.role)', is '\(other.role)' of \(other.holder.phrase) too"
          )
        }
      }
    }
  }

  /// The number of a role that follows a given one.
  private func followed(_ role: PortRole, _ instance: FleetInstance) -> Int? {
    guard let follows = role.follows, let leader = instance.ports[follows.role] else { return nil }
    return leader + follows.offset
  }
}
