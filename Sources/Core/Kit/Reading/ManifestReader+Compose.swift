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
      file: YAMLFile(path: "\(ScopePaths.folder(of: file.path))/files/\(name)", kind: .plugin),
      declared: services.filter { $0.container?.composeFile != nil })
    let compose = try reader.read(text, name: name)
    for index in services.indices where services[index].container?.composeFile != nil {
      let id = services[index].id
      guard let found = compose.services.first(where: { $0.id == id }) else {
        throw error(
          "the file has no service '\(id)'" + BerthError.nearestPhrase(id, compose.services.map(\.id)), id)
      }
      services[index].container?.image = found.image
      services[index].mounts += found.volumes
    }
    return compose
  }
}
