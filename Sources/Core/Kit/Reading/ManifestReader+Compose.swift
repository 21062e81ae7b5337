extension ManifestReader {
  /// The file for Docker Compose that services name, which says what images and volumes they have.
  ///
  /// - Throws: `bad-plugin` when there are two files, none of that name, or one that would not do for many instances.
  func compose(of services: inout [Service], _ root: YAMLValue) throws -> ComposeFile? {
    let named = services.compactMap { service in service.container?.composeFile.map { (service.id, $0) } }
    guard let (first, name) = named.first else { return nil }
    func error(_ problem: String, _ service: String) -> BerthError {
      let key = "services.\(service).compose"
      return file.error(problem, line: line(of: key, in: root), key: key)
    }
    if let other = named.first(where: { $0.1 != name }) {
      throw error("one file is one project, and '\(first)' is in '\(name)'", other.0)
    }
    guard let text = try source(name) else { throw error("there is no file 'files/\(name)' in the plugin", first) }
    let reader = ComposeFileReader(
      file: YAMLFile(
        path: "\(ScopePaths.folder(of: file.path))/files/\(name)", kind: .plugin, mergesKeys: true,
        problems: file.problems),
      declared: services.filter { $0.container?.composeFile != nil })
    let before = file.problems?.count
    let compose = try reader.read(text, name: name)
    // What could not be read is missing below, and named already.
    guard file.problems?.count == before else { return nil }
    for index in services.indices where services[index].container?.composeFile != nil {
      let id = services[index].id
      guard let found = compose.services.first(where: { $0.id == id }) else {
        throw error(
          "the file has no service '\(id)'" + BerthError.nearestPhrase(id, compose.services.map(\.id)), id)
      }
      services[index].container?.image = found.image
      services[index].mounts += found.volumes
      services[index].stop.signal = try one(
        found.stopSignal, services[index].stop.signal, root, "services.\(id).stop.signal")
      services[index].stop.grace = try one(
        found.stopGrace, services[index].stop.grace, root, "services.\(id).stop.grace")
      // Without the other's container there is no network to be in.
      if let owner = found.network, !services[index].dependsOn.contains(owner) {
        services[index].dependsOn.append(owner)
      }
    }
    return compose
  }

  /// What the file says, unless the plugin says another thing.
  private func one<Value: Equatable>(_ said: Value?, _ own: Value, _ root: YAMLValue, _ key: String) throws -> Value {
    guard let said else { return own }
    let place = place(of: key, in: root)
    guard place.path != key || own == said else { throw place.error("the file for Docker Compose says '\(said)'") }
    return said
  }
}
