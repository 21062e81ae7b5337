import BerthKit
import Foundation
import Testing
import Yams

/// What outsiders expect of a project, and what readers of other programs make of it.
@Suite("The house") struct HouseTests {
  private static func yaml(_ path: String) throws -> [String: Any] {
    try #require(try Yams.load(yaml: DocsTests.text(path)) as? [String: Any], "\(path)")
  }

  /// The targets of the Makefile.
  private static func targets() throws -> Set<String> {
    Set(try DocsTests.text("Makefile").matches(of: /(?m)^([a-z-]+):/).map { String($0.output.1) })
  }

  @Test("continuous integration runs what the README tells a newcomer to run, and nothing that make does not have")
  func workflow() throws {
    let jobs = try #require(try Self.yaml(".github/workflows/ci.yml")["jobs"] as? [String: [String: Any]])
    let steps = jobs.values.compactMap { $0["steps"] as? [[String: Any]] }.joined()
    let lines = steps.compactMap { $0["run"] as? String }
    #expect(lines.filter { $0.hasPrefix("make ") } == ["make check", "make test"])
    let page = try DocsTests.text("README.md") + DocsTests.text("CONTRIBUTING.md")
    let known = try Self.targets()
    for target in (page + lines.joined(separator: "\n")).matches(of: /(?m)(?:^|`|PATH" )make ([a-z-]+)/) {
      #expect(known.contains(String(target.output.1)), "make \(target.output.1)")
    }
  }

  @Test(
    "a form for issues has a name, and each of its questions an id of its own", arguments: ["bug", "plugin-request"])
  func forms(_ name: String) throws {
    let form = try Self.yaml(".github/ISSUE_TEMPLATE/\(name).yml")
    #expect(form["name"] is String && form["description"] is String)
    let body = try #require(form["body"] as? [[String: Any]])
    let questions = body.filter { $0["type"] as? String != "markdown" }
    let ids = questions.compactMap { $0["id"] as? String }
    #expect(Set(ids).count == questions.count && !ids.isEmpty)
    for part in body {
      let attributes = try #require(part["attributes"] as? [String: Any])
      let type = try #require(part["type"] as? String)
      #expect(["markdown", "input", "textarea", "dropdown", "checkboxes"].contains(type))
      #expect(attributes[type == "markdown" ? "value" : "label"] is String)
      #expect(["dropdown", "checkboxes"].contains(type) == (attributes["options"] is [Any]))
    }
  }

  @Test("the changelog begins with the version that the program says")
  func version() throws {
    let source = try DocsTests.text("Sources/Core/Kit/Identity/BerthRelease.swift")
    let version = try #require(source.firstMatch(of: /static let current = "([0-9.]+)"/)).output.1
    let heading = try #require(try DocsTests.text("CHANGELOG.md").firstMatch(of: /(?m)^## .*$/)).output
    #expect(heading.contains(version))
  }

  @Test("the licence is Apache's, whole")
  func licence() throws {
    let text = try DocsTests.text("LICENSE")
    #expect(text.contains("Apache License\n                           Version 2.0, January 2004"))
    #expect(text.contains("END OF TERMS AND CONDITIONS"))
  }
}
