import BerthKit

/// Text as servers and players write it, made fit for people and terminals.
///
/// Bytes are UTF-8 where they can be, else Latin-1. Nothing that steers a terminal or turns the direction of what
/// follows stays in it.
public enum ServerText {
  /// The most characters of a name.
  static let longestLine = 256

  /// One line, such as a name.
  public static func line(_ bytes: some Collection<UInt8>) -> String { line(decoded(bytes)) }

  /// One line of a text that is decoded already.
  public static func line(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    line.append(contentsOf: plain(text).lazy.filter { $0 != "\n" && $0 != "\t" }.prefix(longestLine))
    return String(line)
  }

  /// Several lines, such as what a command says.
  public static func lines(_ bytes: some Collection<UInt8>) -> String { lines(decoded(bytes)) }

  /// Several lines of a text that is decoded already.
  public static func lines(_ text: String) -> String {
    var lines = String.UnicodeScalarView()
    lines.append(contentsOf: plain(text))
    while lines.last == "\n" { lines.removeLast() }
    return String(lines)
  }

  /// The text without the codes that begin with a mark and have one character more: `^1` of Quake, `§a` of Minecraft.
  static func withoutColours(_ text: String, mark: Unicode.Scalar) -> String {
    var kept = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == mark else {
        kept.append(scalar)
        continue
      }
      guard let code = scalars.next() else { break }
      if !(code.isASCII && (code.properties.isAlphabetic || code.properties.numericType != nil)) {
        kept.append(mark)
        if code != mark { kept.append(code) }
      }
    }
    return String(kept)
  }

  static func decoded(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: bytes.lazy.map { Unicode.Scalar($0) })
    return String(text)
  }

  /// Without anything that is not shown, but for new lines and tabs; escape sequences go as a whole (ECMA-48).
  private static func plain(_ text: String) -> [Unicode.Scalar] {
    var kept: [Unicode.Scalar] = []
    var isSequence = false
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if isSequence {
        // Parameters, until a letter or its like ends them.
        isSequence = (0x20...0x3f).contains(scalar.value)
        continue
      }
      if isEscaped {
        isEscaped = false
        isSequence = scalar == "["
        if isSequence { continue }
      }
      if scalar.value == 0x1b {
        isEscaped = true
      } else if scalar.value == 0x9b {
        isSequence = true
      } else if isShown(scalar) {
        kept.append(scalar)
      }
    }
    return kept
  }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\n" || scalar == "\t" { return true }
    return !VisibleText.isHidden(scalar) && ![.privateUse, .unassigned].contains(scalar.properties.generalCategory)
  }
}
