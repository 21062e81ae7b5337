extension ManifestReader {
  /// - Parameter services: the app's services; the job belongs to `main`, or to the only one, unless it says otherwise.
  func job(_ id: String, _ value: YAMLValue, services: [Service]) throws -> Job {
    let fields = try value.fields(["at", "settings", "calendar", "service", "exec", "timeout", "when"])
    return Job(
      id,
      at: try fields["at"]?.listOrOne().map { try $0.word(Job.Moment.self) } ?? [],
      settings: try fields["settings"]?.listOrOne().map { try $0.text() } ?? [],
      calendar: try fields["calendar"]?.text(),
      service: try owner(value, fields, services: services),
      action: try action(value, fields, defaultTimeout: Job.defaultTimeout),
      when: try fields["when"].map(condition))
  }

  /// The service that a job or a backup set belongs to: the one it names, `main`, or the only one.
  func owner(_ value: YAMLValue, _ fields: [String: YAMLValue], services: [Service]) throws -> String {
    if let named = fields["service"] { return try named.text() }
    let usual = services.contains { $0.id == "main" } || services.count != 1 ? "main" : services[0].id
    guard services.contains(where: { $0.id == usual }) else {
      throw value.error("expected 'service', since no service is called 'main'")
    }
    return usual
  }

  /// The action that stands in a mapping, beside the mapping's own keys.
  func action(_ value: YAMLValue, _ fields: [String: YAMLValue], defaultTimeout: Int) throws -> Action {
    let timeout = try fields["timeout"]?.duration() ?? defaultTimeout
    switch (fields["exec"], fields["console"]) {
    case (let exec?, nil): return Action(exec: try exec.list().map { try $0.template() }, timeout: timeout)
    case (nil, let line?): return Action(console: try line.template(), timeout: timeout)
    case (nil, nil): throw value.error("expected 'exec'")
    case (_?, _?): throw value.error("expected either 'exec' or 'console'")
    }
  }

  func condition(_ value: YAMLValue) throws -> Condition {
    Condition(
      try value.entries().map { Condition.Clause($0.key, try $0.value.listOrOne().map { try $0.text() }) })
  }
}
