import BerthKit
import BerthRender
import Testing

@Suite("Config files that a person has edited") struct ConfigMergeTests {
  @Test(
    "Berth's keys are set in their place and everything else stays",
    arguments: Merge.properties + Merge.words + Merge.env)
  func merges(_ merge: Merge) throws {
    let merged = try Merging.merge(merge.format, merge.existing)
    #expect(merged == merge.expected)
    #expect(Array(merged.utf8) == Array(merge.expected.utf8))
    #expect(try Merging.merge(merge.format, merged) == merged)
  }

  @Test(
    "a variable of the Quake III engine is set with the word that stands there, and with 'set' where none does",
    arguments: [
      ("", "set port 30000\nset name Kids\n"),
      ("seta name \"x\"\nSETS PORT 1 // c\nport 2\n", "seta name Kids\n// c\nSETS port 30000\n"),
      // A comment goes to the end of its line, whatever it holds.
      ("seta port 1 // c; set name x\nset name y\n", "// c; set name x\nseta port 30000\nset name Kids\n"),
      ("name Kids\nseta port \"30000\"\n", "set name Kids\nseta port \"30000\"\n"),
      ("\"set\" \"name\" x; set gone 1; map a\n", "map a\nset name Kids\nset port 30000\n"),
      // A block comment stays, and Berth's keys stand behind what another reading finds in it.
      (
        "port 1\n/* set name x\n port 2 */ motd y\nname z\n",
        "/* set name x\n port 2 */ motd y\nset name Kids\nset port 30000\n"
      ),
      // What takes a value away again stands before it.
      ("set port 30000\nset name Kids\n\"reset\" PORT\n", "set name Kids\n\"reset\" PORT\nset port 30000\n"),
      ("set name x; unset ports\nToggle name\n", "unset ports\nToggle name\nset port 30000\nset name Kids\n"),
      ("reset port\nset ports 1\n", "reset port\nset ports 1\nset port 30000\nset name Kids\n"),
    ])
  func setWords(_ existing: String, _ expected: String) throws {
    let merged = try Merging.merge(.words, existing, word: "set ")
    #expect(merged == expected)
    #expect(try Merging.merge(.words, merged, word: "set ") == merged)
  }

  @Test("a file that Java has written says a value with Java's escapes, and another file does not")
  func java() throws {
    let date = "#Minecraft server properties\n#Tue Mar 05 12:00:00 UTC 2024\n"
    let line = "name=minecraft\\:normal \\u00a7a\n"
    let value = "minecraft:normal \\u00A7a"
    #expect(try Merging.merge(.properties, date + "port=30000\n" + line, name: value) == date + "port=30000\n" + line)
    #expect(try Merging.merge(.properties, "port=30000\n" + line, name: value) == "port=30000\nname=\(value)\n")
  }

  @Test(
    "a truth or a number that says the same stays as the program or a person has written it",
    arguments: [
      (ConfigFile.Format.properties, Value.boolean(true), "v=True\n", true),
      (.properties, .boolean(true), "v=1\n", false),
      (.properties, .number(1), "v = 1.000\n", true), (.properties, .integer(20), "v = 020\n", true),
      // No program reads this as a whole number.
      (.properties, .integer(20), "v = 20.0\n", false), (.words, .boolean(true), "v \"1\"\n", true),
      (.words, .boolean(true), "v true\n", false), (.words, .number(0.5), "v .50\n", true),
      (.words, .text("http://a"), "v http://a\n", false), (.words, .text("1"), "v \"1\" 2\n", false),
      (.env, .boolean(true), "v=True\n", false), (.env, .text("a"), "v='a'\n", true),
      (.env, .text("a"), "export v=a\n", true),
      (.env, .text("a b"), "v=a b\n", false), (.env, .text("a"), "v =a\n", false),
    ] as [(ConfigFile.Format, Value, String, Bool)])
  func sameValue(_ format: ConfigFile.Format, _ value: Value, _ text: String, _ stays: Bool) throws {
    let set = try ConfigText.setting([ConfigAssignment(["v"], value)], in: text, format: format, file: "f", id: "f")
    #expect((set == text) == stays, "\(set)")
  }

  @Test("a template is always whole")
  func templates() throws {
    #expect(try Merging.merge(.template, "mine\n") == "port 30000\n")
  }

  @Test("a file of another path is not looked at")
  func otherPath() throws {
    let file = ConfigFile("a.cfg", .words, values: [.init("a", "1")])
    let manifest = sampleManifest(config: [file])
    let files = try ConfigRenderer(plugin: DeclarativePlugin(manifest: manifest))
      .files(variables: variables(manifest), existing: { $0 == "/elsewhere/a.cfg" ? "b 2\n" : nil })
    #expect(files.map(\.text) == ["a 1\n"])
  }

  @Test(
    "whatever stands in a file, the program reads Berth's values, a second time changes nothing, and lines stay",
    arguments: [(ConfigFile.Format.properties, ""), (.words, ""), (.words, "set "), (.env, "")])
  func random(_ format: ConfigFile.Format, _ word: String) throws {
    var generator = SeededGenerator(state: 0x3E46)
    let names = HostileText.all.filter { (try? Merging.merge(format, nil, name: $0)) != nil }
    for _ in 0..<3000 {
      let existing = RandomFile.text(&generator)
      let name = Int.random(in: 0...4, using: &generator) == 0 ? nil : names.randomElement(using: &generator)
      guard let merged = try? Merging.merge(format, existing, name: name, word: word) else {
        // A NUL, or a comment that never ends: the engine would read no more.
        #expect(!word.isEmpty && (existing.contains("\0") || existing.contains("/*")), "\(existing.debugDescription)")
        continue
      }
      let says = Comment("\(existing.debugDescription) → \(merged.debugDescription)")
      #expect(try Merging.merge(format, merged, name: name, word: word) == merged, says)
      for reader in ProgramReaders.of(format, isQuake: !word.isEmpty) where reader.understands(merged) {
        let read = reader.read(merged)
        #expect(read["port"] == "30000", says)
        #expect(read["gone"] == nil, says)
        // What some programs read in another way, as no text of theirs can have it.
        guard !(reader.isWithoutEscapes && name?.utf8.contains { "\"\\".utf8.contains($0) } == true) else { continue }
        #expect(read["name"].map { Array($0.utf8) } == name.map { Array($0.utf8) }, says)
      }
      #expect(keeps(existing, in: merged, format), says)
    }
  }

  /// Whether every line that names none of Berth's keys is still there, in order.
  private func keeps(_ existing: String, in merged: String, _ format: ConfigFile.Format) -> Bool {
    func lines(_ text: String) -> [String] {
      let isWhole = format == .properties
      return text.utf8.split { $0 == 10 || ($0 == 13 && !isWhole) }.map { line in
        String(Substring(line.last == 13 ? line.dropLast() : line))
      }
    }
    // The last one is Java's way to write a key of Berth's.
    let keys = ["port", "name", "gone", #"na\me"#]
    var rest = lines(merged)[...]
    for line in lines(existing) where !keys.contains(where: { line.lowercased().contains($0) }) {
      // What belongs to a longer value of one of Berth's keys goes with it.
      guard let place = rest.firstIndex(where: { $0.utf8.elementsEqual(line.utf8) }) else {
        return ["port = {", #"port=\"#, #"name=x\"#, #"name = """"#, #"name=""#, "name='", #"name=\"#, "gone='"]
          .contains { existing.contains($0) }
      }
      rest = rest[(place + 1)...]
    }
    return true
  }
}
