import BerthKit

/// Who a new instance is: its id, name and slug, checked against those that exist.
struct InstanceIdentity {
  let uid: String
  let key: InstanceKey
  let name: InstanceName
  let slug: String
  let directory: String?
  /// The kept instance that is taken up again.
  let former: InstanceRecord?

  /// - Throws: `id-in-use`, `name-in-use`, `directory-in-use`, or what an id or a name itself throws.
  init(app: String, request: InstallRequest, facts: HostFacts) throws {
    let id: InstanceID
    if let text = request.id {
      id = try InstanceID(text)
    } else {
      // Whatever stands under `default`, kept instances included, is left alone.
      let isDefaultTaken = facts.instances.contains { $0.key.id == .default }
      id = isDefaultTaken ? try InstanceID(facts.newID) : .default
    }
    key = InstanceKey(app: app, id: id)
    let existing = facts.instances.first { $0.key.id == id }
    guard existing == nil || existing?.state == .kept else { throw BerthError.idInUse(key) }
    former = existing
    uid = existing?.uid ?? facts.newUID

    let others = facts.instances.filter { $0.state != .kept && $0.key.id != id }
    name = try request.name.map { try InstanceName($0) } ?? existing?.name ?? InstanceName(automaticFor: id)
    if let owner = others.first(where: { [name] in $0.name == name }) {
      throw BerthError.nameInUse(name.text, owner: owner)
    }
    slug = name.slug(avoiding: Set(others.map(\.slug)))

    directory = request.directory ?? existing?.directory
    if let directory {
      if let owner = others.first(where: { $0.directory == directory }) {
        throw BerthError.directoryInUse(directory, "it belongs to \(owner.title)")
      }
      if facts.isDirectoryOccupied, existing?.directory != directory {
        throw BerthError.directoryInUse(directory, "it is not empty")
      }
    }
  }
}
