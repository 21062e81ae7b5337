import BerthKit
import BerthRender
import Testing

@Suite("Template files") struct TemplateFormatTests {
  private let settings = [
    Setting("on", .bool), Setting("text", .string, optional: true), Setting("count", .int, default: "1"),
    Setting("step", .float, default: "1"), Setting("size", .size, optional: true),
    Setting("loud", .bool, default: "true", words: ["yes", "no"]),
  ]

  private func render(_ template: String, _ values: [String: Value] = [:]) throws -> String {
    try configText(ConfigFile("a.cfg", .template, template: template), settings: settings, values)
  }

  @Test("placeholders are filled in, and all else stays as it is")
  func plain() throws {
    let template =
      "# $HOME %i \\ \"x\" { }\nNAME {{settings.text}}\nCOUNT {{ settings.count }}/{{settings.step}}\n{{instance.id}}"
    let rendered = try render(template, ["text": .text("Kids"), "count": .integer(3), "step": .number(0.5)])
    #expect(rendered == "# $HOME %i \\ \"x\" { }\nNAME Kids\nCOUNT 3/0.5\ndefault")
  }

  @Test("a value is text: it is neither escaped nor read again")
  func verbatim() throws {
    for value in HostileText.all { #expect(try render("<{{settings.text}}>", ["text": .text(value)]) == "<\(value)>") }
  }

  @Test("a section stands where its setting is true, and an inverted one where it is not", arguments: [true, false])
  func sections(_ isOn: Bool) throws {
    let template = "X {{#settings.on}}1{{/settings.on}}{{^settings.on}}0{{/settings.on}}\n"
    #expect(try render(template, ["on": .boolean(isOn)]) == "X \(isOn ? 1 : 0)\n")
  }

  @Test("an optional setting shows its section only when it has a value")
  func optional() throws {
    let template = "{{#settings.text}}motd {{settings.text}}{{/settings.text}}{{^settings.text}}none{{/settings.text}}"
    #expect(try render(template, ["text": .text("hi")]) == "motd hi")
    #expect(try render(template) == "none")
    #expect(try render("[{{settings.text}}]") == "[]")
  }

  @Test("a section on lines of its own leaves no empty lines")
  func standalone() throws {
    let template = "a\n{{#settings.on}}\nb\n{{/settings.on}}\nc\n"
    #expect(try render(template, ["on": .boolean(true)]) == "a\nb\nc\n")
    #expect(try render(template, ["on": .boolean(false)]) == "a\nc\n")
  }

  @Test("a filter says a size in the program's unit, and two braces are said in quotes")
  func filters() throws {
    let template = "{{settings.size | mib}}m {{settings.size|bytes}} {{ \"{{\" }}x}}"
    #expect(try render(template, ["size": .text("2G")]) == "2048m 2147483648 {{x}}")
    #expect(try render("[{{settings.size | mib}}]") == "[]")
  }

  @Test("a bool is said in its words, and a section asks for the truth", arguments: [true, false])
  func words(_ isLoud: Bool) throws {
    let template = "{{settings.loud}} {{#settings.loud}}1{{/settings.loud}}{{^settings.loud}}0{{/settings.loud}}"
    #expect(try render(template, ["loud": .boolean(isLoud)]) == (isLoud ? "yes 1" : "no 0"))
  }

  @Test("a comment leaves nothing")
  func comments() throws {
    #expect(try render("a{{! {{not read}}b") == "ab")
  }
}
