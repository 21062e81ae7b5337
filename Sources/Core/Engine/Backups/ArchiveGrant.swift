import BerthKit

/// Something that an archive from elsewhere asks for, and that reaches further than the app's own files: it is given only
/// when a person confirms it by its word.
public struct ArchiveGrant: Sendable, Hashable, Codable {
  /// What a person has said to it.
  public enum Answer: String, Sendable, Codable { case open, accepted, declined }

  /// The word that `--accept` takes: a setting's name, or one of the words of ``Item``.
  public let item: String
  /// What the archive says, as one line.
  public let value: String
  /// What it would give, in a few words.
  public let meaning: String
  public var answer: Answer
  /// Whether it is left out unless it is accepted, with nobody asked.
  public let isOptional: Bool

  init(_ item: String, _ value: String, _ meaning: String, isOptional: Bool = false) {
    self.item = item
    // The whole of it: what is confirmed has to be seen.
    self.value = String(String.UnicodeScalarView(value.unicodeScalars.map { Self.isVisible($0) ? $0 : "?" }))
    self.meaning = meaning
    self.isOptional = isOptional
    answer = .open
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
    default: true
    }
  }

  /// What an archive may ask for beside settings.
  enum Item: String, CaseIterable {
    case id, limits, labels, schedule, pool, ports, builds, owners
  }

  /// In a line, for people.
  public var text: String { "\(item) = '\(value)' (\(meaning))" }
}
