/// Texts that try to break out of a format: everything that some format gives a meaning to, alone and mixed.
///
/// Control characters are not among them, since no setting takes one.
enum HostileText {
  static let written = [
    "", " ", "  two  ", "plain", "\"", "'", "`", "$", "%", "\\", "#", ";", "{", "}", "=", "\\\\", "\\\"", "\"\"\"",
    "$$", "%%", "%i",
    "%n", "${HOME}", "$HOME", "$(id)", "`id`", "\\n", "\\x41", "\\0", "a\\", "\\$", "# x", "; x", "a # b", "a; quit",
    "x\";quit;\"",
    "-flag", "--", "~", "!", "*", "?", "[a]", "(a)", "a=b", "a = b", "key = value", "<b>&amp;</b>", "]]>", "<!--", "&",
    "&#10;",
    "{{settings.s}}", "{{", "é", "日本語", "🏴‍☠️", "e\u{301}", "\u{A0}", "\u{FEFF}x", "\u{202E}x", "a'b\"c`d$e%f\\g#h;i",
    // To Swift these are characters of their own, to a program a quote, a dollar sign and a backslash.
    "x\"\u{301};quit", "$\u{301}HOME", "\\\u{301}\"", "`\u{20DD}id`", "<\u{301}b>&\u{301}",
  ]

  /// Random mixes, the same in every run.
  static let generated: [String] = {
    var generator = SeededGenerator(state: 0xBE47)
    let pieces = [
      "\"", "'", "`", "$", "%", "\\", "\\\\", " ", "#", ";", "${HOME}", "$(id)", "{", "}", "=", "<", ">", "&", "a", "Z",
      "9", "é", "日",
      "🏴‍☠️", ":", "/", "-", "%i", "$$", "\\n", "~", "!", "{{a}}",
    ]
    return (0..<240).map { _ in
      (0..<Int.random(in: 1...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
        .joined()
    }
  }()

  static let all = written + generated
}

/// SplitMix64: small, and the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
