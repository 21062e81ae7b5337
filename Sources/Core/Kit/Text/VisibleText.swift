/// Text of others, made fit for a terminal: what steers a terminal, turns the direction of what follows or cannot be seen is
/// shown by its number, as `\x1b` or `\u202e`, and a byte that is not UTF-8 (``RawText``) as `\xf4`.
///
/// Everything else stays as it is, so that a text that was made visible is the same when that is done again.
public enum VisibleText {
  /// A text of one line.
  public static func line(_ text: String) -> String { shown(text, keeps: []) }

  /// A text of several lines, with tabs.
  public static func block(_ text: String) -> String { shown(text, keeps: ["\n", "\t"]) }

  /// JSON in which such characters, all of which stand in strings, are escaped as JSON does. Its meaning stays; but JSON
  /// has no bytes, and U+FFFD stands for each that is not UTF-8.
  public static func json(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { isHidden($0) && $0 != "\n" }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard isHidden(scalar), scalar != "\n" else {
        result.append(scalar)
        continue
      }
      let shown = RawText.byte(of: scalar) == nil ? scalar : "\u{FFFD}"
      for unit in String(shown).utf16 { result.append(contentsOf: "\\u\(hex(UInt32(unit), 4))".unicodeScalars) }
    }
    return String(result)
  }

  /// Whether a character does something else than to be seen.
  public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    // The most of every text.
    if (0x20...0x7e).contains(scalar.value) { return false }
    if RawText.byte(of: scalar) != nil { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
    // Selectors of a character's form, fillers and non-characters are no more to be seen.
    default: return scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isNoncharacterCodePoint
    }
  }

  /// Whether a character is not to be seen, or cannot be told from a common space.
  public static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    // The pattern of Braille without a dot is a blank as well.
    isHidden(scalar) || scalar.value == 0x2800 || scalar.properties.generalCategory == .spaceSeparator && scalar != " "
  }

  private static func shown(_ text: String, keeps kept: Set<Unicode.Scalar>) -> String {
    // The most of all texts.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 <= 0x7e }) { return text }
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard isHidden(scalar), !kept.contains(scalar) else {
        result.append(scalar)
        continue
      }
      let value = RawText.byte(of: scalar).map(UInt32.init) ?? scalar.value
      let number =
        value < 0x100
        ? "\\x\(hex(value, 2))"
        : scalar.value < 0x10000
          ? "\\u\(hex(scalar.value, 4))" : "\\U\(hex(scalar.value, 8))"
      result.append(contentsOf: number.unicodeScalars)
    }
    return String(result)
  }

  private static func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
