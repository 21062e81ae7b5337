import Yams

/// What Compose and Berth could read differently in one text, and what would take for ever to read.
struct ComposeScan {
  let file: YAMLFile

  private static let (mostNodes, deepest) = (20_000, 32)

  func check(_ root: Node) throws {
    var left = Self.mostNodes
    try check(root, depth: 0, &left)
  }

  /// Names of other nodes are followed as often as they stand there, so that the count bounds what they amount to.
  private func check(_ node: Node, depth: Int, _ left: inout Int) throws {
    let value = YAMLValue(node: node, path: "", file: file)
    left -= 1
    guard left > 0, depth <= Self.deepest else { throw value.error("there is too much in this file") }
    // Compose has tags of its own that take away or put in the place of what stands in another file.
    let tag = node.tag.rawValue
    guard tag.isEmpty || tag.hasPrefix("tag:yaml.org,2002:"), !tag.hasSuffix(":binary") else {
      throw value.error("a tag such as '\(BerthError.printable(tag))' cannot stand here")
    }
    switch node {
    case .scalar(let scalar):
      guard !scalar.string.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" && $0 != "\t" }) else {
        throw value.error("there is a control character in this text")
      }
    case .mapping(let mapping):
      for (key, below) in mapping {
        try check(key, depth: depth + 1, &left)
        try check(below, depth: depth + 1, &left)
      }
    case .sequence(let sequence):
      for below in sequence { try check(below, depth: depth + 1, &left) }
    case .alias: throw value.error("a name of another place cannot stand here")
    }
  }
}

extension ComposeFile {
  /// The keys that Berth reads in each service of a file for Docker Compose.
  ///
  /// - Throws: `bad-plugin` for a file that no plugin could have.
  public static func keys(in text: String, at path: String) throws -> [String: Set<String>] {
    let file = YAMLFile(path: path, kind: .plugin, mergesKeys: true)
    let root = try file.root(of: text)
    try ComposeScan(file: file).check(root.node)
    let services = try root.entries().first { $0.key == "services" }?.value.entries() ?? []
    return try Dictionary(services.map { ($0.key, Set(try $0.value.entries().map(\.key))) }) { $0.union($1) }
  }
}
