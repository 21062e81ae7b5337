import BerthEngine
import BerthHost
import BerthKit
import BerthPlanning
import BerthRender

/// Level 4: settings.
extension Proof {
  static let obeying = [
    Attempt("every value of every setting reaches the program and survives its restart") { subject in
      try await obey(subject) { !$0.isHostile }
    },
    Attempt("values that are made to break out do not") { subject in
      try await obey(subject) { $0.isHostile }
    },
    Attempt("values that are none are refused, and change nothing") { subject in
      let record = try await subject.running(north)
      let former = try subject.settings(of: record)
      for setting in subject.manifest.settings where !setting.isSecret {
        guard let wrong = ["\u{1B}[31m", "-1e99", "no such word"].first(where: { (try? setting.parse($0)) == nil })
        else {
          continue
        }
        do { try await subject.change(record, [setting.id: wrong]) } catch is BerthError { continue }
        throw NotPassed("the setting '\(setting.id)' takes the value '\(wrong)'")
      }
      try require(try subject.settings(of: record) == former, "a refused value has changed a setting")
      try await subject.requireHealthy()
    },
  ]

  /// Sets the values that are meant, of all settings together as far as the program takes them.
  private static func obey(_ subject: Subject, _ isMeant: (TrialValue) -> Bool) async throws {
    let record = try await subject.running(north)
    let now = try subject.settings(of: record)
    var rows = subject.manifest.settings.filter { !subject.isForInstall($0) }.map { setting in
      (setting, setting.trialValues(now: now[setting.id]).filter(isMeant))
    }
    guard rows.contains(where: { !$0.1.isEmpty }) else { throw Skipped("no setting takes such a value") }
    // A value that only the program can judge is given alone, so that it fails alone.
    for (setting, values) in rows {
      for value in values where value.mayBeRefused { try await offer(setting, value, to: record, subject) }
    }
    rows = rows.map { ($0, $1.filter { !$0.mayBeRefused }) }
    for round in 0..<(rows.map(\.1.count).max() ?? 0) {
      let chosen = rows.compactMap { setting, values in values.indices.contains(round) ? (setting, values[round]) : nil
      }
      try await set(chosen, in: record, subject)
    }
  }

  /// Gives a value that the program may refuse. Then it has to run on as before.
  private static func offer(
    _ setting: Setting, _ value: TrialValue, to record: InstanceRecord, _ subject: Subject
  ) async throws {
    let former = try subject.settings(of: record)
    do {
      try await set([(setting, value)], in: record, subject)
      try await subject.giveBack([setting], former, in: record)
    } catch is BerthError {
      try require(
        try subject.settings(of: record) == former,
        "'\(setting.id)=\(subject.shown(value.text, of: setting))' failed and is still set")
      try await subject.requireRunning(record)
    }
  }

  private static func set(
    _ chosen: [(Setting, TrialValue)], in record: InstanceRecord, _ subject: Subject
  ) async throws {
    let values = Dictionary(uniqueKeysWithValues: chosen.map { ($0.id, $1.text) })
    do { try await subject.change(record, values) } catch {
      guard chosen.count > 1 else { throw error }
      // They may be wrong together, as a least number above a most one.
      for one in chosen { try await setAlone(one, in: record, subject) }
      return
    }
    try await subject.requireRunning(record)
    try await subject.requireHealthy()
    for (setting, value) in chosen { try await subject.requireArrived(setting, value.text, at: record) }
  }

  private static func setAlone(
    _ one: (setting: Setting, value: TrialValue), in record: InstanceRecord, _ subject: Subject
  ) async throws {
    let former = try subject.settings(of: record)
    do { try await set([one], in: record, subject) } catch let error as BerthError {
      throw NotPassed(
        "with \(one.setting.id)=\(subject.shown(one.value.text, of: one.setting)): \(error.summary): "
          + (error.cause ?? "").split(separator: "\n").suffix(3).joined(separator: " | "))
    }
    try await subject.giveBack([one.setting], former, in: record)
  }
}

extension Subject {
  /// The values of an instance's settings as text, by their ids; what is unset is not in it.
  func settings(of record: InstanceRecord) throws -> [String: String] {
    manifest.values(of: try trial.open().host.registry.settings(of: record.uid)).mapValues(\.plain)
  }

  /// A value as an error may name it.
  func shown(_ value: String, of setting: Setting) -> String { setting.isSecret ? "…" : value }

  /// Whether a setting decides what is downloaded, of which a trial knows no other.
  func isForInstall(_ setting: Setting) -> Bool {
    manifest.readings().contains { $0.key.hasPrefix("install") && $0.names.contains("settings.\(setting.id)") }
  }

  func giveBack(_ settings: [Setting], _ former: [String: String], in record: InstanceRecord) async throws {
    let values = settings.reduce(into: [:]) { values, setting in values[setting.id] = former[setting.id] }
    let unset = Set(settings.map(\.id)).subtracting(values.keys)
    let wish = ChangeWish(settings: values, unset: unset)
    for outcome in try await trial.open().change("config set", [record], wish) { _ = try outcome.result.get() }
  }

  /// Makes sure that a value is where the manifest says that it goes: an argument, an environment, a key of a file.
  func requireArrived(_ setting: Setting, _ text: String, at record: InstanceRecord) async throws {
    let name = "settings.\(setting.id)"
    let values = manifest.values(of: try trial.open().host.registry.settings(of: record.uid))
    try await requireTold(setting, Variables(settings: values, of: manifest), record)
    for file in manifest.enabledConfig(values) {
      try requireArrived(setting, name, values, in: file, of: record)
    }
  }

  /// Makes sure that processes were started with a value, as far as they still show what they were started with: a program
  /// that gives itself a title writes over both.
  private func requireTold(
    _ setting: Setting, _ values: Variables, _ record: InstanceRecord
  ) async throws {
    // Arguments and variables that all instances have.
    let always = manifest.services.filter { $0.condition == nil && $0.container == nil }
    let variables = always.flatMap(\.environment).filter { $0.value.variables.contains("settings.\(setting.id)") }
    let tellers = always.filter { service in
      !Self.forms(of: setting, in: service.exec, values).isEmpty
    }
    guard !variables.isEmpty || !tellers.isEmpty else { return }
    let processes = try await processes(of: record)
    let environment = processes.map(StartEnvironment.of)
    for variable in variables where environment.contains(where: { $0["HOME"] != nil }) {
      let shown = environment.compactMap { $0[variable.name] }
      for form in Self.forms(of: setting, in: [variable.value], values) {
        try require(
          shown.contains { $0.contains(form) },
          "the variable \(variable.name) of its processes does not have the value "
            + "'\(self.shown(form, of: setting))' of '\(setting.id)'")
      }
    }
    let arguments = processes.map(GroupProcesses.arguments)
    guard tellers.allSatisfy({ service in arguments.contains { $0.count >= service.exec.count } }) else {
      return
    }
    for form in Self.forms(of: setting, in: tellers.flatMap(\.exec), values) {
      try require(
        arguments.contains { $0.contains { $0.contains(form) } },
        "no argument of its processes has the value '\(self.shown(form, of: setting))' of '\(setting.id)'")
    }
  }

  /// How templates say a setting: as it is, in the app's own words or in a program's unit.
  private static func forms(of setting: Setting, in templates: [Template], _ values: Variables) -> Set<String> {
    let name = Template.Segment.variable("settings.\(setting.id)").name
    let segments = templates.flatMap(\.segments).filter { $0.name == name }
    return Set(segments.compactMap { try? values.value(of: $0)?.plain })
  }

  private func requireArrived(
    _ setting: Setting, _ name: String, _ values: [String: Value], in file: ConfigFile, of record: InstanceRecord
  ) throws {
    let variables = Variables(settings: values, of: manifest)
    let entries = file.values.filter { $0.value.variables == [name] }
    guard !entries.isEmpty, let path = try path(of: file, record) else { return }
    let text = try trial.open().host.files.read(path)
    for entry in entries {
      let edits = ConfigEdits(
        id: file.id, format: file.format, encoding: file.encoding,
        assignments: [ConfigAssignment(entry.path, try variables.resolve(entry.value))])
      let missing = try ConfigText.missing(edits, in: text, file: path)
      try require(
        missing.assignments.isEmpty, "\(file.id) does not have the value of '\(setting.id)' at '\(entry.key)'")
    }
  }

  /// Where a config file lies, for one below the instance's own folders.
  private func path(of file: ConfigFile, _ record: InstanceRecord) throws -> String? {
    let own = try trial.open().paths.own(record)
    var variables = Variables()
    for folder in ["config", "data", "cache"] { variables.set("paths.\(folder)", to: .text("\(own)/\(folder)")) }
    guard file.location.variables.allSatisfy({ variables[$0] != nil }) else { return nil }
    return try variables.text(file.location)
  }
}
