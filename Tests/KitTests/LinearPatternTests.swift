@testable import BerthKit
import Testing

@Suite("Patterns of settings")
struct LinearPatternTests {
  /// A pattern, what it matches and what it does not.
  struct Example: Sendable, CustomTestStringConvertible {
    let pattern: String
    let yes: [String]
    let no: [String]
    var testDescription: String { pattern }
  }

  static let examples = [
    Example(pattern: "", yes: [""], no: ["a"]),
    Example(pattern: "abc", yes: ["abc"], no: ["", "ab", "abcd", "xabc"]),
    Example(pattern: "^abc$", yes: ["abc"], no: ["^abc$"]),
    Example(pattern: "a|bc|", yes: ["a", "bc", ""], no: ["b", "abc"]),
    Example(pattern: "(?:a|b)*c+d?", yes: ["c", "abbac", "ccd"], no: ["", "ab", "cdd"]),
    Example(pattern: "a{2}", yes: ["aa"], no: ["a", "aaa"]),
    Example(pattern: "a{2,}b{0,1}", yes: ["aa", "aaaab"], no: ["a", "aabb"]),
    Example(pattern: "(ab){1,3}", yes: ["ab", "ababab"], no: ["", "aba", "abababab"]),
    Example(pattern: "[A-Za-z0-9_.-]+", yes: ["a-b.C_9"], no: ["", "a b", "ä"]),
    Example(pattern: "[^\"\\\\,;]*", yes: ["", "it's ü!"], no: ["a\"", "\\", "a;b"]),
    Example(pattern: "[!-~]+", yes: ["a!~"], no: ["a b", "é"]),
    Example(pattern: "[\\]\\-\\d]+", yes: ["]-7"], no: ["a", "["]),
    Example(pattern: "[^\\w\\s]", yes: ["-", "é"], no: ["a", " ", "_"]),
    Example(pattern: "\\D\\W\\S", yes: ["a-b"], no: ["1-b", "aab", "a- "]),
    Example(pattern: "[0-9]+\\.[0-9]+", yes: ["2.0"], no: ["2x0"]),
    Example(pattern: "https?://.+", yes: ["http://x", "https://x/é"], no: ["https://", "ftp://x"]),
    Example(pattern: "a*?b", yes: ["b", "aab"], no: ["a"]),
    Example(pattern: "(a*)*", yes: ["", "aaa"], no: ["b"]),
    Example(pattern: "(a|b*|(c?d)+){2,3}", yes: ["", "ab", "cdda"], no: ["abab\u{0}", "cc"]),
  ]

  @Test("match whole texts", arguments: examples)
  func matches(_ example: Example) throws {
    let pattern = try LinearPattern(example.pattern)
    for text in example.yes { #expect(pattern.matches(text), "'\(text)'") }
    for text in example.no { #expect(!pattern.matches(text), "'\(text)'") }
  }

  @Test("say of random texts what the language's own regular expressions say", arguments: examples)
  func sameAsRegex(_ example: Example) throws {
    // What these call a digit or a letter is more.
    guard !example.pattern.contains("\\w"), !example.pattern.contains("\\W") else { return }
    let (pattern, regex) = (try LinearPattern(example.pattern), try Regex(example.pattern))
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let text = String(
        (0..<Int.random(in: 0...8, using: &generator)).map { _ in
          "abcdAZ019_.-\"\\:/,; ".randomElement(using: &generator) ?? "a"
        })
      #expect(pattern.matches(text) == (text.wholeMatch(of: regex) != nil), "'\(text)'")
    }
  }

  @Test(
    "take no longer for texts that keep others busy for ever",
    arguments: ["(a|aa)+", "(a+)+b", "(.*)*(.*)*(.*)*x", "(a?){30}a{30}b", "(a|a|a|a)*c", ".*.*.*.*.*x"])
  func backtracking(_ pattern: String) throws {
    #expect(try !LinearPattern(pattern).matches(String(repeating: "a", count: 4096) + "!"))
  }

  @Test(
    "are refused when they would need backtracking, are none or are too large",
    arguments: [
      ("(?=a)", "looks around"), ("(?<!a)b", "looks around"), ("(?i)a", "looks around"), ("(a)\\1", "means nothing"),
      ("\\b", "means nothing"), ("\\p{L}", "means nothing"), ("a**", "follows a repetition"),
      ("a*+", "follows a repetition"),
      ("*a", "nothing stands before"), ("a|+", "nothing stands before"), ("(a", "not closed"), ("a)", "closes nothing"),
      ("[a", "not closed"), ("[]", "empty"), ("[^]", "empty"), ("[b-a]", "ends before it begins"),
      ("[[:alpha:]]", "in a class"),
      ("a{2,1}", "{n}, {n,} or {n,m}"), ("a{x}", "{n}, {n,} or {n,m}"), ("a{99999}", "repeats too much"),
      ("((((a{1,1000}){1,1000}){1,1000}){1,1000})", "repeats too much"), ("a\\", "ends with"), ("a^b", "in the middle"),
      ("a$b", "in the middle"), (String(repeating: "(", count: 30), "lie in each other"),
      (String(repeating: "a", count: 501), "longer than"),
    ])
  func refused(_ pattern: String, _ says: String) {
    let problem = #expect(throws: LinearPattern.Problem.self) { try LinearPattern(pattern) }
    #expect(problem?.text.contains(says) == true, "\(problem?.text ?? "")")
  }
}
