@testable import BerthKit
import Testing

/// Files that are no manifest: broken YAML, hostile YAML, nothing at all.
@Suite("Files that are not manifests") struct ManifestFileTests {
  @Test(
    "what is not YAML is refused with the line",
    arguments: [
      ("id: [\n", 2), ("id: \"x\n", 2), ("id: x\n\tname: y\n", 2), ("id: x\nname: y: z\n", 2), ("id: *nowhere\n", 1),
      ("%\n", 1), ("id: x\n---\nid: y\n", 2), ("id: x\n}\n", 2), ("id: \"\\q\"\n", 1), ("a: b\n  c: d\n", 2),
    ])
  func syntax(_ text: String, _ line: Int) throws {
    let error = try Sample.refusal(of: text)
    #expect(error.code == "bad-plugin")
    #expect(error.summary.hasPrefix("this is not YAML: "))
    #expect(error.location == "\(Sample.file):\(line)")
    #expect(error.remedy == "berth app check \(Sample.file)")
  }

  @Test("an empty file is refused", arguments: ["", "# nothing but a comment\n", "\n\n"])
  func empty(_ text: String) throws {
    let error = try Sample.refusal(of: text)
    #expect(error.summary == "the file is empty")
    #expect(error.location == Sample.file)
  }

  @Test(
    "a document that is no mapping is refused",
    arguments: [("- a\n", "a list"), ("text\n", "'text'"), ("---\n", "nothing")])
  func noMapping(_ text: String, _ found: String) throws {
    let error = try Sample.refusal(of: text)
    #expect(error.summary == "expected a mapping, found \(found)")
  }

  @Test("a key that is no plain word is refused", arguments: ["? [a]\n: x\n", "? { a: b }\n: x\n", "\"\": x\n"])
  func keys(_ text: String) throws {
    #expect(try Sample.refusal(of: text).summary == "expected a plain key")
    let below = Sample.minimal + "settings:\n  " + text.replacing("\n:", with: "\n  :")
    let error = try Sample.refusal(of: below)
    #expect(error.summary == "'settings': expected a plain key")
    #expect(error.location == "\(Sample.file):11")
  }

  @Test("a file larger than 256 KiB is refused before it is read, and one of just that size is read")
  func size() throws {
    let room = 256 * 1024 - Sample.yaml.utf8.count - 2
    let fitting = Sample.yaml + "#" + String(repeating: "x", count: room) + "\n"
    #expect(try Sample.read(fitting) == Sample.manifest)
    let error = try Sample.refusal(of: fitting + "\n")
    #expect(error.summary == "the file is larger than 256 KiB")
    #expect(error.location == Sample.file)
  }

  @Test("nesting without end is refused and does not exhaust the stack", arguments: ["[", "{ a: ", "- "])
  func nesting(_ opening: String) throws {
    let text = "schema: " + String(repeating: opening, count: 40_000)
    #expect(try Sample.refusal(of: text).code == "bad-plugin")
  }

  @Test("aliases that double again and again are refused and do not fill the memory")
  func aliases() throws {
    var text = "name: &a0 [x]\n"
    for level in 1...25 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(try Sample.refusal(of: text).summary == "aliases multiply what stands in the file; write it out")
  }

  @Test("an error shows hostile text without its control characters")
  func hostileText() throws {
    for text in ["\"a\\e[2Jb\": x\n", "category: \"\\e[2J\"\n", "id: \"\\0\\n\"\n"] {
      let lines = Sample.minimal.split(separator: "\n").filter { !$0.hasPrefix(text.prefix(2)) }
      let error = try Sample.refusal(of: lines.joined(separator: "\n") + "\n" + text)
      #expect(!error.summary.hasControlCharacter)
    }
  }
}
