import BerthEngine
import BerthKit
import BerthPlanning

/// Level 6: from one version of the plugin to the next, and back.
extension Proof {
  /// - Parameter given: the plugin's former version; nil for one that is made of the plugin itself.
  static func moving(from given: (any AppPlugin)?) -> [Attempt] {
    [
      Attempt("an instance of the former version is updated with its data and its settings") { subject in
        let plugin = try given ?? ChangedPlugin(before: subject.trial.plugin)
        let record = try await subject.install(former, with: try subject.trial.open(with: plugin))
        let values = try await subject.chooseValues(of: record, plugin)
        try await subject.writeProbe(record)
        try await subject.update(record)
        try await subject.requireProbe(record, after: "an update")
        try subject.requireValues(values, in: subject.manifest, of: record)
        try await subject.requireHealthy()
      },
      Attempt("it goes back to the former version with its data") { subject in
        let plugin = try given ?? ChangedPlugin(before: subject.trial.plugin)
        let record = try subject.record(former)
        try await subject.update(record, to: plugin)
        try await subject.requireProbe(record, after: "going back")
        try await subject.update(record)
        try await subject.remove(record)
      },
    ]
  }
}

extension Subject {
  /// Gives an instance of another version values of a person's own, and says which.
  fileprivate func chooseValues(of record: InstanceRecord, _ former: any AppPlugin) async throws -> [String: String] {
    let now = try settings(of: record)
    let kept = former.manifest.settings.filter { setting in
      !isForInstall(setting)
        && manifest.settings.contains { $0.id == setting.id || ($0.formerIDs ?? []).contains(setting.id) }
    }
    let values = kept.reduce(into: [String: String]()) { values, setting in
      let value = setting.trialValues(now: now[setting.id]).first { !$0.isHostile && !$0.mayBeRefused }
      if let value { values[setting.id] = value.text }
    }
    guard !values.isEmpty else { return [:] }
    let berth = try trial.open(with: former)
    for outcome in try await berth.change("config set", [record], ChangeWish(settings: values)) {
      _ = try outcome.result.get()
    }
    return values
  }

  /// Makes sure that values are still there, under the names that their settings have by now.
  fileprivate func requireValues(_ values: [String: String], in manifest: Manifest, of record: InstanceRecord) throws {
    let now = try settings(of: record)
    for (name, text) in values.sorted(by: { $0.key < $1.key }) {
      guard let setting = manifest.settings.first(where: { $0.id == name || ($0.formerIDs ?? []).contains(name) }),
        let value = try? setting.parse(text).plain
      else { continue }
      try require(now[setting.id] == value, "the value of '\(name)' was lost in the update")
    }
  }

  /// - Parameter plugin: another version of it; nil for the one that is tried.
  func update(_ record: InstanceRecord, to plugin: (any AppPlugin)? = nil) async throws {
    let berth = try trial.open(with: plugin, drops: true)
    for outcome in try await berth.change("update", [record], .update) { _ = try outcome.result.get() }
    try await requireRunning(record)
  }
}
