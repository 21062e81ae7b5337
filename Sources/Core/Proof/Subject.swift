import BerthEngine
import BerthExecution
import BerthHost
import BerthKit
import BerthPlanning

/// The plugin under trial, and what is done with its instances.
struct Subject: Sendable {
  let trial: Trial
  let app: String
  let manifest: Manifest

  init(_ trial: Trial) {
    self.trial = trial
    manifest = trial.plugin.manifest
    app = manifest.id
  }

  /// Settings that nobody has a value for but a person, with one each.
  ///
  /// - Throws: ``NotPassed`` where a trial knows none.
  private func requiredSettings() throws -> [String: String] {
    try manifest.settings.filter(\.isRequired).reduce(into: [:]) { values, setting in
      guard let value = setting.trialValues(now: nil).first(where: { !$0.isHostile }) else {
        throw NotPassed("the setting '\(setting.id)' has no default, and only a person knows a value")
      }
      values[setting.id] = value.text
    }
  }

  /// Makes an instance and waits until it is ready.
  func install(_ name: String, with berth: Berth? = nil) async throws -> InstanceRecord {
    let request = InstallRequest(app: app, name: name, settings: try requiredSettings())
    let outcomes = try await (berth ?? trial.open()).install([request])
    guard let outcome = outcomes.first else { throw NotPassed("nothing was installed") }
    return try outcome.result.get().record
  }

  /// The instance of that name; it is made where it is not there, and started where it does not run.
  func running(_ name: String) async throws -> InstanceRecord {
    let berth = try trial.open()
    guard let record = try? berth.find(name, app: app) else { return try await install(name) }
    if try await berth.status(of: record.key).status != .running { try await control(.start, record) }
    return record
  }

  func record(_ name: String) throws -> InstanceRecord { try trial.open().find(name, app: app) }

  func control(_ verb: Control, _ record: InstanceRecord) async throws {
    for outcome in try await trial.open().control(verb, [record]) { _ = try outcome.result.get() }
  }

  func change(_ record: InstanceRecord, _ settings: [String: String]) async throws {
    for outcome in try await trial.open().change("config set", [record], ChangeWish(settings: settings)) {
      _ = try outcome.result.get()
    }
  }

  func remove(_ record: InstanceRecord) async throws {
    if let error = try await trial.open().remove([record], keepsData: false).values.first { throw error }
  }

  /// Makes sure that an instance runs, by then at the latest.
  func requireRunning(_ record: InstanceRecord, within seconds: Double = 30) async throws {
    let berth = try trial.open()
    try await eventually(within: seconds) {
      let report = try await berth.status(of: record.key)
      guard report.status != .running else { return nil }
      let services = report.services.filter { $0.status != .running }.map { "\($0.name) is \($0.status.rawValue)" }
      return "\(record.name) does not run: \(services.joined(separator: ", "))"
    }
  }

  /// Makes sure that `berth doctor` finds nothing about the app. On a host it may find something else that nobody tries here.
  func requireHealthy(within seconds: Double = 10) async throws {
    let berth = try trial.open()
    try await eventually(within: seconds) {
      let findings = try await berth.doctor()
      return findings.first { trial.scope == nil || $0.subject.contains(app) }.map {
        "doctor: \($0.subject): \($0.problem) (\($0.code))"
      }
    }
  }

  // MARK: Processes

  /// The processes of an instance's services.
  func processes(of record: InstanceRecord) async throws -> [Int] {
    let groups = try await trial.open().host.manager.controlGroups(of: record.units)
    return GroupProcesses.processes(in: Array(groups.values))
  }

  /// The main processes of an instance's services.
  func mainProcesses(of record: InstanceRecord) async throws -> [Int] {
    try await trial.open().status(of: record.key).services.compactMap(\.mainPID)
  }

  /// What an instance's services have logged.
  ///
  /// - Parameter service: only this part of it.
  func log(of record: InstanceRecord, service: String? = nil, since: String? = nil) async throws -> String {
    let lines = Lines()
    try await trial.open().logs(of: record, service: service, since: since, last: 10_000, follow: false) {
      await lines.add($0.message)
    }
    return await lines.all.joined(separator: "\n")
  }

  private actor Lines {
    var all: [String] = []

    func add(_ line: String) { all.append(line) }
  }

  // MARK: Data

  func writeProbe(_ record: InstanceRecord) async throws {
    guard let probe = manifest.probeData else { return }
    _ = try await answer(to: probe.write, as: ChangedPlugin.write, record)
  }

  /// Makes sure that what was put into the program can be read back, or that it cannot.
  ///
  /// - Parameter occasion: what was done before, for the reason.
  func requireProbe(_ record: InstanceRecord, isThere: Bool = true, after occasion: String) async throws {
    guard let probe = manifest.probeData else { return }
    try await eventually(within: isThere ? 5 : 0) {
      let answer: String
      do { answer = try await self.answer(to: probe.read, as: ChangedPlugin.read, record) } catch let error
        as BerthError
      {
        // A program that finds nothing may say so by its status.
        return isThere ? "after \(occasion) 'probe-data.read' failed: \(error.summary)" : nil
      }
      guard answer.contains(probe.expected) != isThere else { return nil }
      let text = answer.suffix(200).replacing("\n", with: " | ")
      return isThere
        ? "after \(occasion) 'probe-data.read' does not answer '\(probe.expected)' but '\(text)'"
        : "'probe-data.read' answers '\(probe.expected)' before anything was written"
    }
  }

  private func answer(to action: Action, as job: String, _ record: InstanceRecord) async throws -> String {
    let berth = try trial.open()
    guard let line = action.console else {
      let since = berth.host.clock.journalTime
      for outcome in try await berth.run(job: job, of: [record]) { _ = try outcome.result.get() }
      // The journal takes a moment.
      try await Task.sleep(for: .milliseconds(200))
      return try await log(of: record, service: job, since: since)
    }
    var variables = Variables(
      settings: manifest.values(of: try berth.host.registry.settings(of: record.uid)), of: manifest)
    for port in record.ports { variables.set("ports.\(port.role)", to: .integer(port.port.number)) }
    for port in manifest.ports { variables.set("ports.\(port.role).bind", to: .text(port.bind)) }
    variables.set("instance.name", to: .text(record.name.text))
    variables.set("instance.id", to: .text(record.key.id.text))
    variables.set("instance.slug", to: .text(record.slug))
    guard let text = try variables.text(line) else { return "" }
    return try await berth.console(text, of: record, seconds: action.timeout).text
  }
}
