extension ManifestReader {
  func service(_ id: String, _ value: YAMLValue) throws -> Service {
    let fields = try value.fields([
      "exec", "container", "compose", "env", "mounts", "workdir", "depends-on", "when", "stop", "ready", "limits",
      "loosen", "capabilities",
    ])
    func part<Part>(_ key: String, else standard: Part, _ read: (YAMLValue) throws -> Part) throws -> Part {
      try file.attempt { try fields[key].map(read) ?? standard } ?? standard
    }
    return Service(
      id, try file.attempt { try form(value, fields) } ?? .exec([]),
      environment: try part("env", else: []) { value in
        try value.entries().compactMap { entry in
          try file.attempt { Service.EnvironmentVariable(entry.key, try entry.value.template()) }
        }
      },
      workdir: try part("workdir", else: nil) { try $0.template() },
      stop: try part("stop", else: Service.Stop(), stop), ready: try part("ready", else: [], probes),
      limits: try part("limits", else: Service.Limits(), limits), loosen: try part("loosen", else: [], reasons),
      capabilities: try part("capabilities", else: [], reasons),
      dependsOn: try part("depends-on", else: []) { try $0.list().map { try $0.text() } },
      mounts: try part("mounts", else: []) { value in
        try value.entries().compactMap { entry in try file.attempt { try mount(entry.key, entry.value) } }
      },
      when: try part("when", else: nil) { try condition($0) })
  }

  /// Lines, each with its reason.
  private func reasons(_ value: YAMLValue) throws -> [Service.Loosened] {
    try value.entries().map { Service.Loosened($0.key, try $0.value.text()) }
  }

  private func form(_ value: YAMLValue, _ fields: [String: YAMLValue]) throws -> Service.Form {
    switch (fields["exec"], fields["container"], fields["compose"]) {
    case (let exec?, nil, nil): return .exec(try exec.list().map(argument))
    // The image comes from the file itself; see `compose(of:)`.
    case (nil, nil, let compose?): return .container(Container(image: "", composeFile: try compose.text()))
    case (nil, let container?, nil):
      return .container(try self.container(container))
    default: throw value.error("expected one of 'exec', 'container' and 'compose'")
    }
  }

  /// A word, or a mapping of words that only some instances have.
  private func argument(_ value: YAMLValue) throws -> Service.Argument {
    guard case .mapping = value.node else { return Service.Argument(try value.template()) }
    let fields = try value.fields(["when", "args"])
    return Service.Argument(
      try value.required("args", in: fields).list().map { try $0.template() },
      when: try condition(value.required("when", in: fields)))
  }

  private func mount(_ target: String, _ value: YAMLValue) throws -> Mount {
    if case .scalar = value.node { return Mount(target, try source(value)) }
    let fields = try value.fields(["from", "mode", "when"])
    return Mount(
      target, try source(value.required("from", in: fields)),
      readOnly: try fields["mode"]?.word(MountMode.self) == .readOnly, when: try fields["when"].map(condition))
  }

  private func source(_ value: YAMLValue) throws -> Mount.Source {
    let place = try value.template()
    return place.literalText.flatMap { Mount.isVolume($0) ? .volume($0) : nil } ?? .place(place)
  }

  private enum MountMode: String, CaseIterable {
    case readOnly = "ro"
    case readWrite = "rw"
  }

  private func stop(_ value: YAMLValue) throws -> Service.Stop {
    let fields = try value.fields(["first", "signal", "grace"])
    var stop = Service.Stop()
    if let signal = fields["signal"] { stop.signal = try signal.text() }
    if let grace = fields["grace"] { stop.grace = try grace.duration() }
    if let first = fields["first"] {
      let fields = try first.fields(["exec", "console", "ends", "timeout"])
      stop.first = try action(first, fields, defaultTimeout: Service.Stop.defaultTimeout)
      stop.firstEnds = try fields["ends"]?.boolean() ?? false
    }
    return stop
  }

  /// One probe, or a list of them.
  private func probes(_ value: YAMLValue) throws -> [ReadyProbe] {
    guard case .sequence = value.node else { return [try ready(value)] }
    let probes = try value.list().map(ready)
    guard !probes.isEmpty else { throw value.error("expected at least one probe") }
    return probes
  }

  private func ready(_ value: YAMLValue) throws -> ReadyProbe {
    let fields = try value.fields(["tcp", "udp", "http", "exec", "timeout"])
    let timeout = try fields["timeout"]?.duration() ?? ReadyProbe.defaultTimeout
    let checks = try [
      fields["tcp"].map { ReadyProbe.Check.port(.tcp, role: try $0.text()) },
      fields["udp"].map { .port(.udp, role: try $0.text()) },
      fields["http"].map { .http(try http($0)) },
      fields["exec"].map { .exec(try $0.list().map { try $0.template() }) },
    ].compactMap { $0 }
    guard checks.count == 1 else { throw value.error("expected one of 'tcp', 'udp', 'http' and 'exec'") }
    return ReadyProbe(checks[0], timeout: timeout)
  }

  private func http(_ value: YAMLValue) throws -> ReadyProbe.HTTPCheck {
    let fields = try value.fields(["port", "path", "host", "status"])
    return ReadyProbe.HTTPCheck(
      role: try value.required("port", in: fields).text(), path: try value.required("path", in: fields).text(),
      host: try fields["host"]?.template(),
      statuses: try fields["status"]?.listOrOne().map { try $0.integer() } ?? [200])
  }

  private func limits(_ value: YAMLValue) throws -> Service.Limits {
    let fields = try value.fields(["memory", "tasks", "cpus", "files"])
    return Service.Limits(
      memory: try fields["memory"]?.template(), tasks: try fields["tasks"]?.integer(),
      cpus: try fields["cpus"]?.number(), files: try fields["files"]?.integer())
  }
}
