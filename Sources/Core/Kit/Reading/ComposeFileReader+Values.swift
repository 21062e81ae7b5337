import Yams

/// What the values of keys may look like.
extension ComposeFileReader {
  func check(_ value: YAMLValue, _ shape: ComposeKey.Shape) throws {
    switch shape {
    case .text: _ = try value.text()
    case .boolean: _ = try value.boolean()
    case .always:
      guard try value.boolean() else {
        throw value.error(
          "a container cannot change its image's files; say 'loosen: { read-only: REASON }' in the plugin")
      }
    case .words:
      for word in try value.listOrOne() { try word.checkScalar() }
    case .pairs:
      if case .sequence = value.node { return try value.list().forEach { try $0.checkScalar() } }
      for (_, below) in try value.entries() where !below.isNothing { try below.checkScalar() }
    case .fields(let known):
      for (_, below) in try value.fields(known) { try below.listOrOne().forEach { try $0.checkScalar() } }
    case .named(let known):
      for (_, below) in try value.entries() {
        if case .scalar = below.node { continue }
        for (_, part) in try below.fields(known) { try part.checkScalar() }
      }
    // The reader itself has to know what is in them.
    case .image, .volumes, .networks, .tmpfs: break
    }
  }

  /// Networks of this file, with other names of the service in them.
  func check(_ value: YAMLValue, among names: [String]) throws {
    func known(_ name: String, _ place: YAMLValue) throws {
      guard name == "default" || names.contains(name) else {
        throw place.error("'\(name)' is no network of this file" + BerthError.nearestPhrase(name, names))
      }
    }
    if case .sequence = value.node { return try value.list().forEach { try known($0.text(), $0) } }
    for (name, below) in try value.entries() {
      try known(name, below)
      guard !below.isNothing else { continue }
      for (_, part) in try below.fields(["aliases", "priority"]) {
        try part.listOrOne().forEach { try $0.checkScalar() }
      }
    }
  }

  /// `/path` or `/path:size=64m,mode=1777`: a place in memory.
  ///
  /// - Returns: the path.
  func place(_ value: YAMLValue) throws -> String {
    let text = try value.text()
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let words = ["rw", "noexec", "exec", "nosuid", "nodev"]
    for option in parts.dropFirst().first?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      guard words.contains(String(option)) || option.wholeMatch(of: /(size|mode|uid|gid)=[0-9]{1,12}[kmgKMG]?/) != nil
      else {
        throw value.error(
          "'\(option)' is none of \(words.joined(separator: ", ")), size=…, mode=…, uid=… and gid=…")
      }
    }
    return try absolute(parts[0], value)
  }
}

extension YAMLValue {
  /// Whether a key has no value.
  var isNothing: Bool {
    if case .scalar(let scalar) = node {
      scalar.style == .plain && ["", "null", "~"].contains(scalar.string)
    } else {
      false
    }
  }

  func checkScalar() throws {
    guard case .scalar = node else { throw error("expected a word or a number") }
  }
}

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
