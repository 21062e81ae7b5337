extension YAMLValue {
  /// As many labels as one mapping may have.
  private static let mostLabels = 100

  /// The text as whatever a check makes of it; what the check says stands at this place.
  func checked<Result>(_ check: (String) throws -> Result) throws -> Result {
    let text = try text()
    do { return try check(text) } catch let problem as BerthError { throw error(problem.summary) }
  }

  /// Labels: a key is a word, a value one line.
  func labels() throws -> [String: String] {
    var labels: [String: String] = [:]
    let entries = try entries()
    // Those of the defaults are copied for every instance.
    guard entries.count <= Self.mostLabels else { throw error("expected at most \(Self.mostLabels) labels") }
    for (key, value) in entries {
      guard key.utf8.allSatisfy(Self.isLabelByte) else {
        throw value.error("a label's key is made of letters, digits and . _ / -")
      }
      let text = try value.text()
      guard !text.hasControlCharacter else { throw value.error("a label's value is one line") }
      labels[key] = text
    }
    return labels
  }

  /// Bounds of an instance.
  func limits() throws -> InstanceLimits {
    let fields = try fields(["memory", "cpus", "tasks"])
    return InstanceLimits(
      memory: try fields["memory"]?.size(), cpus: try fields["cpus"]?.processors(), tasks: try fields["tasks"]?.tasks())
  }

  /// When an instance is backed up, and what stays.
  func backupPolicy() throws -> BackupPolicy {
    let fields = try fields(["schedule", "keep"])
    return BackupPolicy(schedule: try fields["schedule"]?.schedule(), keep: try fields["keep"]?.retention())
  }

  /// An absolute path that units can name, without empty parts.
  func directory() throws -> String {
    let text = try text()
    let parts = text.split(separator: "/")
    guard text.hasPrefix("/"), !parts.isEmpty, !parts.contains(where: { $0 == ".." || $0 == "." }) else {
      throw error("'\(text)' is not an absolute path without '.' and '..'")
    }
    // What unit files give a meaning to.
    guard !text.hasControlCharacter, !text.contains(where: { ":\"'\\$".contains($0) }) else {
      throw error("a control character and : \" ' \\ $ cannot stand in a path here")
    }
    return "/" + parts.joined(separator: "/")
  }

  private func size() throws -> String {
    let text = try text()
    guard InstanceLimits.isMemory(text) else {
      throw error("expected a size from 6M on, such as 512M or 2G, found '\(text)'")
    }
    return text
  }

  private func processors() throws -> Double {
    let text = try text()
    // The service manager counts in hundredths.
    guard text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || Self.isDigit($0) }), let number = Double(text),
      InstanceLimits.processors.contains(number)
    else { throw error("expected a number of processors above 0, such as 0.5 or 2, found '\(text)'") }
    return number
  }

  private func tasks() throws -> Int {
    let number = try integer()
    guard InstanceLimits.processes.contains(number) else {
      throw error("expected 1 to \(InstanceLimits.processes.upperBound), found \(number)")
    }
    return number
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    default: isDigit(byte) || "._/-".utf8.contains(byte)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
