extension ManifestReader {
  /// The line of a key path such as `services.main.exec[2]`, or of the nearest place above it that exists.
  func line(of key: String, in root: YAMLValue) -> Int { place(of: key, in: root).line }

  /// The same as a place.
  func place(of key: String, in root: YAMLValue) -> YAMLValue {
    var place = root
    while place.path != key {
      let below: [YAMLValue] =
        switch place.node {
        case .mapping: (try? place.entries().map(\.value)) ?? []
        case .sequence: (try? place.list()) ?? []
        case .scalar, .alias: []
        }
      let next = below.filter { Self.isPrefix($0.path, of: key) }.max { $0.path.count < $1.path.count }
      guard let next else { break }
      place = next
    }
    return place
  }

  private static func isPrefix(_ path: String, of key: String) -> Bool {
    guard key.hasPrefix(path) else { return false }
    let rest = key.dropFirst(path.count)
    return rest.isEmpty || rest.first == "." || rest.first == "["
  }
}
