@testable import BerthRender
import Foundation
import Testing

@Suite("Differences of texts") struct UnifiedDiffTests {
  @Test("a difference has the format of diff -u")
  func format() {
    let old = (1...20).map { "\($0)\n" }.joined()
    let new = old.replacing("3\n4\n", with: "3\nfour\n", maxReplacements: 1).replacing("19\n", with: "")
    #expect(
      UnifiedDiff.text(old: old, new: new, path: "/etc/a.conf") == """
        --- /etc/a.conf
        +++ /etc/a.conf
        @@ -1,7 +1,7 @@
         1
         2
         3
        -4
        +four
         5
         6
         7
        @@ -16,5 +16,4 @@
         16
         17
         18
        -19
         20

        """)
  }

  @Test("equal texts have no difference")
  func equal() {
    #expect(UnifiedDiff.text(old: "a\n", new: "a\n", path: "a") == "")
    #expect(UnifiedDiff.text(old: "", new: "", path: "a") == "")
    #expect(UnifiedDiff.text(old: nil, new: nil, path: "a") == "")
  }

  @Test("a file that is not there is /dev/null, and an empty one that comes or goes shows in the heading")
  func missing() {
    #expect(UnifiedDiff.text(old: nil, new: "a\nb\n", path: "f") == "--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n")
    #expect(UnifiedDiff.text(old: "a\n", new: nil, path: "f") == "--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
    #expect(UnifiedDiff.text(old: nil, new: "", path: "f") == "--- /dev/null\n+++ f\n")
  }

  @Test("a missing line feed at the end is said")
  func noLineFeed() {
    let marker = "\\ No newline at end of file\n"
    #expect(UnifiedDiff.text(old: "a", new: "a\n", path: "f") == "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\(marker)+a\n")
    #expect(UnifiedDiff.text(old: "a\nb", new: "c\nb", path: "f", context: 1).hasSuffix("-a\n+c\n b\n\(marker)"))
  }

  @Test("texts that Swift calls equal, but whose bytes differ, differ")
  func bytes() {
    #expect(UnifiedDiff.text(old: "é\n", new: "e\u{301}\n", path: "f").contains("-é\n+e\u{301}\n"))
    #expect(UnifiedDiff.text(old: "a\n", new: "a\r\n", path: "f").hasSuffix("-a\n+a\r\n"))
  }

  @Test("a path with a line feed stays in its line")
  func paths() {
    #expect(
      UnifiedDiff.text(old: "", new: "x\n", path: "a\n\"b").hasPrefix("--- \"a\\012\\\"b\"\n+++ \"a\\012\\\"b\"\n@@ "))
  }

  @Test("large differences are shown as one replacement, soon")
  func large() {
    func lines(_ word: String) -> String { (0..<30_000).map { "\(word) \($0)\n" }.joined() }
    let whole = UnifiedDiff.text(old: "a\n\(lines("old"))z\n", new: "a\n\(lines("new"))z\n", path: "f")
    #expect(whole.hasPrefix("--- f\n+++ f\n@@ -1,30002 +1,30002 @@\n a\n-old 0\n"))
    let old = (0..<9_000).map { "old \($0)\n" }.joined()
    let new = (0..<9_000).map { "new \($0)\n" }.joined()
    let diff = UnifiedDiff.text(old: "a\n\(old)z\n", new: "a\n\(new)z\n", path: "f")
    #expect(diff.hasPrefix("--- f\n+++ f\n@@ -1,9002 +1,9002 @@\n a\n-old 0\n"))
    #expect(diff.hasSuffix("+new 8999\n z\n"))
    #expect(UnifiedDiff.text(old: old, new: old + "x\n", path: "f").utf8.count < 200)
  }

  @Test("diff -u says the same where there is one way to say it", arguments: [0, 1, 3])
  func sameAsDiff(_ context: Int) throws {
    let old = (1...60).map { "line \($0)\n" }
    try Judge.withFolder { folder in
      for (index, changed) in [[0], [59], [3, 10], [3, 9], [20, 21, 40], Array(0...59)].enumerated() {
        var new = old
        for line in changed { new[line] = index % 2 == 0 ? "changed \(line)\n" : "" }
        let (before, after) = (old.joined(), new.joined())
        try Data(before.utf8).write(to: folder.appending(path: "old"))
        try Data(after.utf8).write(to: folder.appending(path: "new"))
        let said = try Judge.run(["diff", "-U\(context)", "--label", "f", "--label", "f", "old", "new"], in: folder)
        #expect(UnifiedDiff.text(old: before, new: after, path: "f", context: context) == said.output)
      }
    }
  }

  @Test("patch makes the new text of the old one")
  func patch() throws {
    var generator = SeededGenerator(state: 0xD1FF)
    let words = ["a", "b", "", "-", "+x", "@@ -1 +1 @@", "\\ No", "é", "x\r", "--- f", " "]
    func text() -> String? {
      let count = Int.random(in: -1...12, using: &generator)
      guard count >= 0 else { return nil }
      let lines = (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }
      return lines.joined(separator: "\n") + (Bool.random(using: &generator) && count > 0 ? "\n" : "")
    }
    try Judge.withFolder { folder in
      let file = folder.appending(path: "f")
      for _ in 0..<150 {
        let (old, new) = (text(), text())
        let context = Int.random(in: 0...3, using: &generator)
        let diff = UnifiedDiff.text(old: old, new: new, path: "f", context: context)
        // An empty file that comes or goes is more than patch can be told.
        guard (old ?? "") != (new ?? "") else { continue }
        try? FileManager.default.removeItem(at: file)
        if let old { try Data(old.utf8).write(to: file) }
        try Data(diff.utf8).write(to: folder.appending(path: "change"))
        let verdict = try Judge.run(["patch", "--binary", "-s", "-p0", "-i", "change"], in: folder)
        #expect(verdict.status == 0, "\(verdict.output)\n\(diff)")
        #expect((try? Data(contentsOf: file)) ?? Data() == Data((new ?? "").utf8), "\(diff)")
      }
    }
  }

  @Test("is cut off behind a quarter of a megabyte, at the end of a line, with a word about the rest")
  func long() {
    let lines = (0..<60_000).map { "key\($0)=value\n" }
    let diff = UnifiedDiff.text(old: "", new: lines.joined(), path: "f")
    #expect(diff.utf8.count < UnifiedDiff.longest + 200)
    let shown = diff.split(separator: "\n")
    #expect(shown.last == "\\ \(60_000 - (shown.count - 4)) more lines are not shown", "\(shown.last ?? "")")
    #expect(shown.dropLast().last == "+key\(shown.count - 5)=value")
    let one = UnifiedDiff.text(old: "", new: String(repeating: "x", count: 1 << 20), path: "f")
    #expect(one.hasSuffix("\n\\ 1 more lines are not shown\n") && one.utf8.count < 200)
  }
}
