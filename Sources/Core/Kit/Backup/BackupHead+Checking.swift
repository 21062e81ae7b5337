extension BackupHead {
  /// What of it cannot be, as an archive may come from anywhere and its words become paths, units and users; nil when
  /// all is well.
  public var problem: String? {
    let words: [(String, Bool)] = [
      ("its id", InstanceID.isUUID(id)),
      ("its time", UTCTime(createdAt) != nil),
      ("its host", !hostName.hasControlCharacter),
      ("the instance's uid", InstanceID.isUUID(instance.uid)),
      ("the app", ManifestValidator.isIdentifier(instance.key.app) && instance.key.app == manifest.id),
      ("the instance's name", isName(instance.name)),
      ("the instance's time", UTCTime(instance.createdAt) != nil),
      ("the instance's labels", instance.labels.allSatisfy { !"\($0.key)\($0.value)".hasControlCharacter }),
      (
        "the instance's version",
        ![instance.version, instance.pluginVersion].contains { $0?.hasControlCharacter == true }
      ),
      ("a port of the instance's", instance.ports.allSatisfy(\.isPlain)),
      ("the instance's limits", instance.limits.isPlain),
      ("an image of the instance's", instance.images.values.allSatisfy(\.isPlain)),
      ("a build of the instance's", instance.builds.allSatisfy(\.isPlain)),
      ("the instance's schedule", instance.backup?.schedule.flatMap(BackupPolicy.problem(inSchedule:)) == nil),
      ("the instance's retention", instance.backup?.keep.map(\.isPlain) ?? true),
      ("a setting", settings.allSatisfy { ManifestValidator.isIdentifier($0.key) }),
      ("a set's name", sets.allSatisfy { ManifestValidator.isIdentifier($0.name) }),
      ("a set's path", sets.allSatisfy(\.isPlain)),
      ("its chain", chain.allSatisfy { InstanceID.isUUID($0.id) && ManifestValidator.isFileName($0.file) }),
      ("its chain's length", (kind == .full) == chain.isEmpty && chain.count <= 1000),
    ]
    return words.first { !$0.1 }.map { "\($0.0) cannot be that" }
  }

  private func isName(_ name: InstanceName) -> Bool {
    name == InstanceName(automaticFor: instance.key.id) || (try? InstanceName(name.text)) != nil
  }
}

extension InstanceRecord.Port {
  /// Whether there is such a port.
  fileprivate var isPlain: Bool { ManifestValidator.isIdentifier(role) && (1...65535).contains(port.number) }
}

extension InstanceLimits {
  /// Whether a service manager can be told so.
  fileprivate var isPlain: Bool {
    memory.map { ByteSize.bytes(of: $0) != nil } ?? true && cpus.map { $0 > 0 && $0.isFinite } ?? true
      && tasks.map { $0 > 0 } ?? true
  }
}

extension ImagePin {
  /// Whether it is what an engine may have said of it.
  fileprivate var isPlain: Bool {
    ImageReference.isComplete(reference) && digest.map(ImageReference.isComplete) ?? true
      && id.map { $0.wholeMatch(of: /(sha256:)?[0-9a-f]{64}/) != nil } ?? true
  }
}

extension Retention {
  /// Whether a person could have said so.
  fileprivate var isPlain: Bool {
    [last, daily, weekly, monthly].allSatisfy { $0.map { Self.problem(inCount: $0) == nil } ?? true }
  }
}

extension SelectedSet {
  /// Whether its paths lie in an instance's own folders.
  fileprivate var isPlain: Bool {
    switch source {
    case .dump: true
    case .files(let paths, _), .sqlite(let paths):
      paths.allSatisfy { path in
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.first.map { ScopePaths.ownFolders.contains(String($0)) } ?? false
          && !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } && !path.utf8.contains(0)
      }
    }
  }
}
