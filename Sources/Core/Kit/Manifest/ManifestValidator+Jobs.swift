extension ManifestValidator {
  func checkJobs(_ found: inout Findings) {
    found.check { () throws(Problem) in try checkUnique("jobs", manifest.jobs.map(\.id)) }
    for job in manifest.jobs { found.check { () throws(Problem) in try check(job) } }
  }

  private func check(_ job: Job) throws(Problem) {
    let key = "jobs.\(job.id)"
    try checkIdentifier(job.id, key)
    // Their units would have one name.
    guard job.id != "main", manifest.service(job.id) == nil else {
      throw Problem(key: key, text: "'\(job.id)' is a service's name")
    }
    try checkNotReserved(job.id, key: key)
    try checkOwner(job.service, key: "\(key).service")
    guard !job.moments.isEmpty || job.calendar != nil else {
      throw Problem(key: key, text: "a job needs 'at' or 'calendar'")
    }
    guard Set(job.moments).count == job.moments.count else {
      throw Problem(key: "\(key).at", text: "a moment stands here twice")
    }
    try checkSettings(of: job, key: key)
    if let problem = job.calendar.flatMap(CalendarText.fault) {
      throw Problem(key: "\(key).calendar", text: problem)
    }
    try checkCondition(job.condition, key: "\(key).when")
    // It is there when its service is; its own condition comes on top.
    let clauses = (condition(of: job.service)?.settings ?? []) + (job.condition?.settings ?? [])
    try check(
      action: job.action, of: job.service, when: clauses.isEmpty ? nil : Condition(clauses), longest: 86400, key: key)
  }

  /// A job at a change says which settings it answers to, and no other job does.
  private func checkSettings(of job: Job, key: String) throws(Problem) {
    guard job.moments.contains(.change) else {
      if job.settings != nil { throw Problem(key: "\(key).settings", text: "'settings' goes with 'at: change'") }
      return
    }
    guard let names = job.settings else {
      throw Problem(key: "\(key).at", text: "'change' needs 'settings': those that the job answers to")
    }
    let known = manifest.settings.map(\.id)
    for name in names where !known.contains(name) {
      throw Problem(
        key: "\(key).settings", text: "there is no setting '\(name)'\(BerthError.nearestPhrase(name, known))")
    }
    guard Set(names).count == names.count else {
      throw Problem(key: "\(key).settings", text: "a setting stands here twice")
    }
  }

  /// What a test puts into every instance that it makes, whatever its settings.
  func checkProbeData() throws(Problem) {
    guard let probe = manifest.probeData else { return }
    try checkOwner(probe.service, key: "probe-data.service")
    for (action, key) in [(probe.write, "probe-data.write"), (probe.read, "probe-data.read")] {
      try check(action: action, of: probe.service, when: condition(of: probe.service), longest: 3600, key: key)
    }
    try checkLine(probe.expected, key: "probe-data.expect")
    guard !probe.expected.isEmpty else {
      throw Problem(key: "probe-data.expect", text: "expected what the answer holds")
    }
  }

  /// - Parameter longest: the most seconds that it may take.
  func check(
    action: Action, of service: String, when condition: Condition?, longest: Int, key: String
  ) throws(Problem) {
    if let line = action.console {
      try check(line: line, of: service, when: condition, key: "\(key).console")
    } else {
      try check(command: action.exec, of: service, when: condition, key: "\(key).exec")
    }
    guard (1...longest).contains(action.timeout) else {
      throw Problem(key: "\(key).timeout", text: "expected 1s to \(longest / 3600)h")
    }
  }

  /// What runs beside a service: on the host, or inside its container.
  func check(command exec: [Template], of service: String, when condition: Condition?, key: String) throws(Problem) {
    guard manifest.service(service)?.container != nil else {
      return try checkCommand(exec, when: condition, key: key)
    }
    guard let program = exec.first, program.literalText != "" else {
      throw Problem(key: key, text: "expected a program")
    }
    guard let name = program.literalText, !name.hasPrefix("-"), name.hasPrefix("/") || !name.contains("/") else {
      throw Problem(key: "\(key)[0]", text: "expected a program of the image: its name, or its absolute path in there")
    }
    try checkArguments(exec, when: condition, key: key)
    for (index, argument) in exec.enumerated() {
      for name in argument.variables where name.hasPrefix("paths.") || name.hasPrefix("programs.") {
        throw Problem(key: "\(key)[\(index)]", text: "'{{\(name)}}' is a place of the host's, not of a container")
      }
    }
  }

  /// A program, then arguments that an instance with this condition can always fill.
  func checkCommand(_ exec: [Template], when condition: Condition?, key: String) throws(Problem) {
    try checkProgram(exec.first, key: key)
    try checkArguments(exec, when: condition, key: key)
  }

  /// What an argument vector begins with.
  func checkProgram(_ program: Template?, key: String) throws(Problem) {
    guard let program else { throw Problem(key: key, text: "expected a program") }
    var isProgramVariable = false
    if program.segments.count == 1, case .variable(let name) = program.segments[0] {
      isProgramVariable = name.hasPrefix("programs.")
    }
    guard isProgramVariable || Self.isAppProgram(program) || program.literalText.map(Self.isPlainAbsolutePath) == true
    else {
      let own = manifest.hasReleases ? ", or '{{paths.app}}/…'" : ""
      throw Problem(key: "\(key)[0]", text: "expected '{{programs.…}}' or an absolute path\(own)")
    }
  }

  /// Whether it is `{{paths.app}}/NAME`.
  private static func isAppProgram(_ program: Template) -> Bool {
    guard program.segments.count == 2, case .variable("paths.app") = program.segments[0],
      case .literal(let text) = program.segments[1]
    else { return false }
    return isPlainAbsolutePath(text)
  }

  private func checkArguments(_ exec: [Template], when condition: Condition?, key: String) throws(Problem) {
    for (index, argument) in exec.enumerated() {
      try check(argument: argument, when: condition, key: "\(key)[\(index)]")
    }
  }

  func check(argument: Template, when condition: Condition?, key: String) throws(Problem) {
    try checkArgument(argument, key: key)
    for role in manifest.ports where argument.variables.contains("ports.\(role.role)") {
      try checkPresence(of: role, when: condition, key: key)
    }
  }

  /// Settings by their names, with values as they compare.
  func checkCondition(_ condition: Condition?, key: String) throws(Problem) {
    guard let condition else { return }
    guard !condition.settings.isEmpty else { throw Problem(key: key, text: "expected a setting and its value") }
    for clause in condition.settings {
      let place = "\(key).\(clause.setting)"
      guard let setting = manifest.setting(clause.setting) else {
        let known = manifest.settings.map(\.id)
        throw Problem(
          key: place,
          text: "there is no setting '\(clause.setting)'\(BerthError.nearestPhrase(clause.setting, known))")
      }
      guard !setting.isSecret else { throw Problem(key: place, text: "a secret cannot decide what an instance has") }
      guard !clause.values.isEmpty else { throw Problem(key: place, text: "expected at least one value") }
      for text in clause.values { try checkValue(text, of: setting, key: place) }
    }
  }

  private func checkValue(_ text: String, of setting: Setting, key: String) throws(Problem) {
    let plain: String
    do { plain = try setting.parse(text).plain } catch {
      throw Problem(key: key, text: BerthError(anything: error).summary)
    }
    guard plain == text else { throw Problem(key: key, text: "expected '\(plain)', found '\(text)'") }
  }

  /// An owner must be one of the services.
  func checkOwner(_ service: String?, key: String) throws(Problem) {
    guard let service, manifest.service(service) == nil else { return }
    throw Problem(key: key, text: unknownService(service))
  }

  /// A port of a service that an instance may lack cannot be named by what the instance does have.
  func checkPresence(of role: PortRole, when condition: Condition?, key: String) throws(Problem) {
    guard let needed = self.condition(of: role.service) else { return }
    let given = condition?.settings ?? []
    guard !needed.settings.allSatisfy(given.contains) else { return }
    throw Problem(
      key: key, text: "the port '\(role.role)' belongs to '\(role.service ?? "")', whose 'when' is not met here")
  }

  func condition(of service: String?) -> Condition? { service.flatMap(manifest.service)?.condition }

  func unknownService(_ name: String) -> String {
    "there is no service '\(name)'" + BerthError.nearestPhrase(name, manifest.services.map(\.id))
  }
}
