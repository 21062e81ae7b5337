/// The settings of an instance as a text that a person edits: YAML with what is to be known of each as a comment.
public enum SettingsSheet {
  /// A setting as it stands there.
  public struct Line: Sendable, Equatable {
    public let key: String
    /// Nil for one that is not set, or a secret, which is not shown.
    public let value: String?
    /// The heading above it; nil for none.
    public let group: String?
    /// What stands above it, a line each.
    public let comments: [String]

    public init(_ key: String, _ value: String?, group: String? = nil, comments: [String] = []) {
      self.key = key
      self.value = value
      self.group = group
      self.comments = comments
    }
  }

  /// The whole text; groups stand together, in the order in which they first appear.
  public static func text(_ lines: [Line], heading: [String]) -> String {
    var text = heading.map(comment)
    var groups: [String?] = []
    for line in lines where !groups.contains(line.group) { groups.append(line.group) }
    for group in groups {
      if let group { text += ["", comment("== \(group) ==")] }
      for line in lines where line.group == group {
        text.append("")
        text += line.comments.map(comment)
        // A key without a value would be nothing that YAML can tell from a mistake.
        text.append(line.value.map { "\(line.key): \(scalar($0))" } ?? "# \(line.key):")
      }
    }
    return text.joined(separator: "\n") + "\n"
  }

  /// What a text that was edited asks for, beside what stood there.
  ///
  /// - Parameter file: the path that errors name.
  /// - Returns: the values that are others now, and the keys that are gone.
  /// - Throws: `bad-settings` with file and line, also for a text with nothing in it.
  public static func changes(
    in text: String, from lines: [Line], file: String
  ) throws -> (settings: [String: String], unset: Set<String>) {
    let root = try YAMLFile(path: file, kind: .settings).root(of: text)
    let former = Dictionary(lines.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    // A variable of its own need not have stood there.
    let added = try root.entries().map(\.key).filter { OwnVariable.isKey($0) && former[$0] == nil }
    let fields = try root.fields(lines.map(\.key) + added)
    var settings: [String: String] = [:]
    for key in lines.map(\.key) + added {
      if let value = try fields[key]?.text(), value != former[key] ?? nil { settings[key] = value }
    }
    return (settings, Set(lines.filter { $0.value != nil && fields[$0.key] == nil }.map(\.key)))
  }

  /// Words and numbers are bare, since every scalar is read as text.
  private static func scalar(_ text: String) -> String {
    text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\/-]*/) == nil ? FleetWriter.quoted(text) : text
  }

  private static func comment(_ text: String) -> String { text.isEmpty ? "#" : "# \(text)" }
}
