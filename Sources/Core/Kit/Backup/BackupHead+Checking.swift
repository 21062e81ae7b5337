extension BackupHead {
  /// What of it cannot be, as an archive may come from anywhere and its words become paths, units and users; nil when
  /// all is well. Every number and every length in it is bounded here.
  public var problem: String? {
    let words: [(String, Bool)] = [
      ("its id", InstanceID.isUUID(id)),
      ("its time", UTCTime(createdAt) != nil),
      ("its host", Bound.word(hostName)),
      ("the instance's uid", InstanceID.isUUID(instance.uid)),
      ("the app", ManifestValidator.isIdentifier(instance.key.app) && instance.key.app == manifest.id),
      ("the instance's name", isName(instance.name)),
      ("the instance's time", UTCTime(instance.createdAt) != nil),
      (
        "the instance's labels",
        instance.labels.count <= Bound.labels && instance.labels.allSatisfy { Bound.word("\($0.key)\($0.value)") }
      ),
      (
        "the instance's version",
        [instance.version, instance.pluginVersion].allSatisfy { $0.map { Bound.word($0) } ?? true }
      ),
      ("a port of the instance's", instance.ports.count <= Bound.parts && instance.ports.allSatisfy(\.isPlain)),
      ("the instance's limits", instance.limits.isPlain),
      (
        "an image of the instance's",
        instance.images.count <= Bound.parts && instance.images.allSatisfy { Bound.word($0.key) && $0.value.isPlain }
      ),
      ("a build of the instance's", instance.builds.count <= Bound.parts && instance.builds.allSatisfy(\.isPlain)),
      ("the instance's schedule", instance.backup?.schedule.flatMap(BackupPolicy.problem(inSchedule:)) == nil),
      ("the instance's retention", instance.backup?.keep.map(\.isPlain) ?? true),
      ("the instance's pool", instance.pool.map { ManifestValidator.isIdentifier($0) } ?? true),
      ("a setting", settings.count <= Bound.settings && settings.allSatisfy(\.isPlain)),
      ("a setting that stands there twice", Set(settings.map(\.key)).count == settings.count),
      (
        "a set's name",
        sets.count <= Bound.parts && sets.allSatisfy { ManifestValidator.isIdentifier($0.name) }
      ),
      ("a set's path", sets.allSatisfy(\.isPlain) && sets.reduce(0) { $0 + $1.patterns.count } <= Bound.patterns),
      ("its plugin", manifest.settings.count <= Bound.settings),
      ("its chain's length", (kind == .full) == chain.isEmpty && chain.count <= Bound.chain),
      ("its chain", chain.allSatisfy(\.isPlain)),
    ]
    return words.first { !$0.1 }.map { "\($0.0) cannot be that" }
  }

  private func isName(_ name: InstanceName) -> Bool {
    name == InstanceName(automaticFor: instance.key.id) || (try? InstanceName(name.text)) != nil
  }
}

/// How much a head may say.
private enum Bound {
  /// A plugin declares a few of each.
  static let parts = 256
  static let settings = 2_000
  static let labels = 1_000
  /// Ten is the most that Berth makes; what another one made may be longer.
  static let chain = 100
  static let bytes = 4096
  /// Every file is compared with each of them.
  static let patterns = 512

  /// Whether a text is one line of a bearable length.
  static func word(_ text: String) -> Bool { text.utf8.count <= bytes && !text.hasControlCharacter }
}

extension BackupHead.Link {
  /// Whether it can name an archive.
  fileprivate var isPlain: Bool {
    InstanceID.isUUID(id) && ManifestValidator.isFileName(file)
      && (seal.map { [$0.head, $0.list].allSatisfy { $0.wholeMatch(of: /[0-9a-f]{64}/) != nil } } ?? true)
  }
}

extension InstanceRecord.Port {
  /// Whether there is such a port.
  fileprivate var isPlain: Bool { ManifestValidator.isIdentifier(role) && (1...65535).contains(port.number) }
}

extension StoredSetting {
  /// Whether it is one line under a name. What it may be its plugin's declaration decides.
  fileprivate var isPlain: Bool {
    (ManifestValidator.isIdentifier(key) || OwnVariable(key: key) != nil) && Bound.word(value)
  }
}

extension ImagePin {
  /// Whether it is what an engine may have said of it.
  fileprivate var isPlain: Bool {
    ImageReference.isComplete(reference) && digest.map(ImageReference.isComplete) ?? true
      && id.map { $0.utf8.count <= 128 && $0.wholeMatch(of: /(sha256:)?[0-9a-f]{64}/) != nil } ?? true
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
    let paths =
      switch source {
      case .dump: [] as [String]
      case .files(let paths, _), .sqlite(let paths): paths
      }
    return paths.allSatisfy(isOwn) && patterns.allSatisfy { $0.utf8.count <= Bound.bytes && !$0.utf8.contains(0) }
  }

  /// All that files are compared with.
  fileprivate var patterns: [String] {
    switch source {
    case .dump: []
    case .files(let paths, let excluded): paths + excluded
    case .sqlite(let paths): paths
    }
  }

  private func isOwn(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.first.map { ScopePaths.ownFolders.contains(String($0)) } ?? false
      && !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
  }
}
