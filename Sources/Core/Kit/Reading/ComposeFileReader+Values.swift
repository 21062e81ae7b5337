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
    case .labels:
      try check(value, .pairs)
      let names =
        if case .sequence = value.node { try value.list().map { try $0.text() } } else {
          try value.entries().map(\.key)
        }
      // Docker Compose finds its projects and their parts by these.
      guard !names.contains(where: { $0.hasPrefix("com.docker.") || $0.hasPrefix("$") }) else {
        throw value.error("labels that begin with com.docker. are Docker's own, and none begins with a variable")
      }
    case .fields(let known):
      for (_, below) in try value.fields(known) { try below.listOrOne().forEach { try $0.checkScalar() } }
    case .named(let known):
      for (_, below) in try value.entries() {
        if case .scalar = below.node { continue }
        for (_, part) in try below.fields(known) { try part.checkScalar() }
      }
    case .pullPolicy:
      guard ["missing", "if_not_present"].contains(try value.text()) else {
        throw value.error("Berth fetches images, at an installation and an update; leave it out")
      }
    case .logging:
      let fields = try value.fields(["driver", "options"])
      guard try ["local", "json-file"].contains(fields["driver"]?.text() ?? "local") else {
        throw value.error("what a service writes is in the journal; expected the driver local or json-file")
      }
      for (_, below) in try fields["options"]?.fields(["max-size", "max-file", "compress"]) ?? [:] {
        try below.checkScalar()
      }
    // The reader itself has to know what is in them.
    case .image, .volumes, .networks, .tmpfs, .environment, .stopSignal, .stopGrace, .restart, .networkMode: break
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
    if let problem = MemoryPlace.problem(text) { throw value.error(problem) }
    return MemoryPlace.path(text)
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
