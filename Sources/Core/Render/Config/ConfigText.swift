import BerthKit

/// Config files by their keys: reads one, sets some.
public enum ConfigText {
  /// The value at a path as plain text; nil when the key is not there, or the format has no keys.
  ///
  /// - Parameter file: the path that errors name.
  /// - Throws: `broken-config-file` when the text is not what the format says.
  public static func value(
    at path: [String], of text: String, format: ConfigFile.Format, file: String
  ) throws -> String? {
    try named(file, format, text) { try format.implementation?.value(at: path, in: text) }
  }

  /// The text with all assignments done, and everything else as it is.
  ///
  /// - Parameters:
  ///   - text: what is on the disk; empty for a new file.
  ///   - file: the path that errors name.
  ///   - id: what the manifest calls the file.
  ///   - encoding: of the program that reads it; nil for UTF-8.
  /// - Throws: `broken-config-file` when the text is not what the format says, `bad-config-value` when the format cannot
  ///   say a value.
  public static func setting(
    _ assignments: [ConfigAssignment], in text: String, format: ConfigFile.Format, file: String, id: String,
    encoding: ConfigFile.Encoding? = nil
  ) throws -> String {
    for assignment in assignments where assignment.value?.plain.hasControlCharacter == true {
      throw BerthError.unsayable(assignment.key, in: id, reason: "it has a control character")
    }
    guard let implementation = format.implementation else { return text }
    do {
      let assignments = try assignments.map { assignment in
        do {
          return ConfigAssignment(
            assignment.path, try assignment.value?.encoded(encoding), isInitial: assignment.isInitial)
        } catch let refused as Refused { throw refused.of(assignment.key) }
      }
      return try named(file, format, text) { try implementation.text(text, with: assignments) }
    } catch let refused as Refused {
      throw BerthError.unsayable(refused.key ?? "", in: id, reason: refused.reason)
    }
  }

  /// The text with everything set that Berth sets in it, as it is read again.
  ///
  /// - Parameter file: the path that errors name.
  /// - Throws: what ``setting(_:in:format:file:id:encoding:)`` throws.
  public static func applying(_ edits: ConfigEdits, to text: String, file: String) throws -> String {
    let set = try setting(
      edits.assignments, in: text, format: edits.format, file: file, id: edits.id, encoding: edits.encoding)
    // To Berth two bytes of another encoding may be a letter.
    return edits.encoding == nil ? set : RawText.text(of: RawText.bytes(of: set))
  }

  /// The part of what Berth sets that a text does not say, without keys that are set only once.
  ///
  /// - Throws: `broken-config-file`.
  public static func missing(_ edits: ConfigEdits, in text: String, file: String) throws -> ConfigEdits {
    var one = edits
    var missing = edits
    missing.assignments = try edits.assignments.filter { assignment in
      guard !assignment.isInitial else { return false }
      one.assignments = [assignment]
      return try !applying(one, to: text, file: file).isSame(as: text)
    }
    return missing
  }

  private static func named<Result>(
    _ file: String, _ format: ConfigFile.Format, _ text: String, _ body: () throws -> Result
  ) throws -> Result {
    do {
      // In it, every letter has a NUL beside. The mark is FF FE or FE FF.
      guard !["\u{10FFFF}\u{10FFFE}", "\u{10FFFE}\u{10FFFF}"].contains(where: { text.utf8.starts(with: $0.utf8) })
      else {
        throw Unreadable(line: 1, problem: "it is UTF-16")
      }
      return try body()
    } catch let unreadable as Unreadable {
      throw BerthError.brokenConfigFile(
        file, line: unreadable.line, format: format.rawValue, problem: unreadable.problem)
    }
  }
}
