import BerthKit
import Foundation
import Testing

@Suite("Templates") struct TemplateTests {
  @Test("text and placeholders are told apart")
  func segments() throws {
    let template = try Template(parsing: "a {{paths.data}}/{{ settings.server-name }}z")
    #expect(
      template.segments == [
        .literal("a "), .variable("paths.data"), .literal("/"), .variable("settings.server-name"), .literal("z"),
      ])
    #expect(template.variables == ["paths.data", "settings.server-name"])
    #expect(template.literalText == nil)
    #expect(template.source == "a {{paths.data}}/{{settings.server-name}}z")
  }

  @Test("text without placeholders is itself", arguments: ["", "plain", "}} { } a}b", "$HOME %i \\ \"", "日本"])
  func literal(_ text: String) throws {
    #expect(try Template(parsing: text).literalText == text)
    #expect(try Template(parsing: text) == Template(literal: text))
  }

  @Test(
    "a malformed placeholder is refused",
    arguments: [
      "{{", "a {{b", "{{}}", "{{ }}", "{{a b}}", "{{A}}", "{{a|b}}", "{{a|}}", "{{|ident}}", "{{a|ident|ident}}",
      "{{a | IDENT}}", "{{{a}}}", "{{a}} {{", "{{é}}", "{{a\n}}",
      "{{#a}}",
    ])
  func malformed(_ text: String) {
    #expect(throws: Template.Malformed.self) { try Template(parsing: text) }
  }

  @Test("a malformed one in Swift source stays literal")
  func swiftLiteral() {
    let template: Template = "{{"
    #expect(template.literalText == "{{")
  }

  @Test("a filter stands behind the name, and the source shows it")
  func filter() throws {
    let template = try Template(parsing: "x_{{settings.image|ident}}")
    #expect(template.segments == [.literal("x_"), .filtered("settings.image", .ident)])
    #expect(template.variables == ["settings.image"])
    #expect(template.literalText == nil)
    #expect(template.source == "x_{{settings.image | ident}}")
    #expect(try Template(parsing: template.source) == template)
  }

  @Test(
    "ident keeps letters and digits, and makes an underscore of every other character",
    arguments: [
      ("ghcr.io/a-b/c:1.2", "ghcr_io_a_b_c_1_2"), ("plain9", "plain9"), ("", ""), ("../..", "_____"), ("a__b", "a__b"),
      ("é日\n$x", "____x"), ("_a", "_a"), ("٣½", "__"),
    ])
  func ident(_ text: String, _ expected: String) {
    #expect(TemplateFilter.ident.apply(to: .text(text)) == .text(expected))
  }

  @Test(
    "a size becomes a whole number of what the filter counts in, and never nothing",
    arguments: [
      ("512M", 536_870_912, 524_288, 512, 1), ("1536", 1536, 1, 1, 1), ("3G", 3_221_225_472, 3_145_728, 3072, 3),
    ])
  func sizes(_ text: String, _ bytes: Int, _ kib: Int, _ mib: Int, _ gib: Int) {
    let numbers = [TemplateFilter.bytes, .kib, .mib, .gib].map { $0.apply(to: .text(text)) }
    #expect(numbers == [bytes, kib, mib, gib].map(Value.integer))
  }

  @Test("two braces are said in quotes, and stay text")
  func braces() throws {
    let template = try Template(parsing: "a{{ \"{{\" }}b}}{{\"{{\"}}{{settings.x}}")
    #expect(template.segments == [.literal("a{{b}}{{"), .variable("settings.x")])
    #expect(try Template(parsing: template.source) == template)
    #expect(try Template(parsing: "{{ \"{{\" }}").literalText == "{{")
  }

  @Test("JSON holds the source, and malformed JSON text is refused")
  func json() throws {
    let templates: [Template] = ["{{paths.data}}/x", "plain"]
    let data = try JSONEncoder().encode(templates)
    #expect(try JSONDecoder().decode([Template].self, from: data) == templates)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Template].self, from: Data(#"["{{"]"#.utf8)) }
  }
}

@Suite("Variables") struct VariablesTests {
  private var variables: Variables {
    var variables = Variables()
    variables.set("settings.port", to: .integer(8303))
    variables.set("settings.step", to: .number(0.09))
    variables.set("settings.on", to: .boolean(true))
    variables.set("settings.name", to: .text("{{settings.port}} $x"))
    variables.set("settings.admin", to: nil)
    variables.set("settings.token", to: .text("s3cret"), isSecret: true)
    variables.set("settings.code", to: nil, isSecret: true)
    return variables
  }

  @Test("a filtered placeholder is always text, and one without a value has none")
  func filtered() throws {
    #expect(try variables.resolve("{{settings.port | ident}}") == .text("8303"))
    #expect(try variables.resolve("a{{settings.name | ident}}") == .text("a__settings_port____x"))
    #expect(try variables.resolve("a{{settings.admin | ident}}") == nil)
    #expect(variables.isSecret("{{settings.token | ident}}" as Template))
  }

  @Test("a value that is one placeholder keeps its type")
  func typed() throws {
    #expect(try variables.resolve("{{settings.port}}") == .integer(8303))
    #expect(try variables.resolve("{{settings.step}}") == .number(0.09))
    #expect(try variables.resolve("{{settings.on}}") == .boolean(true))
    #expect(try variables.text("{{settings.on}}") == "true")
  }

  @Test("anything else is text, and values are not read again")
  func mixed() throws {
    #expect(try variables.resolve("{{settings.port}} ") == .text("8303 "))
    #expect(try variables.resolve("{{settings.port}}{{settings.on}}{{settings.step}}") == .text("8303true0.09"))
    #expect(try variables.resolve("<{{settings.name}}>") == .text("<{{settings.port}} $x>"))
    #expect(try variables.resolve("") == .text(""))
    #expect(try variables.resolve("plain") == .text("plain"))
  }

  @Test(
    "an unset optional setting makes the whole text nil", arguments: ["{{settings.admin}}", "a {{settings.admin}} b"])
  func unset(_ source: String) throws {
    #expect(try variables.resolve(Template(parsing: source)) == nil)
  }

  @Test("an unknown name is an error, never an empty text")
  func unknown() {
    #expect(throws: BerthError.self) { try variables.resolve("{{settings.nmae}}") }
    #expect(throws: BerthError.self) { try variables.resolve("a{{nothing}}") }
  }

  @Test("what is made with a secret is secret, whether the secret has a value or not")
  func secrets() {
    #expect(variables.isSecret("x {{settings.token}}" as Template))
    #expect(variables.isSecret("{{settings.code}}" as Template))
    #expect(!variables.isSecret("{{settings.port}}" as Template))
    #expect(variables.isSecret("settings.token" as String))
    #expect(!variables.isSecret("settings.tokens" as String))
  }

  @Test("the names are those with a value, sorted")
  func names() {
    #expect(
      variables.names
        == ["settings.name", "settings.on", "settings.port", "settings.step", "settings.token"])
    #expect(variables["settings.admin"] == nil)
  }
}
