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
  init(app: String, request: InstallRequest, neighbours: Neighbours, view: HostView) throws {
    let id: InstanceID
    if let text = request.id {
      id = try InstanceID(text)
    } else {
      // Whatever stands under `default`, kept instances included, is left alone.
      let isDefaultFree = neighbours[.default] == nil && !request.needsOwnID
      id = isDefaultFree ? .default : try Self.newID(app, request.name, neighbours, view)
    }
    key = InstanceKey(app: app, id: id)
    let existing = neighbours[id]
    guard existing == nil || existing?.state == .kept else { throw BerthError.idInUse(key) }
    former = existing
    uid = existing?.uid ?? request.uid ?? view.newID([app, id.text, "uid"])

    name =
      try request.knownName ?? request.name.map { try InstanceName($0) } ?? existing?.name
      ?? InstanceName(automaticFor: id)
    if let owner = neighbours[name] { throw BerthError.nameInUse(name.text, owner: owner) }
    slug = name.slug(avoiding: neighbours.slugs)

    directory = request.directory ?? existing?.directory
    if let directory {
      if let owner = neighbours.owner(of: directory) {
        throw BerthError.directoryInUse(directory, "it belongs to \(owner.title)")
      }
      if existing?.directory != directory, try view.isOccupied(directory) {
        throw BerthError.directoryInUse(directory, "it is not empty")
      }
      // Whoever can change a folder on the way could put a link in the place of the instance's folders.
      if let place = view.changeable("\(directory)/data") { throw BerthError.unsafeDirectory(directory, place) }
    }
  }

  /// An id that no instance has. It is derived and not random, so that carrying a plan out gives the id that the plan shows.
  private static func newID(
    _ app: String, _ name: String?, _ neighbours: Neighbours, _ view: HostView
  ) throws -> InstanceID {
    var number = 0
    while true {
      let id = try InstanceID(view.newID([app, name ?? "", "\(number)"]))
      if neighbours[id] == nil { return id }
      number += 1
    }
  }
}
