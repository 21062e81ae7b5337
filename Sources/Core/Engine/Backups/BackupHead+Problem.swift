import BerthKit

extension BackupHead {
  /// What it says that no Berth has written; nil when there is nothing.
  ///
  /// An archive may come from anywhere, and what it says becomes a part of paths, of unit files and of lines that are
  /// shown.
  var problem: String? {
    let names = [("id", id), ("instance", instance.uid)] + chain.map { ("link", $0.id) }
    for (name, text) in names where !Self.isUUID(text) { return "its \(name) is no UUID" }
    if UTCTime(createdAt) == nil { return "its time cannot be read" }
    if !Self.isName(instance.name, of: instance.key.id) { return "its instance has a name that cannot be" }
    if chain.contains(where: { $0.file.isEmpty || $0.file.contains("/") }) { return "it needs a file that cannot be" }
    if sets.contains(where: { !Self.isIdentifier($0.name) }) { return "a set of it has a name that cannot be" }
    if let port = instance.ports.first(where: { !(1...65535).contains($0.port.number) }) {
      return "it has the port \(port.port.number)"
    }
    if instance.images.contains(where: { !$0.value.isPlain }) { return "it has an image that cannot be" }
    return instance.limits.problem ?? instance.backup?.problem ?? problemOfTexts
  }

  private var problemOfTexts: String? {
    let labels = instance.labels.flatMap { [$0.key, $0.value] }
    let texts =
      [hostName, instance.version ?? "", instance.pluginVersion ?? ""] + labels + chain.map(\.file)
      + instance.ports.map(\.role)
    return texts.contains(where: \.hasControlCharacter) ? "a text in it has a control character" : nil
  }

  private static func isUUID(_ text: String) -> Bool {
    (try? InstanceID(text)).map { $0 != .default } ?? false
  }

  private static func isName(_ name: InstanceName, of id: InstanceID) -> Bool {
    name == InstanceName(automaticFor: id) || (try? InstanceName(name.text)) != nil
  }

  private static func isIdentifier(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "-")
      }
  }
}

extension InstanceLimits {
  fileprivate var problem: String? {
    let isFine =
      memory.map { ByteSize.bytes(of: $0) != nil } ?? true && cpus.map { $0 > 0 && $0.isFinite } ?? true
      && tasks.map { $0 > 0 } ?? true
    return isFine ? nil : "its instance has limits that cannot be"
  }
}

extension BackupPolicy {
  fileprivate var problem: String? {
    let counts = [keep?.last, keep?.daily, keep?.weekly, keep?.monthly].compactMap { $0 }
    return schedule.flatMap(Self.problem) ?? counts.lazy.compactMap(Retention.problem).first
  }
}

extension ImagePin {
  /// Whether it is what an engine may have said of it.
  fileprivate var isPlain: Bool {
    ImageReference.isComplete(reference) && digest.map(ImageReference.isComplete) ?? true
      && id.map { $0.wholeMatch(of: /(sha256:)?[0-9a-f]{64}/) != nil } ?? true
  }
}
