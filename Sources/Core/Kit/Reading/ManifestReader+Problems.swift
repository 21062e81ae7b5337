import Yams

extension ManifestReader {
  /// The line of a key path such as `services.main.exec[2]`, or of the nearest place above it that exists.
  func line(of key: String, in root: YAMLValue) -> Int {
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
    return place.line
  }

  /// What the YAML parser says, as one of our errors.
  static func describe(_ error: YamlError, file: String) -> BerthError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      .badManifest("this is not YAML: \(problem)", at: "\(file):\(mark.line)", key: nil)
    case .duplicatedKeysInMapping(let duplicates, let context):
      .badManifest(
        "the key \(duplicates.map { "'\($0)'" }.joined(separator: ", ")) stands here twice",
        at: "\(file):\(context.mark.line)", key: nil)
    default:
      .badManifest("this is not YAML", at: file, key: nil, cause: "\(error)")
    }
  }

  private static func isPrefix(_ path: String, of key: String) -> Bool {
    guard key.hasPrefix(path) else { return false }
    let rest = key.dropFirst(path.count)
    return rest.isEmpty || rest.first == "." || rest.first == "["
  }
}
