import Testing

@testable import BerthKit

@Suite("Path patterns")
struct PathPatternTests {
  @Test(
    "match paths",
    arguments: [
      ("data/world", "data/world"), ("data/*", "data/world"), ("data/*", "data/.hidden"), ("*.sqlite", "map.sqlite"),
      ("data/?ap", "data/map"), ("data/**/map", "data/map"), ("data/**/map", "data/a/b/map"), ("data/**", "data"),
      ("data/**", "data/a/b"), ("**", "data/a"), ("**/a/**/b", "a/x/a/y/b"), ("a*b*c", "aXbXbXc"), ("*", "a\nb"),
      ("data/**/*.log", "data/x/y.log"), ("a**b", "aXb"), ("**/**/a", "a"),
    ])
  func matching(pattern: String, path: String) { #expect(PathPattern(pattern).matches(path.utf8)) }

  @Test(
    "match no others",
    arguments: [
      ("data/world", "data/world/x"), ("data/*", "data/a/b"), ("data/*", "data"), ("data/?", "data/ab"),
      ("*.sqlite", "map.sqlite-wal"), ("data/**/map", "data/a/mapp"), ("**/a/**/b", "b/a"), ("a*b*c", "aXbXb"),
      ("data", "Data"), ("", "data"), ("a**b", "a/b"), ("data/?", "data/ä"),
    ])
  func missing(pattern: String, path: String) { #expect(!PathPattern(pattern).matches(path.utf8)) }

  @Test("match names that are no text")
  func bytes() {
    #expect(PathPattern("data/*").matches(Array("data/".utf8) + [0xff, 0x0a]))
    #expect(PathPattern("data/?").matches(Array("data/".utf8) + [0xff]))
  }

  @Test(
    "tell which folders may hold a match",
    arguments: [
      ("data/world/map", "data", true), ("data/world/map", "data/world", true), ("data/world", "data/world", false),
      ("data/world", "data/other", false), ("data/*/map", "data/x", true), ("data/*/map", "data/x/y", false),
      ("data/**", "data/x/y", true), ("**/map", "a/b/c", true), ("data/**/map", "cache", false), ("data", "", true),
    ])
  func below(pattern: String, folder: String, mayMatch: Bool) {
    #expect(PathPattern(pattern).mayMatch(below: folder.utf8) == mayMatch)
  }

  @Test(
    "are refused when they cannot be",
    arguments: [
      "", "/data", "data/", "data//x", "data/../x", "..", "data/./x", ".", "data/\u{7}", "a\nb", "\u{85}",
      String(repeating: "x", count: 1025),
    ])
  func problems(text: String) { #expect(PathPattern.problem(in: text) != nil) }

  @Test("are taken when they can be", arguments: ["data", "data/**/*.sqlite", "data/..x", ".x", "data/ü b"])
  func noProblem(text: String) { #expect(PathPattern.problem(in: text) == nil) }

  @Test("that are made to take long do not", .timeLimit(.minutes(1)))
  func hostile() {
    let stars = String(repeating: "*a", count: 500)
    #expect(!PathPattern(stars).matches(String(repeating: "a", count: 255).utf8))
    let folders = String(repeating: "**/a/", count: 200) + "b"
    let deep = Array(String(repeating: "a/", count: 2000).utf8)
    #expect(!PathPattern(folders).matches(deep))
    #expect(PathPattern(folders).mayMatch(below: deep))
  }
}
