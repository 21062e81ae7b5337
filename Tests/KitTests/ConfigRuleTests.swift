@testable import BerthKit
import Testing

@Suite("Keys of config files") struct ConfigRuleTests {
  private static func manifest(_ format: String, _ rest: String) -> String {
    Sample.minimal + "config:\n  a.cfg:\n    format: \(format)\n\(rest)"
  }

  private func file(_ format: String, _ rest: String) throws -> ConfigFile {
    try #require(try Sample.read(Self.manifest(format, rest)).config.first)
  }

  @Test("nested maps are paths of keys, and a dot or slash in a key is a part of it")
  func nested() throws {
    let file = try file(
      "json", "    values:\n      a.b: { c/d: { e: x }, f: y }\n      g: z\n    initial: { a.b: { h: i } }\n")
    #expect(file.values.map(\.path) == [["a.b", "c/d", "e"], ["a.b", "f"], ["g"]])
    #expect(file.values.map(\.value) == ["x", "y", "z"])
    #expect(file.initial.map(\.path) == [["a.b", "h"]])
  }

  @Test("a literal has the type that it is written with, and in quotes it is text")
  func literals() throws {
    let file = try file(
      "json",
      "    values: { a: true, b: 5, c: 0.5, d: \"5\", e: 'true', f: on, g: 007, h: 1.10, i: -3, j: 1e3, k: \"x\" }\n")
    #expect(
      file.values.map(\.typedLiteral) == [
        .boolean(true), .integer(5), .number(0.5), nil, nil, nil, nil, nil, .integer(-3), nil, nil,
      ])
    #expect(file.values.filter(\.isText).map(\.key) == ["d", "e"])
  }

  @Test(
    "how deep keys stand is the format's",
    arguments: [
      ("ini", "{ a: x, s: { b: y } }"), ("unreal", "{ s: { a: x, l: { b: y } } }"),
      ("xml", "{ r: { a: x, b: { c: y } } }"),
      ("xml", "{ r: { a: x, \"@b\": y, c: { \"@d\": z } } }"), ("json", "{ a: { b: { c: { d: x } } } }"),
      ("yaml", "{ a b: { \"c:\": x } }"), ("toml", "{ a: x, b.c: { d: y } }"), ("ini", "{ /Script/x: { 'W\\P': y } }"),
    ])
  func accepted(_ format: String, _ values: String) throws {
    #expect(try !file(format, "    values: \(values)\n").values.isEmpty)
  }

  @Test(
    "keys that a format does not have are refused, with their line",
    arguments: [
      ("properties", "values: { a: { b: c } }", "values.a.b", "a properties file has no keys within keys"),
      ("words", "initial: { a: { b: c } }", "initial.a.b", "a words file has no keys within keys"),
      ("env", "values: { A: { B: c } }", "values.A.B", "a env file has no keys within keys"),
      ("ini", "values: { a: { b: { c: d } } }", "values.a.b.c", "an ini file has keys, and keys in sections:"),
      ("unreal", "values: { a: b }", "values.a", "an unreal file has keys in sections, and lists with keys in them:"),
      ("ini", "values: { 'a]': { b: c } }", "values.a].b", "'a]' cannot be a key of a ini file"),
      ("ini", "values: { 'a=b': c }", "values.a=b", "'a=b' cannot be a key of a ini file"),
      ("ini", "values: { ' a': c }", "values. a", "' a' cannot be a key of a ini file"),
      ("unreal", "values: { s: { +a: b } }", "values.s.+a", "'+a' cannot be a key of a unreal file"),
      ("unreal", "values: { s: { l: { 'a,b': c } } }", "values.s.l.a,b", "'a,b' cannot be a key of a unreal file"),
      ("xml", "values: { a b: c }", "values.a b", "'a b' cannot be a key of a xml file"),
      ("xml", "values: { \"@a\": c }", "values.@a", "'@a' cannot be a key of a xml file"),
      ("xml", "values: { r: { \"@a\": { b: c } } }", "values.r.@a.b", "'@a' cannot be a key of a xml file"),
      (
        "xml", "values: { a: { x: b }, c: { x: d } }", "values.c.x",
        "an xml file has one root element, and it is 'a' above"
      ),
      (
        "xml", "values: { r: { a: b } }\n    initial: { r: { a: { c: d } } }", "initial.r.a.c", "'r.a' is set above too"
      ),
      ("json", "values: { a: { b: c } }\n    initial: { a: d }", "initial.a", "'a.b' is set above too"),
      ("json", "values: { a: { b: c } }\n    initial: { a: { b: d } }", "initial.a.b", "'a.b' is set above too"),
      ("json", "values: { a: {} }", "values.a", "expected at least one key in the mapping"),
      ("json", "values: { a: [b] }", "values.a", "expected text or a mapping of keys, found a list"),
      ("json", "initial: { a: \"{{settings.x}}\" }", "initial.a", "there is no variable '{{settings.x}}'"),
      ("json", "path: \"{{paths.data}}/a\"", "", "expected 'values' or 'initial'"),
      ("template", "initial: { a: b }", "", "there is no file of that name in files/"),
    ])
  func refused(_ format: String, _ rest: String, _ key: String, _ problem: String) throws {
    let text = Self.manifest(format, "    \(rest)\n")
    let error = try Sample.refusal(of: text)
    let place = key.isEmpty ? "config.a.cfg" : "config.a.cfg.\(key)"
    #expect(error.summary.hasPrefix("'\(place)': \(problem)"), "\(error.summary)")
    #expect(error.kind == .badInput)
    let word = String(key.prefix { $0 != "." })
    if !word.isEmpty { #expect(error.location == "\(Sample.file):\(try text.line(of: "    \(word):"))") }
  }

  @Test("a template and a custom file have no keys")
  func whole() {
    var manifest = Sample.manifest
    manifest.config[1].initial = [.init("a", "b")]
    #expect(throws: ManifestValidator.Problem(key: "config.banner.txt.initial", text: "a template has no 'initial'")) {
      try ManifestValidator(manifest).validate()
    }
    manifest.config[1] = ConfigFile("x", .custom, values: [.init("a", "b")])
    #expect(throws: ManifestValidator.Problem(key: "config.x.values", text: "a custom file has no 'values'")) {
      try ManifestValidator(manifest).validate()
    }
  }
}
