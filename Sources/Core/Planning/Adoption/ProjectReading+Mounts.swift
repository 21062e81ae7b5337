import BerthKit

/// What a project's containers see of the host, and how they are reached.
extension ProjectReading {
  /// - Parameter owner: what ran in the place of the service in whose network it is; itself for most.
  mutating func readPorts(_ pair: ServicePairs.Pair, _ owner: ServicePairs.Pair?, _ manifest: Manifest) {
    let open = pair.container.ports + (owner.map { $0 == pair ? [] : $0.container.ports } ?? [])
    for role in manifest.ports where role.service == pair.service.id {
      guard
        let port = open.first(where: { $0.target == role.target && role.protocols.contains($0.published.transport) })
      else {
        if pair.service.condition == nil { note("the port '\(role.role)' was not open, and is on \(role.bind)") }
        continue
      }
      ports[role.role] = port.published.number
      if port.address != role.bind {
        note("port \(port.published.number) was open on \(port.address), and is on \(role.bind)")
      }
      // One number on IPv4 and on IPv6 is one port to people.
      for other in open
      where other.target == role.target && other.published.transport == port.published.transport
        && other.published.number != port.published.number
      { note("port \(other.published.number) was open on \(other.address), and is closed") }
    }
  }

  /// Tells of ports that the plugin has no use for.
  mutating func tellPorts(_ pairs: [ServicePairs.Pair], _ manifest: Manifest) {
    for pair in pairs {
      for port in pair.container.ports {
        let isKnown = manifest.ports.contains { role in
          role.target == port.target && role.protocols.contains(port.published.transport)
            && pairs.contains { other in
              other.service.id == role.service
                && (other == pair || manifest.networkOwner(of: other.service).id == pair.service.id)
            }
        }
        if !isKnown {
          let (number, service) = (port.published.number, pair.container.service)
          note("port \(number) of its service '\(service)' was open on \(port.address), and is closed")
        }
      }
    }
  }

  /// What the instance's user runs was somebody's before: by number, or by the variable that says it.
  mutating func readNumbers(_ pair: ServicePairs.Pair, _ manifest: Manifest) {
    func variable(_ name: String) -> UInt32? {
      pair.service.declared(manifest).first { $0.value.segments == [.variable(name)] }
        .flatMap { pair.container.environment[$0.name] }.flatMap(UInt32.init)
    }
    let told = pair.container.user
    guard pair.service.runsAsInstance(manifest) else { return }
    let isByUser = manifest.user(of: pair.service)?.variables.contains("instance.uid") == true
    let said = variable("instance.uid").map { FileNumbers(user: $0, group: variable("instance.gid") ?? $0) }
    // Who begins as root and then is another one, is that one.
    let mayBe = (isByUser ? [told, said] : [said, told]).compactMap { $0 }
    let found = mayBe.first { $0.user != 0 } ?? FileNumbers(user: 0, group: 0)
    if numbers.map({ $0.user == 0 }) ?? true { numbers = found }
  }

  /// What else a container had, and no container of an instance has by the project's word.
  mutating func tellBelongings(_ pair: ServicePairs.Pair) {
    let (service, container) = (pair.container.service, pair.container)
    for network in container.networks {
      note("its service '\(service)' was in the network '\(network)' of others too, and is in the instance's alone")
    }
    if !container.labels.isEmpty {
      note("its service '\(service)' had the labels \(container.labels.joined(separator: ", ")), and has none of them")
    }
  }

  // MARK: Mounts

  mutating func readMounts(_ pair: ServicePairs.Pair, _ manifest: Manifest) {
    var left = pair.container.mounts
    for mount in pair.service.mounts {
      let target = mount.target.withoutLastSlash
      let index = left.firstIndex { $0.target.withoutLastSlash == target }
      if let condition = mount.condition, index == nil || !fulfil(condition, manifest) { continue }
      if let index {
        let found = left.remove(at: index)
        if let leftover = read(found, as: mount, pair, manifest) {
          leftovers.append(leftover)
        } else {
          tellAccess(found, as: mount, pair)
        }
      } else if let place = mount.ownPlace(manifest) {
        readAbove(target, place, mount, pair)
      }
    }
    for mount in left {
      if let reason = readRest(mount, pair, manifest) { leftovers.append(reason) }
    }
  }

  /// - Returns: what of it the instance is not given.
  private mutating func read(
    _ found: ForeignContainer.Mount, as mount: Mount, _ pair: ServicePairs.Pair, _ manifest: Manifest
  ) -> Leftover? {
    func left(_ reason: String?) -> Leftover {
      Leftover(mount: found, service: pair.container.service, reason: reason)
    }
    if manifest.isConfigFile(mount) { return left("the plugin's own \(mount.path.placeInInstance ?? "file") is there") }
    if let place = mount.ownPlace(manifest) { return take(found, place, pair) ? nil : left(nil) }
    if mount.isHostFolder { return left("the instance makes its own") }
    let settings = mount.path.variables.compactMap(\.settingID)
    // What Docker keeps is taken along, where the instance has a folder of its own for it.
    if found.volume != nil, mount.path.segments.count == 1, let id = settings.first, given[id] == nil,
      let place = manifest.setting(id)?.defaultValue?.placeInInstance
    {
      return take(found, place, pair) ? nil : left(nil)
    }
    let path = found.path.withoutLastSlash
    for (id, text) in mount.path.settings(in: path, of: manifest, known: self.settings)
    where self.settings[id] == nil && given[id] == nil {
      if (try? manifest.setting(id)?.parse(text)) != nil { self.settings[id] = text }
    }
    guard text(of: mount.path, manifest) == path else {
      return left(settings.contains { given[$0] != nil } ? "another place was given" : nil)
    }
    shown.append(path)
    if !mount.isReadOnly, pair.service.runsAsInstance(manifest) { written.append(path) }
    if let id = settings.first { note("'\(path)' stays where it is, and the setting '\(id)' leads to it") }
    return nil
  }

  /// One that several services see is taken once.
  ///
  /// - Returns: false where another one has taken its place.
  private mutating func take(
    _ found: ForeignContainer.Mount, _ place: String, _ pair: ServicePairs.Pair, isNested: Bool = false
  ) -> Bool {
    if let known = volumes.first(where: { $0.place == place }) { return known.path == found.path }
    volumes.append(
      Volume(
        place: place, path: found.path, origin: found.volume, target: found.target.withoutLastSlash,
        service: pair.service.id, isNested: isNested, sharers: found.sharers))
    return true
  }

  /// What the plugin keeps by itself may lie in a folder that the project keeps as a whole.
  private mutating func readAbove(_ target: String, _ place: String, _ mount: Mount, _ pair: ServicePairs.Pair) {
    let above = pair.container.mounts.filter { target.lies(in: $0.target.withoutLastSlash) }
      .max { $0.target.utf8.count < $1.target.utf8.count }
    guard var found = above else {
      if pair.service.condition == nil {
        absences.append(Absence(place: place, target: target, service: pair.service.id))
      }
      return
    }
    let rest = target.dropFirst(found.target.withoutLastSlash.utf8.count)
    found.path = found.path.withoutLastSlash + rest
    found.volume = found.volume.map { $0 + rest }
    found.target = target
    if take(found, place, pair) { tellAccess(found, as: mount, pair) }
  }

  /// What the plugin has nothing for by itself may lie in a folder that it keeps as a whole.
  private mutating func readRest(
    _ mount: ForeignContainer.Mount, _ pair: ServicePairs.Pair, _ manifest: Manifest
  ) -> Leftover? {
    let target = mount.target.withoutLastSlash
    let memory = manifest.compose(pair.service)?.places ?? []
    if memory.contains(where: { target == $0 || target.lies(in: $0) }) {
      return Leftover(mount: mount, service: pair.container.service, reason: "the instance has memory there")
    }
    let around = volumes.filter { $0.service == pair.service.id && !$0.isNested && target.lies(in: $0.target) }
      .max { $0.target.utf8.count < $1.target.utf8.count }
    if let around, !mount.isReadOnly {
      let place = around.place + target.dropFirst(around.target.utf8.count)
      if take(mount, place, pair, isNested: true) { return nil }
    }
    return Leftover(mount: mount, service: pair.container.service, reason: nil)
  }
}

extension Mount {
  /// Where below the instance's folder it leads; nil for what is elsewhere.
  func ownPlace(_ manifest: Manifest) -> String? { manifest.isConfigFile(self) ? nil : path.placeInInstance }
}

extension Template {
  /// The place below the instance's folder that it stands for: `data/x` of `{{paths.data}}/x`.
  var placeInInstance: String? {
    guard case .variable(let root)? = segments.first,
      let folder = ScopePaths.ownFolders.first(where: { root == "paths.\($0)" })
    else { return nil }
    guard segments.count > 1 else { return folder }
    guard segments.count == 2, case .literal(let rest) = segments[1], rest.hasPrefix("/") else { return nil }
    return folder + rest.withoutLastSlash
  }
}

extension Service {
  /// Whether its programs are the instance's user: the container says so, or a variable that its image obeys.
  fileprivate func runsAsInstance(_ manifest: Manifest) -> Bool {
    manifest.user(of: self)?.variables.contains("instance.uid") == true
      || declared(manifest).contains { $0.value.segments == [.variable("instance.uid")] }
  }
}

extension String {
  /// The same path, as `/data` and `/data/` are one.
  var withoutLastSlash: String {
    var path = self[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    return String(path)
  }

  /// Whether a path lies in a folder; the folder itself does not.
  func lies(in folder: String) -> Bool { hasPrefix(folder == "/" ? "/" : "\(folder)/") && self != folder }
}
