/// Readings of the config formats by the rules of the programs that use them, not by our renderer.
enum FormatReaders {
  /// `key = value`: the key runs to the first ` = `, the value to the end of the line.
  static func properties(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for line in text.split(separator: "\n") {
      if let range = line.firstRange(of: " = ") {
        values[String(line[..<range.lowerBound])] = String(line[range.upperBound...])
      } else if line.hasSuffix(" =") {
        values[String(line.dropLast(2))] = ""
      }
    }
    return values
  }

  /// A line as Teeworlds runs it: first cut into commands at `;` and ended by `#`, then read word by word.
  ///
  /// Both steps know strings in double quotes. The first skips a `"` behind any backslash; the second reads `\"` and `\\`
  /// inside a string and takes every other backslash as it is. Nil when the line would be more than one command.
  static func words(_ line: Substring) -> (key: String, value: String)? {
    let scalars = Array(line.unicodeScalars)
    var isInString = false
    var index = 0
    while index < scalars.count {
      switch scalars[index] {
      case "\"": isInString.toggle()
      case "\\" where index + 1 < scalars.count && scalars[index + 1] == "\"": index += 1
      case ";" where !isInString, "#" where !isInString: return nil
      default: break
      }
      index += 1
    }
    let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    return argument(Array(parts[1].unicodeScalars)).map { (String(parts[0]), $0) }
  }

  private static func argument(_ scalars: [Unicode.Scalar]) -> String? {
    guard scalars.first == "\"" else {
      return scalars.isEmpty || scalars.contains(" ") ? nil : String(String.UnicodeScalarView(scalars))
    }
    var value = String.UnicodeScalarView()
    var rest = scalars.dropFirst()
    while let scalar = rest.popFirst() {
      if scalar == "\"" { return rest.isEmpty ? String(value) : nil }
      if scalar == "\\", let next = rest.first, next == "\\" || next == "\"" {
        value.append(next)
        rest.removeFirst()
      } else {
        value.append(scalar)
      }
    }
    return nil
  }
}
