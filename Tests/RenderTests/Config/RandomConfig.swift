import BerthKit

/// Well-formed files of a format, put together by chance: comments, blank lines, odd spacing, both kinds of line ends.
struct RandomConfig {
  var generator: SeededGenerator
  private(set) var text = ""
  /// Where a single value stands.
  private(set) var leaves: [[String]] = []
  /// Where a key that is not there may go.
  private(set) var places: [[String]] = []
  private var ending = "\n"

  static let values: [Value] =
    HostileText.all.map { .text($0) } + [
      .integer(0), .integer(-5), .integer(65535), .number(0.5), .number(1), .number(-2.25), .boolean(true),
      .boolean(false), .text("true"), .text("5"), .text("1.5"), .text("null"), .text("on"), .text("2024-01-01"),
    ]

  init(_ format: ConfigFile.Format, seed: UInt64) {
    generator = SeededGenerator(state: seed)
    ending = Bool.random(using: &generator) ? "\n" : "\r\n"
    switch format {
    case .ini: sections(isUnreal: false)
    case .unreal: sections(isUnreal: true)
    case .xml: xml()
    case .json: text = chance(8) ? "\u{FEFF}" : ""; text += object(at: [], indent: "", isInline: chance(4)) + ending
    case .toml: toml()
    case .yaml: yaml()
    default: break
    }
    if chance(6), text.hasSuffix(ending) { text = String(text.unicodeScalars.dropLast(ending.unicodeScalars.count)) }
  }

  private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }
  private mutating func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }
  private mutating func names(_ most: Int) -> [String] {
    let all = ["port", "name", "WebKey", "a", "b-c", "d_e", "x1", "long.name"]
    return Array(all.shuffled(using: &generator).prefix(Int.random(in: 0...most, using: &generator)))
  }
  private mutating func line(_ line: String) { text += line + ending }
  private mutating func clutter(_ comment: String) {
    while chance(3) { line(pick("", "  ", comment, "\(comment) \"é' = [x] <y>", "\(comment) port = 1")) }
  }

  // MARK: Sections

  private mutating func sections(isUnreal: Bool) {
    if chance(8) { text += "\u{FEFF}" }
    if !isUnreal { pairs(at: []) }
    for name in ["Preferences", "/Script/Game.Mode", "a b"].shuffled(using: &generator) where !chance(3) {
      line(pick("", " ") + "[\(name)]" + pick("", " "))
      pairs(at: [name])
      if isUnreal, !chance(3) { list(at: [name]) }
    }
  }

  private mutating func pairs(at path: [String]) {
    places.append(path)
    for name in names(4) {
      clutter(";")
      // To Qt this is no comment, and an odd quote would go on in the next line.
      if chance(4) { line(pick("# port = 1", "# the \"rack\"")) }
      leaves.append(path + [name])
      line(name + pick("=", " = ", "= ", " =") + pick("", "1", "x y", "true", "\"a, b\"", "0.5"))
      if chance(4) { line(pick("+Paths=a", "no key", "é=ü", "[]=1")) }
    }
    clutter(";")
  }

  private mutating func list(at path: [String]) {
    places.append(path + ["Options"])
    var members: [String] = []
    for name in names(5) where !name.contains("-") {
      leaves.append(path + ["Options", name])
      members.append(name + pick("=", " = ") + pick("1", "True", "1.000000", "None", "\"x, (y) \\\"z\\\"\"", "\"\""))
    }
    if chance(3) { members.append(pick("Deep=(A=1,B=\"),\")", "Words=(a,b)", "+x", "")) }
    line("Options=(" + members.joined(separator: pick(",", ", ")) + ")")
  }

  // MARK: Trees

  private mutating func xml() {
    if chance(3) { line("<?xml version=\"1.0\"?>") }
    if chance(3) { line("<!-- mine: <a> & \"b\" -->") }
    text += element("Config", at: [], indent: "", depth: 0) + ending
  }

  private mutating func element(_ name: String, at path: [String], indent: String, depth: Int) -> String {
    let path = path + [name]
    var opening = "<\(name)"
    if chance(4) {
      opening += pick(" ", "  ") + "kind" + pick("=\"x &amp; y\"", " = 'z'")
      leaves.append(path + ["@kind"])
    }
    let isGroup = depth == 0 || (depth < 3 && chance(3))
    guard isGroup else {
      leaves.append(path)
      return chance(4)
        ? opening + pick("/>", " />")
        : opening + ">" + pick("", "1", "True", "a &lt; b", "<![CDATA[<x>]]>") + "</\(name)>"
    }
    places.append(path)
    let isInline = chance(4)
    let inner = indent + pick("  ", "\t")
    var content = ""
    for child in names(4).filter({ $0 != name }) {
      if chance(5) { content += isInline ? "<!-- <port>1</port> -->" : ending + inner + "<!-- c -->" }
      content += (isInline ? "" : ending + inner) + element(child, at: path, indent: inner, depth: depth + 1)
    }
    if !isInline { content += ending + indent }
    return opening + ">" + content + "</\(name)>"
  }

  private mutating func object(at path: [String], indent: String, isInline: Bool) -> String {
    places.append(path)
    let inner = indent + pick("  ", "\t", "    ")
    var members: [String] = []
    for name in names(4) {
      let gap = isInline ? pick("", " ") : ending + inner
      let key = "\"\(name)\"" + pick(":", ": ", " : ")
      if path.count < 3, chance(3) {
        members.append(gap + key + object(at: path + [name], indent: inner, isInline: isInline || chance(4)))
      } else if chance(5) {
        members.append(gap + key + pick("[]", "[1, {\"port\": 2}]", "[\"a\", null]"))
      } else {
        leaves.append(path + [name])
        members.append(gap + key + pick("1", "true", "null", "\"x\"", "\"\\u00e9\\\"\\/\"", "-1.5e3", "\"\""))
      }
    }
    return "{" + members.joined(separator: ",") + (members.isEmpty || isInline ? "" : ending + indent) + "}"
  }

  // MARK: Lines

  private mutating func toml() {
    clutter("#")
    entries(at: [])
    for name in ["servers", "advanced", "a.b"].shuffled(using: &generator) where !chance(3) {
      line("[\(name)]" + pick("", " # c"))
      entries(at: name.split(separator: ".").map(String.init))
    }
    for _ in 0..<Int.random(in: 0...2, using: &generator) {
      line("[[plugin]]")
      line("port = 1")
    }
  }

  private mutating func entries(at path: [String]) {
    places.append(path)
    for name in names(4) where name != "a" {
      clutter("#")
      let words = name.split(separator: ".").map(String.init)
      let key = name + pick(" = ", "=", "  =  ")
      if chance(5) {
        line(key + pick("[1, 2]", "[\(ending)  \"a\", # c\(ending)]", "{ port = 1, x = \"}\" }"))
      } else {
        leaves.append(path + words)
        line(
          key
            + pick(
              "1", "true", "\"x # \\\" y\"", "'C:\\'", "0.5", "2024-01-01 10:00:00", "\"\"\"a\(ending)port = 1\"\"\"")
            + pick("", " # c", "   "))
      }
    }
  }

  private mutating func yaml() {
    clutter("#")
    if chance(4) { line("---") }
    mapping(at: [], indent: "")
    if text.utf8.allSatisfy({ $0 == 10 || $0 == 13 || $0 == 32 }) { line("first: 1") }
  }

  private mutating func mapping(at path: [String], indent: String) {
    places.append(path)
    var names = names(4)
    if names.isEmpty { names = ["only"] }
    for name in names {
      clutter(indent + "#")
      let inner = indent + pick("  ", "    ")
      if path.count < 3, chance(3) {
        line("\(indent)\(name):" + pick("", " # c"))
        mapping(at: path + [name], indent: inner)
      } else if chance(4) {
        line(
          "\(indent)\(name):"
            + pick(
              " [a, b]", " {x: 1}", " |\(ending)\(inner)port: 1\(ending)\(inner)# no comment",
              "\(ending)\(indent)- a\(ending)\(indent)- b: c"))
      } else {
        leaves.append(path + [name])
        line(
          "\(indent)\(name): " + pick("1", "true", "plain text", "'it''s'", "\"x \\\" # y\"", "", "~", "1.5")
            + pick("", " # c", "  "))
      }
    }
  }
}
