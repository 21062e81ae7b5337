extension ManifestValidator {
  /// Looks at every part of a service, whatever is wrong with the others.
  func check(_ service: Service, _ found: inout Findings) {
    let key = "services.\(service.id)"
    found.check { () throws(Problem) in
      try checkIdentifier(service.id, key)
      try checkNotReserved(service.id, key: key)
    }
    found.check { () throws(Problem) in try checkCondition(service.condition, key: "\(key).when") }
    switch service.form {
    case .exec(let arguments): check(arguments, of: service, key: key, &found)
    case .container(let container): found.check { () throws(Problem) in try check(container, of: service, key: key) }
    }
    found.check { () throws(Problem) in try checkMounts(of: service, key: "\(key).mounts") }
    for variable in service.environment {
      found.check { () throws(Problem) in try check(variable, key: "\(key).env.\(variable.name)") }
    }
    found.check { () throws(Problem) in
      if let workdir = service.workdir { try checkLocation(workdir, key: "\(key).workdir", anywhere: true) }
    }
    found.check { () throws(Problem) in try check(service.stop, of: service, key: "\(key).stop") }
    for (index, ready) in service.ready.enumerated() {
      found.check { () throws(Problem) in
        try check(ready, of: service, key: service.ready.count == 1 ? "\(key).ready" : "\(key).ready[\(index)]")
      }
    }
    found.check { () throws(Problem) in
      guard service.ready.count(where: \.isExec) < 2 else {
        throw Problem(key: "\(key).ready", text: "a container has one program for its health; put both into one")
      }
    }
    found.check { () throws(Problem) in
      try check(service.limits, key: "\(key).limits")
      if service.limits.files != nil, service.container != nil {
        throw Problem(
          key: "\(key).limits.files", text: "'files' goes with 'exec'; a container has what its engine gives it")
      }
    }
    found.check { () throws(Problem) in
      try check(service.loosen, among: service.hardeningWords, "hardening line", key: "\(key).loosen")
    }
    found.check { () throws(Problem) in
      try check(service.capabilities, among: Capability.names, "capability", key: "\(key).capabilities")
    }
  }

  private func check(_ arguments: [Service.Argument], of service: Service, key: String, _ found: inout Findings) {
    found.check { () throws(Problem) in
      guard let capability = service.capabilities.first else { return }
      throw Problem(
        key: "\(key).capabilities.\(capability.key)",
        text: "'capabilities' goes with a container; a program has none, unless 'loosen' names CapabilityBoundingSet")
    }
    // Those that some instances have are judged for themselves; no program's place is one of theirs.
    found.check { () throws(Problem) in
      try checkProgram(arguments.first.flatMap { $0.condition == nil ? $0.words.first : nil }, key: "\(key).exec")
    }
    for (index, argument) in arguments.enumerated() {
      found.check { () throws(Problem) in try check(argument, of: service, key: "\(key).exec[\(index)]") }
    }
  }

  private func check(_ variable: Service.EnvironmentVariable, key: String) throws(Problem) {
    guard Self.isEnvironmentName(variable.name) else {
      throw Problem(key: key, text: "'\(variable.name)' is not the name of an environment variable")
    }
    guard !variable.name.hasPrefix("BERTH_") else {
      throw Problem(key: key, text: "names that begin with BERTH_ are Berth's own")
    }
    try checkTemplate(variable.value, key: key)
  }

  private func check(_ stop: Service.Stop, of service: Service, key: String) throws(Problem) {
    guard Self.stopSignals.contains(stop.signal) else {
      throw Problem(
        key: "\(key).signal", text: "'\(stop.signal)' is none of \(Self.stopSignals.joined(separator: ", "))")
    }
    guard (1...3600).contains(stop.grace) else { throw Problem(key: "\(key).grace", text: "expected 1s to 1h") }
    if stop.firstEnds, service.container != nil {
      throw Problem(key: "\(key).first.ends", text: "'ends' goes with a service that is a program")
    }
    if let first = stop.first {
      try check(action: first, of: service.id, when: service.condition, longest: 3600, key: "\(key).first")
    }
  }

  /// Lines that a plugin takes away or gives, each with its reason.
  private func check(
    _ lines: [Service.Loosened], among known: [String], _ kind: String, key: String
  ) throws(Problem) {
    for line in lines {
      guard known.contains(line.key) else {
        throw Problem(
          key: "\(key).\(line.key)", text: "'\(line.key)' is no \(kind)\(BerthError.nearestPhrase(line.key, known))")
      }
      guard !line.reason.isEmpty, !line.reason.hasControlCharacter, !line.reason.hasSuffix("\\") else {
        throw Problem(key: "\(key).\(line.key)", text: "expected the reason, in one line")
      }
    }
  }

  private func check(_ argument: Service.Argument, of service: Service, key: String) throws(Problem) {
    guard let condition = argument.condition else {
      for word in argument.words { try check(argument: word, when: service.condition, key: key) }
      return
    }
    try checkCondition(condition, key: "\(key).when")
    guard !argument.words.isEmpty else { throw Problem(key: "\(key).args", text: "expected at least one argument") }
    let both = Condition((service.condition?.settings ?? []) + condition.settings)
    for (index, word) in argument.words.enumerated() {
      try check(argument: word, when: both, key: "\(key).args[\(index)]")
    }
  }

  private func check(_ ready: ReadyProbe, of service: Service, key: String) throws(Problem) {
    switch ready.check {
    case .port(let transport, let name):
      let role = try role(name, for: service, key: key)
      guard role.protocols.contains(transport) else {
        throw Problem(key: key, text: "the port '\(name)' is not \(transport.rawValue)")
      }
      // A container's sockets are behind the engine's own, which accept at once.
      if service.container != nil {
        throw Problem(key: key, text: "a container is asked by 'http' or 'exec', as its ports are open at once")
      }
    case .http(let check): try self.check(check, of: service, key: "\(key).http")
    case .exec(let exec):
      guard service.container != nil else {
        throw Problem(key: "\(key).exec", text: "'exec' goes with a container; a program is asked by its port")
      }
      guard !exec.isEmpty else { throw Problem(key: "\(key).exec", text: "expected a program") }
      for (index, argument) in exec.enumerated() { try checkArgument(argument, key: "\(key).exec[\(index)]") }
    }
    guard (1...3600).contains(ready.timeout) else { throw Problem(key: "\(key).timeout", text: "expected 1s to 1h") }
  }

  private func check(_ http: ReadyProbe.HTTPCheck, of service: Service, key: String) throws(Problem) {
    guard try role(http.role, for: service, key: "\(key).port").protocols.contains(.tcp) else {
      throw Problem(key: "\(key).port", text: "the port '\(http.role)' is not tcp")
    }
    // It becomes the first line of a request.
    guard http.path.hasPrefix("/"), http.path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Problem(key: "\(key).path", text: "'\(http.path)' is not a path such as /health")
    }
    guard !http.statuses.isEmpty, http.statuses.allSatisfy({ (100...599).contains($0) }) else {
      throw Problem(key: "\(key).status", text: "expected status codes from 100 to 599")
    }
    guard let host = http.host else { return }
    try checkArgument(host, mayFilter: false, key: "\(key).host")
    let isSetting = host.segments.count == 1 && host.literalText == nil
    guard host.literalText.map(Setting.isHostname) ?? isSetting else {
      throw Problem(key: "\(key).host", text: "expected a host name or one setting of type hostname")
    }
  }

  private func role(_ name: String, for service: Service, key: String) throws(Problem) -> PortRole {
    guard let role = manifest.port(name) else {
      throw Problem(
        key: key,
        text: "there is no port role '\(name)'" + BerthError.nearestPhrase(name, manifest.ports.map(\.role)))
    }
    try checkPresence(of: role, when: service.condition, key: key)
    return role
  }

  private func check(_ limits: Service.Limits, key: String) throws(Problem) {
    if let tasks = limits.tasks, !InstanceLimits.processes.contains(tasks) {
      throw Problem(key: "\(key).tasks", text: "expected 1 to \(InstanceLimits.processes.upperBound)")
    }
    if let cpus = limits.cpus, !InstanceLimits.processors.contains(cpus) {
      throw Problem(key: "\(key).cpus", text: "expected a number from 0.01 to 10000")
    }
    // The kernel's own bound unless it is raised (fs.nr_open).
    if let files = limits.files, !(1...1_048_576).contains(files) {
      throw Problem(key: "\(key).files", text: "expected 1 to 1048576")
    }
    guard let memory = limits.memory else { return }
    try checkTemplate(memory, key: "\(key).memory")
    if let text = memory.literalText {
      guard InstanceLimits.isMemory(text) else {
        throw Problem(key: "\(key).memory", text: "'\(text)' is not a size from 6M on, such as 512M or 2G")
      }
    } else {
      let names = memory.variables
      guard memory.segments.count == 1, let name = names.first, name.hasPrefix("settings."),
        manifest.setting(String(name.dropFirst("settings.".count)))?.kind == .size
      else { throw Problem(key: "\(key).memory", text: "expected a size or one setting of type size") }
    }
  }

  /// What no service can be judged for alone: who is always there, and who waits for whom.
  func checkServicesTogether() throws(Problem) {
    guard manifest.services.contains(where: { $0.condition == nil }) else {
      throw Problem(key: "services", text: "an app needs at least one service without 'when'")
    }
    for service in manifest.services {
      for (index, name) in service.dependsOn.enumerated() {
        try checkDependency(of: service, on: name, key: "services.\(service.id).depends-on[\(index)]")
      }
    }
  }

  private func checkDependency(of service: Service, on name: String, key: String) throws(Problem) {
    guard let other = manifest.service(name) else { throw Problem(key: key, text: unknownService(name)) }
    guard other.id != service.id else { throw Problem(key: key, text: "a service cannot depend on itself") }
    guard other.condition == nil || other.condition == service.condition else {
      throw Problem(key: key, text: "'\(name)' has a 'when' of its own, so that it may not be there")
    }
    var reached: Set<String> = []
    var waiting = [other]
    while let next = waiting.popLast() {
      guard reached.insert(next.id).inserted else { continue }
      guard next.id != service.id else {
        throw Problem(key: key, text: "'\(name)' depends on '\(service.id)' in turn")
      }
      waiting += next.dependsOn.compactMap(manifest.service)
    }
  }
}

extension Service {
  /// The words of `loosen`: the lines that shut this kind of service in.
  fileprivate var hardeningWords: [String] {
    switch engine {
    case nil: HardeningKey.allCases.map(\.rawValue)
    case .podman?: ContainerLine.allCases.filter { $0 != .userns || container?.isInstanceUser == true }.map(\.rawValue)
    // Docker has user namespaces for all containers of the host or for none.
    case .docker?:
      ContainerLine.allCases.filter { $0 != .userns }.map(\.rawValue) + ComposeKey.Exception.allCases.map(\.rawValue)
    }
  }
}
