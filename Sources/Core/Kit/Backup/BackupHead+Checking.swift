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
      ("the instance's limits", instance.limits.memory.map { ByteSize.bytes(of: $0) != nil } ?? true),
      ("a build of the instance's", instance.builds.allSatisfy(\.isPlain)),
      ("the instance's schedule", instance.backup?.schedule.flatMap(BackupPolicy.problem(inSchedule:)) == nil),
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
