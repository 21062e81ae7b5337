/// systemd's reading of environment files and command lines, written from its manual pages and not from our renderer.
enum SystemdReader {
  struct Malformed: Error {
    let text: String
  }

  /// An environment file by systemd.exec(5), `EnvironmentFile=`: comments, then `KEY=` with a value in double quotes.
  ///
  /// In double quotes a backslash escapes `"`, `\`, `` ` `` and `$`; before anything else it stands for itself.
  static func environment(_ text: String) throws -> [String: String] {
    var variables: [String: String] = [:]
    for line in text.split(separator: "\n") {
      if line.hasPrefix("#") || line.hasPrefix(";") { continue }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].first == "\"" else { throw Malformed(text: String(line)) }
      var value = ""
      var rest = Array(parts[1].unicodeScalars.dropFirst())[...]
      while let scalar = rest.popFirst(), scalar != "\"" {
        if scalar == "\\", let next = rest.first, "\"\\`$".unicodeScalars.contains(next) {
          value.unicodeScalars.append(next)
          rest.removeFirst()
        } else {
          value.unicodeScalars.append(scalar)
        }
        if rest.isEmpty { throw Malformed(text: String(line)) }
      }
      guard rest.isEmpty else { throw Malformed(text: String(line)) }
      variables[String(parts[0])] = value
    }
    return variables
  }

  /// A command line by systemd.service(5): words in double quotes with C escapes, then specifiers, then variables.
  ///
  /// - Parameter environment: what `${NAME}` stands for.
  static func arguments(_ line: String, environment: [String: String]) throws -> [String] {
    try words(line).map { try substituted(try specified($0), environment) }
  }

  private static func words(_ line: String) throws -> [String] {
    var words: [String] = []
    var rest = Array(line.unicodeScalars)[...]
    while true {
      while rest.first == " " { rest.removeFirst() }
      guard let first = rest.popFirst() else { return words }
      guard first == "\"" else { throw Malformed(text: "a word without quotes: \(line)") }
      var word = ""
      while true {
        guard let scalar = rest.popFirst() else { throw Malformed(text: "no closing quote: \(line)") }
        if scalar == "\"" { break }
        guard scalar == "\\" else {
          word.unicodeScalars.append(scalar)
          continue
        }
        // Of the C escapes only these two are written by us; any other would change the text.
        guard let escaped = rest.popFirst(), "\"\\".unicodeScalars.contains(escaped) else {
          throw Malformed(text: "an escape that is not ours: \(line)")
        }
        word.unicodeScalars.append(escaped)
      }
      guard rest.first == nil || rest.first == " " else { throw Malformed(text: "text behind a quote: \(line)") }
      words.append(word)
    }
  }

  /// `%%` is a percent sign; what else begins with one is a specifier, and none may be in an argument of ours.
  private static func specified(_ word: String) throws -> String {
    var text = ""
    var rest = Array(word.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      if scalar == "%", rest.popFirst() != "%" { throw Malformed(text: "a specifier: \(word)") }
      text.unicodeScalars.append(scalar)
    }
    return text
  }

  /// `$$` is a dollar sign and `${NAME}` a variable; a lone dollar sign would be one too.
  private static func substituted(_ word: String, _ environment: [String: String]) throws -> String {
    var text = ""
    var rest = Array(word.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      guard scalar == "$" else {
        text.unicodeScalars.append(scalar)
        continue
      }
      switch rest.popFirst() {
      case "$": text += "$"
      case "{":
        guard let end = rest.firstIndex(of: "}") else { throw Malformed(text: "an open variable: \(word)") }
        let name = String(String.UnicodeScalarView(rest[..<end]))
        guard let value = environment[name] else { throw Malformed(text: "an unknown variable: \(name)") }
        text += value
        rest = rest[(end + 1)...]
      default: throw Malformed(text: "a lone dollar sign: \(word)")
      }
    }
    return text
  }
}
