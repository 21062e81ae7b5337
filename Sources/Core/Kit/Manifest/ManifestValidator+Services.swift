extension ManifestValidator {
  func check(_ service: Service) throws(Problem) {
    let key = "services.\(service.id)"
    try checkIdentifier(service.id, key)
    try checkNotReserved(service.id, key: key)
    try checkCondition(service.condition, key: "\(key).when")
    try checkCommand(service.exec, when: service.condition, key: "\(key).exec")
    for variable in service.environment {
      let place = "\(key).env.\(variable.name)"
      guard Self.isEnvironmentName(variable.name) else {
        throw Problem(key: place, text: "'\(variable.name)' is not the name of an environment variable")
      }
      guard !variable.name.hasPrefix("BERTH_") else {
        throw Problem(key: place, text: "names that begin with BERTH_ are Berth's own")
      }
      try checkTemplate(variable.value, key: place)
    }
    if let workdir = service.workdir { try checkLocation(workdir, key: "\(key).workdir", anywhere: true) }
    guard Self.stopSignals.contains(service.stop.signal) else {
      throw Problem(
        key: "\(key).stop.signal",
        text: "'\(service.stop.signal)' is none of \(Self.stopSignals.joined(separator: ", "))")
    }
    guard (1...3600).contains(service.stop.grace) else {
      throw Problem(key: "\(key).stop.grace", text: "expected 1s to 1h")
    }
    if let first = service.stop.first {
      try check(first, when: service.condition, longest: 3600, key: "\(key).stop.first")
    }
    if let ready = service.ready { try check(ready, when: service.condition, key: "\(key).ready") }
    try check(service.limits, key: "\(key).limits")
    for loosened in service.loosen {
      let known = HardeningKey.allCases.map(\.rawValue)
      guard known.contains(loosened.key) else {
        throw Problem(
          key: "\(key).loosen.\(loosened.key)",
          text: "'\(loosened.key)' is no hardening line\(BerthError.nearestPhrase(loosened.key, known))")
      }
      guard !loosened.reason.isEmpty, !loosened.reason.hasControlCharacter else {
        throw Problem(key: "\(key).loosen.\(loosened.key)", text: "expected the reason, in one line")
      }
    }
  }

  private func check(_ ready: ReadyProbe, when condition: Condition?, key: String) throws(Problem) {
    guard let role = manifest.port(ready.role) else {
      throw Problem(
        key: key,
        text: "there is no port role '\(ready.role)'" + BerthError.nearestPhrase(ready.role, manifest.ports.map(\.role))
      )
    }
    guard role.protocols.contains(ready.transport) else {
      throw Problem(key: key, text: "the port '\(ready.role)' is not \(ready.transport.rawValue)")
    }
    try checkPresence(of: role, when: condition, key: key)
    guard (1...3600).contains(ready.timeout) else { throw Problem(key: "\(key).timeout", text: "expected 1s to 1h") }
  }

  private func check(_ limits: Service.Limits, key: String) throws(Problem) {
    if let tasks = limits.tasks, tasks < 1 { throw Problem(key: "\(key).tasks", text: "expected at least 1") }
    if let cpus = limits.cpus, cpus < 0.01 {
      throw Problem(key: "\(key).cpus", text: "expected a number of at least 0.01")
    }
    guard let memory = limits.memory else { return }
    try checkTemplate(memory, key: "\(key).memory")
    if let text = memory.literalText {
      guard ByteSize.bytes(of: text) != nil else {
        throw Problem(key: "\(key).memory", text: "'\(text)' is not a size such as 512M or 2G")
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
