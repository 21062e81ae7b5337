import BerthKit

extension Manifest {
  /// The values of stored settings, as far as they still fit what the plugin declares.
  package func values(of stored: [StoredSetting]) -> [String: Value] {
    named(stored).reduce(into: [:]) { values, setting in
      values[setting.key] = try? self.stored(setting.key)?.parse(setting.value)
    }
  }

  /// Stored settings under the names that the plugin has for them now. Those that it does not know keep theirs.
  ///
  /// Where several values have come to mean one setting, the one with the newest name counts.
  package func named(_ stored: [StoredSetting]) -> [StoredSetting] {
    let renamed = settings.filter { $0.formerIDs != nil }
    guard !renamed.isEmpty else { return stored }
    let byKey = Dictionary(stored.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var names: [String: String] = [:]
    for setting in renamed where byKey[setting.id] == nil {
      guard let former = setting.formerIDs?.first(where: { byKey[$0] != nil }) else { continue }
      names[former] = setting.id
    }
    return stored.map { names[$0.key].map($0.named) ?? $0 }
  }

  /// Values that somebody chose and that the plugin has no place for any more.
  package func homeless(_ stored: [StoredSetting]) -> [StoredSetting] {
    named(stored).filter { !$0.isDefault && self.stored($0.key) == nil }
  }

  /// The settings whose values differ between what an instance has and what it shall have.
  package func changed(from former: [StoredSetting], to settings: [StoredSetting]) -> Set<String> {
    let (old, new) = (values(of: former), values(of: settings))
    return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
  }
}

extension StoredSetting {
  /// The same value under another name.
  fileprivate func named(_ key: String) -> StoredSetting {
    StoredSetting(key: key, value: value, isSecret: isSecret, isDefault: isDefault)
  }
}
