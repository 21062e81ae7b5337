extension ManifestReader {
  func service(_ id: String, _ value: YAMLValue) throws -> Service {
    let fields = try value.fields([
      "exec", "env", "workdir", "depends-on", "when", "stop", "ready", "limits", "loosen",
    ])
    return Service(
      id,
      exec: try value.required("exec", in: fields).list().map { try $0.template() },
      environment: try fields["env"]?.entries().map {
        Service.EnvironmentVariable($0.key, try $0.value.template())
      } ?? [],
      workdir: try fields["workdir"]?.template(),
      stop: try fields["stop"].map(stop) ?? Service.Stop(),
      ready: try fields["ready"].map(ready),
      limits: try fields["limits"].map(limits) ?? Service.Limits(),
      loosen: try fields["loosen"]?.entries().map { Service.Loosened($0.key, try $0.value.text()) } ?? [],
      dependsOn: try fields["depends-on"]?.list().map { try $0.text() } ?? [],
      when: try fields["when"].map(condition))
  }

  private func stop(_ value: YAMLValue) throws -> Service.Stop {
    let fields = try value.fields(["first", "signal", "grace"])
    var stop = Service.Stop()
    if let signal = fields["signal"] { stop.signal = try signal.text() }
    if let grace = fields["grace"] { stop.grace = try grace.duration() }
    if let first = fields["first"] {
      let fields = try first.fields(["exec", "timeout"])
      stop.first = try action(first, fields, defaultTimeout: Service.Stop.defaultTimeout)
    }
    return stop
  }

  private func ready(_ value: YAMLValue) throws -> ReadyProbe {
    let fields = try value.fields(["tcp", "udp", "timeout"])
    let timeout = try fields["timeout"]?.duration() ?? 60
    switch (fields["tcp"], fields["udp"]) {
    case (let role?, nil): return ReadyProbe(.tcp, try role.text(), timeout: timeout)
    case (nil, let role?): return ReadyProbe(.udp, try role.text(), timeout: timeout)
    case (nil, nil), (.some, .some): throw value.error("expected either 'tcp' or 'udp' with a port role")
    }
  }

  private func limits(_ value: YAMLValue) throws -> Service.Limits {
    let fields = try value.fields(["memory", "tasks", "cpus"])
    return Service.Limits(
      memory: try fields["memory"]?.template(), tasks: try fields["tasks"]?.integer(),
      cpus: try fields["cpus"]?.number())
  }
}
