import BerthKit

/// Something that a file from elsewhere asks for, and that reaches further than the app's own files: it is given only when
/// a person confirms it by its word.
public struct Grant: Sendable, Hashable, Codable {
  /// What a person has said to it.
  public enum Answer: String, Sendable, Codable { case open, accepted, declined }

  /// The word of `--accept` that takes everything that has to be answered, for files that one has written oneself.
  public static let all = "all"

  /// The word that `--accept` takes: a setting's name, or one of the words of ``Item``. A fleet file is about several apps,
  /// so that the app and a dot stand before it there.
  public let item: String
  /// What the file says, as one line.
  public let value: String
  /// What it would give, in a few words.
  public let meaning: String
  /// Where it is asked for, such as `fleet.yaml:7`; nil for the archive that is restored.
  public let source: String?
  public var answer: Answer
  /// Whether it is left out unless it is accepted, with nobody asked.
  public let isOptional: Bool

  package init(_ item: String, _ value: String, _ meaning: String, source: String? = nil, isOptional: Bool = false) {
    self.item = item
    // The whole of it: what is confirmed has to be seen.
    self.value = String(String.UnicodeScalarView(value.unicodeScalars.map { Self.isVisible($0) ? $0 : "?" }))
    self.meaning = meaning
    self.source = source
    self.isOptional = isOptional
    answer = .open
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
    default: true
    }
  }

  /// What a file may ask for beside settings.
  package enum Item: String, CaseIterable {
    case id, dir, limits, labels, schedule, pool, ports, builds, owners
    /// What its containers have in their environment beside what the plugin says.
    case variables
    /// That an archive unpacks to many times its own size.
    case size
  }

  /// Whether it has to be answered and was not.
  public var isOpen: Bool { answer == .open && !isOptional }

  /// In a line, for people.
  public var text: String { "\(item) = '\(value)' (\(meaning))" }

  /// The same for another app among several, at a place of their file.
  package func of(_ app: String, at place: String) -> Grant {
    Grant("\(app).\(item)", value, meaning, source: place, isOptional: isOptional)
  }

  /// One for each word, with all values that it stands for, in the order in which they come.
  public static func combined(_ grants: [Grant]) -> [Grant] {
    var values: [String: [String]] = [:]
    var seen: Set<[String]> = []
    var first: [Grant] = []
    for grant in grants {
      if values[grant.item] == nil { first.append(grant) }
      if seen.insert([grant.item, grant.value]).inserted { values[grant.item, default: []].append(grant.value) }
    }
    return first.map { grant in
      Grant(
        grant.item, (values[grant.item] ?? []).joined(separator: "', '"), grant.meaning, source: grant.source,
        isOptional: grant.isOptional)
    }
  }
}

extension Plan {
  /// Everything that is asked for and nobody has confirmed.
  public var openGrants: [Grant] { changes.flatMap(\.grants).filter(\.isOpen) }

  /// The same plan with what each instance asks for.
  package func asking(_ grants: (InstanceChange) -> [Grant]) -> Plan {
    Plan(
      verb: verb,
      changes: changes.map { change in
        let grants = grants(change)
        return grants.isEmpty ? change : change.asking(for: grants)
      }, steps: steps, refused: refused)
  }
}
