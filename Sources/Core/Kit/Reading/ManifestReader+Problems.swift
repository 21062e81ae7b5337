import Yams

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

  static func isPrefix(_ path: String, of key: String) -> Bool {
    guard key.hasPrefix(path) else { return false }
    let rest = key.dropFirst(path.count)
    return rest.isEmpty || rest.first == "." || rest.first == "["
  }
}

/// What of a manifest could not be read, by its key paths. What is wrong with the rest may come from that, and is not told
/// of then: it would be gone with it.
struct Misread {
  let keys: [String]

  /// Whether too much is missing to judge the rest.
  ///
  /// - Parameter manifest: what could be read.
  func hidesAll(of manifest: Manifest) -> Bool {
    // A whole part is missing where not even one of its entries could be read.
    func lacks(_ part: String, _ isEmpty: Bool) -> Bool { isEmpty && keys.contains { $0.hasPrefix(part) } }
    return lacks("", manifest.services.isEmpty) || lacks("settings", manifest.settings.isEmpty)
      || lacks("ports", manifest.ports.isEmpty) || lacks("programs", manifest.programs.isEmpty)
  }

  /// - Parameter place: the place of the problem, or the nearest above it that is in the file.
  func explains(_ problem: ManifestValidator.Problem, at place: YAMLValue) -> Bool {
    keys.contains { key in
      place.path.isEmpty || ManifestReader.isPrefix(key, of: problem.key)
        || ManifestReader.isPrefix(problem.key, of: key) || explains(problem, at: place, by: key)
    }
  }

  private func explains(_ problem: ManifestValidator.Problem, at place: YAMLValue, by key: String) -> Bool {
    let parts = key.split(separator: ".").map(String.init)
    switch parts.first?.prefix(while: { $0 != "[" }) {
    case "settings", "ports", "programs": return parts.count > 1 && place.mentions(parts[1])
    case "services" where parts.count == 2: return place.mentions(parts[1])
    case "services" where parts.count > 2:
      return parts[2] == "mounts" && problem.key.hasSuffix(".volume") || problem.key.hasSuffix(".compose")
    case "install": return place.mentions("app")
    case "console": return problem.key.hasSuffix(".console") || problem.key == "query.protocol"
    default: return false
    }
  }
}

extension YAMLValue {
  /// Whether a word stands in the place, or below it.
  fileprivate func mentions(_ word: String) -> Bool {
    switch node {
    case .scalar(let scalar):
      scalar.string.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }.contains(Substring(word))
    case .mapping(let mapping):
      mapping.contains { key, value in
        key.scalar?.string == word || YAMLValue(node: value, path: path, file: file).mentions(word)
      }
    case .sequence(let sequence):
      sequence.contains { YAMLValue(node: $0, path: path, file: file).mentions(word) }
    case .alias: false
    }
  }
}
