import BerthKit
import Testing
import Yams

@testable import BerthKit

/// A short text must not cost more work than its length. What is counted is what is made of it, never time.
@Suite("Texts that multiply") struct LinearWorkTests {
  private static func fleet(_ entries: String) -> String { "schema: 1\ninstances:\n\(entries)" }

  /// An entry that is long once, and named again and again.
  private static func repeated(_ times: Int) -> String {
    let labels = (0..<90).map { "l\($0): \"\(String(repeating: "x", count: 100))\"" }.joined(separator: ", ")
    let again = (0..<times).map { "  - { app: arena, name: a\($0), labels: *l }\n" }.joined()
    return fleet("  - { app: arena, name: first, labels: &l { \(labels) } }\n" + again)
  }

  @Test("an app with more services than are ever needed is refused before they are compared", arguments: [100, 101])
  func services(_ count: Int) {
    let more = (1..<count).map { "  s\($0): { exec: [/bin/true], depends-on: [\($0 == 1 ? "main" : "s\($0 - 1)")] }\n" }
      .joined()
    let text =
      "schema: 1\nid: chain\nname: Chain\nsummary: One after the other\ncategory: other\nversion: \"1\"\nservices:\n"
      + "  main: { exec: [/bin/true] }\n" + more
    do {
      _ = try ManifestReader(file: "plugin.yaml").manifest(from: text)
      #expect(count == 100)
    } catch {
      #expect(count == 101 && "\(error)".contains("100 at most"), "\(error)")
    }
  }

  @Test("a fleet file whose aliases stand for more than the file is refused before it is read")
  func aliases() throws {
    #expect(try FleetSample.read(Self.repeated(1)).instances.count == 2)
    #expect(try FleetSample.read(Self.repeated(100)).instances.count == 101)
    let error = #expect(throws: BerthError.self) { try FleetSample.read(Self.repeated(1000)) }
    #expect(error?.code == "bad-fleet" && error?.summary.contains("aliases multiply") == true)
    // Without the budget each of them would be read as a whole.
    let node = try #require(try Yams.compose(yaml: Self.repeated(1000)))
    #expect(!YAMLBudget.holds(node, bytes: Self.repeated(1000).utf8.count, spare: 4 << 20))
  }

  @Test("aliases of aliases are walked no further than the file is long")
  func laughs() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      text += "a\(level): &a\(level) [\((0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", "))]\n"
    }
    let node = try #require(try Yams.compose(yaml: text))
    #expect(!YAMLBudget.holds(node, bytes: text.utf8.count, spare: 4 << 20))
  }

  @Test(
    "a key that is a list or an alias is refused beside aliases before the parser compares it",
    arguments: [
      "? *a\n: x\n", "*a : x\n", "[*a]: x\n", "{ b: *a }: x\n", "{ *a : x }\n", "- ? *a\n  : x\n", "?\n  *a\n: x\n",
      "{ b: 'c\n  ' , [*a]: x, d: 'e' }\n", "b: \"c\\\" : x\n  \"\n? *a\n: x\n",
      "b: c\n - \"d: { [*a]: x, e: \"f\" }\n",
    ])
  func keys(_ key: String) {
    #expect(YAMLBudget.lineOfDangerousKey(in: "x: &a [1]\n---\n\(key)") != nil)
  }

  @Test(
    "what people write is not taken for such a key",
    arguments: [
      "a: &x { b: c }\nd: *x\n", "a: 1\n", "a: \"[x]: y & z\"\n", "note: what? * & no\n", "a: &x [1, 2]\nb: [*x, *x]\n",
      "a: &x 1\nb: { c: *x, d: 2 }\n", "a: &x 1\nb:\n  - *x\n  - c: d\n",
      "a: &x 1\nb: *x\nc: \"? [*x]: y\"\n", "a: &x 1\nb: *x\nc: 'it''s ? *x'\n",
    ])
  func plain(_ text: String) { #expect(YAMLBudget.lineOfDangerousKey(in: text) == nil, "\(text)") }

  @Test("a fleet stands for ten thousand instances at most, and an entry for a hundred labels")
  func counts() {
    let ten = (0..<2).map { "  - { app: arena, name: a\($0), count: 5001 }\n" }.joined()
    #expect(throws: BerthError.self) { try FleetSample.read(Self.fleet(ten)) }
    let labels = (0...100).map { "l\($0): x" }.joined(separator: ", ")
    #expect(throws: BerthError.self) { try FleetSample.read(entry: "labels: { \(labels) }") }
  }

  @Test("the nearest word is looked for only for words that somebody can have mistyped")
  func words() {
    let long = String(repeating: "abcdefgh", count: 100_000)
    #expect(nearest(to: long, in: [long + "x", "memory"]) == nil)
    #expect(nearest(to: "memroy", in: [long, "memory"]) == "memory")
  }

  @Test("a thousand names with one slug are told apart in a few looks each")
  func slugs() {
    var taken: Set<String> = []
    for _ in 0..<1_000 { #expect(taken.insert(InstanceName(unchecked: "A!").slug(avoiding: taken)).inserted) }
    #expect(taken.contains("a") && taken.contains("a-2") && taken.contains("a-1000"))
  }

  @Test("a number of processors becomes a percentage whatever it is")
  func percent() {
    for number in [1e300, -1e300, .infinity, -.infinity, .nan, 0, 1e-300, 0.014, 1.5, 10_000, 10_001] {
      #expect((1...1_000_000).contains(InstanceLimits.percent(ofProcessors: number)))
    }
    #expect(InstanceLimits.percent(ofProcessors: 1.5) == 150)
  }

  @Test("a number that a head may name has no value as an integer, which would end the program")
  func plainConversion() {
    #expect(Int(exactly: (1e300 * 100).rounded()) == nil)
    #expect(Int(exactly: (InstanceLimits.processors.upperBound * 100).rounded()) == 1_000_000)
  }
}
