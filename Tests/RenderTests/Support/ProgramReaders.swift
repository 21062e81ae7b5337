import BerthKit

/// Whole config files, read by the rules of the programs that use them.
enum ProgramReaders {
  struct Reader {
    let read: (String) -> [String: String]
    /// Whether no text with a quote or a backslash can be said to it.
    var isWithoutEscapes = false
    /// What begins a longer value, or a part, to the others alone, so that one file can never mean the same to all.
    var unknown: [String] = []

    func understands(_ text: String) -> Bool { !unknown.contains { text.contains($0) } }
  }

  /// The programs that read a format.
  ///
  /// - Parameter isQuake: whether it is a `words` file for the Quake III engine.
  static func of(_ format: ConfigFile.Format, isQuake: Bool = false) -> [Reader] {
    switch format {
    case .properties:
      [Reader(read: luanti), Reader(read: java, isWithoutEscapes: true, unknown: ["\"\"\"", "{", "["])]
    case .words where isQuake: [Reader(read: quake3, isWithoutEscapes: true)]
    case .words: [Reader(read: teeworlds), Reader(read: source, isWithoutEscapes: true)]
    case .env: [Reader(read: systemd)]
    default: []
    }
  }

  /// Luanti: lines end at line feeds alone, the last of two equal keys holds, `"""` and `{` begin longer values.
  static func luanti(_ text: String) -> [String: String] {
    var lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }[...]
    var values: [String: String] = [:]
    _ = group(&lines, isInner: false, into: &values)
    return values
  }

  private static func group(
    _ lines: inout ArraySlice<[UInt8]>, isInner: Bool, into values: inout [String: String]
  ) -> Bool {
    while let raw = lines.popFirst() {
      let line = trimmed(raw[...])
      if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
      if isInner, Array(line) == Array("}".utf8) { return true }
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let key = string(trimmed(line[..<equals]))
      let value = string(trimmed(line[(equals + 1)...]))
      if value == "{" {
        var inner: [String: String] = [:]
        // A group without an end ends the file.
        guard group(&lines, isInner: true, into: &inner) else { return false }
        values[key] = "a group"
      } else if value == "\"\"\"" {
        while let line = lines.popFirst(), string(line[...]) != "\"\"\"" {}
        values[key] = "a long value"
      } else {
        values[key] = value
      }
    }
    return !isInner
  }

  /// Teeworlds: commands in any letters, cut at `;`, up to `#`; the last one holds.
  static func teeworlds(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for line in text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      for command in commands(Array(line)) {
        let parts = command.split(maxSplits: 1, whereSeparator: { $0 == 32 || (9...13).contains($0) })
        guard let word = parts.first else { continue }
        let key = string(word).lowercased()
        let argument = parts.count > 1 ? FormatReaders.words(Substring("x " + string(parts[1])))?.value : nil
        values[key] = argument ?? "?"
      }
    }
    return values
  }

  private static func commands(_ line: [UInt8]) -> [ArraySlice<UInt8>] {
    var commands: [ArraySlice<UInt8>] = []
    var begin = 0
    var index = 0
    var isInString = false
    while index < line.count {
      if line[index] == UInt8(ascii: "\"") { isInString.toggle() }
      if line[index] == UInt8(ascii: "\\"), index + 1 < line.count, line[index + 1] == UInt8(ascii: "\"") { index += 1 }
      if index < line.count, !isInString {
        if line[index] == UInt8(ascii: "#") { break }
        if line[index] == UInt8(ascii: ";") {
          commands.append(line[begin..<index])
          begin = index + 1
        }
      }
      index += 1
    }
    return commands + [line[begin..<min(index, line.count)]]
  }

  private enum State {
    case beforeKey, key, beforeValue, value, escape, single, double, doubleEscape, comment
  }

  /// systemd.exec(5), `EnvironmentFile=`, with a shell's `export`.
  static func systemd(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    var state = State.beforeKey
    var key: [UInt8] = []
    var value: [UInt8] = []
    var blanks: [UInt8] = []
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    func push() {
      // systemd ignores a line with 'export'. A person writes one for a shell or a dotenv library, which read it so.
      var name = trimmed(key[...])
      if name.starts(with: "export ".utf8) || name.starts(with: "export\t".utf8) { name = trimmed(name.dropFirst(7)) }
      values[string(name)] = string(value[...])
      (key, value, blanks) = ([], [], [])
    }
    for byte in text.utf8 {
      let isEnd = byte == 10 || byte == 13
      switch state {
      case .beforeKey:
        if byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
          state = .comment
        } else if !isBlank(byte) {
          (state, key) = (.key, [byte])
        }
      case .key:
        if isEnd {
          state = .beforeKey
        } else if byte == UInt8(ascii: "=") {
          state = .beforeValue
        } else {
          key.append(byte)
        }
      case .beforeValue:
        switch byte {
        case _ where isEnd:
          push()
          state = .beforeKey
        case UInt8(ascii: "'"): state = .single
        case UInt8(ascii: "\""): state = .double
        case UInt8(ascii: "\\"): state = .escape
        case _ where isBlank(byte): break
        default:
          value.append(byte)
          state = .value
        }
      case .value:
        switch byte {
        case _ where isEnd:
          push()
          state = .beforeKey
        case UInt8(ascii: "\\"):
          value += blanks
          blanks = []
          state = .escape
        case _ where isBlank(byte): blanks.append(byte)
        default:
          value += blanks + [byte]
          blanks = []
        }
      case .escape:
        if !isEnd { value.append(byte) }
        state = .value
      case .single: if byte == UInt8(ascii: "'") { state = .beforeValue } else { value.append(byte) }
      case .double:
        switch byte {
        case UInt8(ascii: "\""): state = .beforeValue
        case UInt8(ascii: "\\"): state = .doubleEscape
        default: value.append(byte)
        }
      case .doubleEscape:
        if !"\"\\`$".utf8.contains(byte) { value.append(UInt8(ascii: "\\")) }
        value.append(byte)
        state = .double
      case .comment: if isEnd { state = .beforeKey }
      }
    }
    if [.beforeValue, .value, .escape, .single, .double, .doubleEscape].contains(state) { push() }
    return values
  }

  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    return bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()[...]
  }

  static func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
