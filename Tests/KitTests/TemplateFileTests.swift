import BerthKit
import Testing

@Suite("Template files of a plugin") struct TemplateFileTests {
  private func refusal(_ template: String) throws -> BerthError {
    try Sample.refusal(of: Sample.yaml, files: ["banner.txt": template])
  }

  @Test(
    "variables, sections and comments may stand in a template",
    arguments: [
      "", "plain { } text", "{{settings.title}}", "{{ settings.title }}", "{{#settings.players}}x{{/settings.players}}",
      "{{^settings.admin}}none{{/settings.admin}}", "{{! a comment with <<anything>> }}",
      "{{ports.game}}{{paths.data}}",
      "{{#settings.admin}}{{#settings.rules}}x{{/settings.rules}}{{/settings.admin}}",
    ])
  func accepted(_ template: String) throws {
    let manifest = try Sample.read(Sample.yaml, files: ["banner.txt": template])
    #expect(manifest.config.last?.template == template)
  }

  @Test(
    "whatever else mustache can do is refused",
    arguments: [
      ("{{> other}}", "'{{> other}}' is not a variable or section in the template"),
      ("{{=<% %>=}}", "'{{=<% %>=}}' is not a variable or section"),
      ("{{&settings.title}}", "'{{&settings.title}}' is not a variable or section"),
      ("{{{settings.title}}}", "'{{{settings.title}}' is not a variable or section"),
      ("{{%CONTENT_TYPE:HTML}}", "'{{%CONTENT_TYPE:HTML}}' is not a variable or section"),
      ("{{$block}}x{{/block}}", "'{{$block}}' is not a variable or section"),
      ("{{<parent}}{{/parent}}", "'{{<parent}}' is not a variable or section"),
      ("{{uppercased(settings.title)}}", "'{{uppercased(settings.title)}}' is not a variable or section"),
      ("{{settings.title", "'{{' without '}}' in the template"),
      ("{{}}", "'{{}}' is not a variable or section"),
      ("{{.}}", "there is no variable '{{.}}'"),
      ("{{settings.titel}}", "there is no variable '{{settings.titel}}'; did you mean 'settings.title'?"),
      ("{{#settings}}{{title}}{{/settings}}", "there is no variable '{{settings}}'"),
      ("{{ports.game.bind}}", "'{{ports.game.bind}}' cannot stand in a template file"),
      ("{{#settings.title}}x", "the section 'settings.title' has no end in the template"),
      ("x{{/settings.title}}", "'{{/settings.title}}' ends a section that is not open in the template"),
      (
        "{{#settings.title}}{{^settings.rules}}{{/settings.title}}{{/settings.rules}}",
        "'{{/settings.title}}' ends a section"
      ),
    ])
  func refused(_ template: String, _ says: String) throws {
    let error = try refusal(template)
    #expect(error.code == "bad-plugin")
    #expect(error.summary.hasPrefix("'config.banner.txt': \(says)"), "\(error.summary)")
    #expect(error.location == "plugins.d/sample/files/banner.txt:1")
  }

  @Test("what is wrong with a template stands at its own line, after what is wrong with the manifest")
  func line() throws {
    let template = "{{! of\ntwo lines }}\nWelcome to {{settings.title}}\n  and {{settings.titel}}\n"
    #expect(try refusal(template).location == "plugins.d/sample/files/banner.txt:4")
    #expect(try refusal("a\n\n{{#settings.title}}\nx\n").location == "plugins.d/sample/files/banner.txt:3")
    let both = try Sample.refusal(
      of: try Sample.yaml(replacing: "\"workdir\": /desk", with: "\"workdir\": desk"), files: ["banner.txt": template])
    #expect(both.location?.hasPrefix("\(Sample.file):") == true)
    #expect(both.cause?.contains("files/banner.txt:4: ") == true)
  }

  @Test("a template that is not in files/ is refused")
  func missing() throws {
    let error = try Sample.refusal(of: Sample.yaml, files: [:])
    #expect(error.summary == "'config.banner.txt': there is no file of that name in files/")
    #expect(error.location == "\(Sample.file):\(try Sample.yaml.line(of: "banner.txt"))")
  }

  @Test("a template has no values of its own")
  func values() throws {
    let text = try Sample.yaml(replacing: "format: template", with: "format: template, values: { a: b }")
    #expect(try Sample.refusal(of: text).summary == "'config.banner.txt.values': a template has no 'values'")
  }
}
