extension ManifestReader {
  /// A container of Podman's.
  func container(_ value: YAMLValue) throws -> Container {
    let fields = try value.fields([
      "image", "user", "group", "devices", "entrypoint", "exec", "workdir", "labels", "tmpfs", "shm-size", "network",
      "networks",
    ])
    func part<Part>(_ key: String, else standard: Part, _ read: (YAMLValue) throws -> Part) throws -> Part {
      try file.attempt { try fields[key].map(read) ?? standard } ?? standard
    }
    func words(_ value: YAMLValue) throws -> [Template] {
      let words = try value.list().map { try $0.template() }
      guard !words.isEmpty else { throw value.error("expected at least one word") }
      return words
    }
    return Container(
      image: try file.attempt { try value.required("image", in: fields).template() } ?? "",
      user: try part("user", else: nil) { try $0.template() }, group: try part("group", else: nil) { try $0.integer() },
      devices: try part("devices", else: []) { try $0.list().map(device) },
      entrypoint: try part("entrypoint", else: [], words), exec: try part("exec", else: [], words),
      workdir: try part("workdir", else: nil) { try $0.text() },
      labels: try part("labels", else: []) { value in
        try value.entries().map { Container.Label($0.key, try $0.value.template()) }
      },
      places: try part("tmpfs", else: []) { try $0.listOrOne().map { try $0.text() } },
      shmSize: try part("shm-size", else: nil) { try $0.text() },
      network: try part("network", else: nil) { try $0.text() },
      networks: try part("networks", else: []) { value in
        try value.entries().map { name, value in
          Container.Network(name, aliases: value.isNothing ? [] : try value.listOrOne().map { try $0.text() })
        }
      })
  }

  private func device(_ value: YAMLValue) throws -> Container.Device {
    if case .scalar = value.node { return Container.Device(try value.text()) }
    let fields = try value.fields(["path", "when"])
    return Container.Device(
      try value.required("path", in: fields).text(), when: try fields["when"].map(condition))
  }
}
