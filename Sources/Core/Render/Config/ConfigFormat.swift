import BerthKit

/// How one format of config files is read and changed: text in, text out.
///
/// What is not assigned stays to the byte: comments, order, blank lines, other keys, the ends of lines. Assigning what
/// is already there changes nothing.
protocol ConfigFormat {
  /// The value at a path as plain text; nil when the key is not there.
  ///
  /// - Throws: ``Unreadable``.
  static func value(at path: [String], in text: String) throws -> String?

  /// The text with all assignments done.
  ///
  /// - Parameter existing: what is on the disk; empty for a new file.
  /// - Throws: ``Unreadable``, and ``Refused`` for a value that the format cannot say.
  static func text(_ existing: String, with assignments: [ConfigAssignment]) throws -> String
}

/// A format in which one key after the other is set by its path.
protocol PathFormat: ConfigFormat {
  /// The text with the value at one path.
  ///
  /// - Parameter value: nil to take the key out.
  static func text(_ existing: String, setting path: [String], to value: Value?) throws -> String
}

extension PathFormat {
  static func text(_ existing: String, with assignments: [ConfigAssignment]) throws -> String {
    var text = existing
    for assignment in assignments {
      if assignment.isInitial {
        guard assignment.value != nil, try value(at: assignment.path, in: text) == nil else { continue }
      }
      do {
        text = try Self.text(text, setting: assignment.path, to: assignment.value)
      } catch let refused as Refused {
        throw refused.of(assignment.key)
      }
    }
    if !text.isSame(as: existing), let place = existing.utf8.firstIndex(of: 0) {
      throw Unreadable(
        line: ByteText(existing).line(at: existing.utf8.distance(from: existing.startIndex, to: place)),
        problem: "a NUL stands in it")
    }
    return text
  }
}

/// A format cannot say a value.
struct Refused: Error {
  let reason: String
  var key: String?

  init(reason: String) { self.reason = reason }

  func of(_ key: String) -> Refused {
    var copy = self
    copy.key = self.key ?? key
    return copy
  }
}

/// A text is not what its format says, so that nothing in it can be changed safely.
struct Unreadable: Error, Equatable {
  /// From 1.
  let line: Int
  let problem: String
}

extension ConfigFile.Format {
  /// Its reader and writer; nil where a file is always written whole.
  var implementation: (any ConfigFormat.Type)? {
    switch self {
    case .properties: PropertiesFormat.self
    case .words: WordsFormat.self
    case .env: EnvironmentFormat.self
    case .ini: IniFormat.self
    case .xml: XMLFormat.self
    case .json: JSONFormat.self
    case .yaml: YAMLFormat.self
    case .toml: TOMLFormat.self
    case .unreal: UnrealFormat.self
    case .template, .custom: nil
    }
  }

  /// Whether a number and a text of digits are two things in it.
  var hasTypes: Bool {
    switch self {
    case .json, .yaml, .toml, .unreal: true
    case .properties, .words, .env, .ini, .xml, .template, .custom: false
    }
  }
}
