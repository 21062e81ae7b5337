/// A fleet as the text of a fleet file, which ``FleetReader`` reads back as the same fleet.
///
/// One thing is lost on the way: a byte order mark at the beginning of a text, which the YAML library takes off.
public enum FleetWriter {
  /// The whole file, with a comment on top; what is empty is left out.
  public static func text(_ fleet: FleetFile) -> String {
    var lines = [
      "# A fleet file: the instances that a host should have.",
      "# 'berth plan -f FILE' shows what it would change here, and 'berth apply -f FILE' does it.",
      "schema: 1",
    ]
    if let name = fleet.name { lines.append("name: \(quoted(name))") }
    if fleet.instances.isEmpty {
      lines.append("instances: []")
    } else {
      lines.append("instances:")
      for instance in fleet.instances { lines += self.lines(of: instance) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(of instance: FleetInstance) -> [String] {
    var lines = ["  - app: \(quoted(instance.app))"]
    if let name = instance.name { lines.append("    name: \(quoted(name.text))") }
    if let id = instance.id { lines.append("    id: \(quoted(id.text))") }
    lines.append("    enabled: \(instance.enabled)")
    if let directory = instance.directory { lines.append("    dir: \(quoted(directory))") }
    if let pool = instance.pool { lines.append("    pool: \(quoted(pool))") }
    lines += mapping("ports", instance.ports.mapValues(String.init))
    lines += mapping("settings", instance.settings.mapValues(quoted))
    lines += mapping("labels", instance.labels.mapValues(quoted))
    var limits: [(String, String)] = []
    if let memory = instance.limits.memory { limits.append(("memory", quoted(memory))) }
    if let cpus = instance.limits.cpus { limits.append(("cpus", "\(cpus)")) }
    if let tasks = instance.limits.tasks { limits.append(("tasks", "\(tasks)")) }
    if !limits.isEmpty { lines.append("    limits:") }
    lines += limits.map { "      \($0): \($1)" }
    return lines + self.lines(of: instance.backup)
  }

  private static func lines(of backup: BackupPolicy) -> [String] {
    guard !backup.isEmpty else { return [] }
    var lines = ["    backup:"]
    if let schedule = backup.schedule { lines.append("      schedule: \(quoted(schedule))") }
    guard let keep = backup.keep else { return lines }
    let counts = [("last", keep.last), ("daily", keep.daily), ("weekly", keep.weekly), ("monthly", keep.monthly)]
    let pairs = counts.compactMap { name, count in count.map { "\(name): \($0)" } }
    return lines + ["      keep: { \(pairs.joined(separator: ", ")) }"]
  }

  private static func mapping(_ key: String, _ values: [String: String]) -> [String] {
    guard !values.isEmpty else { return [] }
    return ["    \(key):"] + values.sorted { $0.key < $1.key }.map { "      \(quoted($0.key)): \($0.value)" }
  }

  /// A scalar that no reader of YAML can take for anything else: bare when it is a plain word, else in double quotes.
  static func quoted(_ text: String) -> String {
    if isPlainWord(text) { return text }
    var quoted = "\""
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      switch scalar {
      // Who looks for anchors before parsing finds none in a text.
      case "&" where index + 1 < scalars.count && scalars[index + 1] != " ": quoted += "\\x26"
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case " "..."~": quoted.unicodeScalars.append(scalar)
      // Letters of all scripts stay readable. Whatever is invisible, or not allowed bare in YAML, is written as a number.
      case _ where scalar.properties.isAlphabetic && scalar.value <= 0xFFFF: quoted.unicodeScalars.append(scalar)
      default: quoted += "\\U" + String(repeating: "0", count: 8 - hex(scalar).count) + hex(scalar)
      }
    }
    return quoted + "\""
  }

  private static func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16) }

  /// Letters, digits, `_`, `-`, `.` and `/` behind a letter, and none of the words that YAML gives a type.
  private static func isPlainWord(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.allSatisfy(isWordByte) else { return false }
    return !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_-./".utf8.contains(byte)
  }
}
