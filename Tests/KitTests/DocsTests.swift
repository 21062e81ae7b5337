import BerthKit
import Foundation
import Testing

@Suite("The documents are true")
struct DocsTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let pages: [String] =
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "examples/README.md"]
    + (FileManager.default.subpaths(atPath: root.appendingPathComponent("docs").path) ?? [])
    .filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }

  @Test("the README is for a newcomer: at most 150 lines")
  func readmeLength() throws {
    #expect(try Self.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
  }

  @Test("the example in the plugin page is the plugin that ships")
  func shippedExample() throws {
    let page = try Self.text("docs/plugin-yaml.md")
    let start = try #require(page.firstRange(of: "<!-- plugins.d/luanti/plugin.yaml -->\n```yaml\n"))
    let end = try #require(page[start.upperBound...].firstRange(of: "\n```\n"))
    #expect(String(page[start.upperBound..<end.lowerBound]) + "\n" == (try Self.text("plugins.d/luanti/plugin.yaml")))
  }

  @Test("the README's plugin can be read")
  func readmeExample() throws {
    let page = try Self.text("README.md")
    let start = try #require(page.firstRange(of: "```yaml\n"))
    let end = try #require(page[start.upperBound...].firstRange(of: "```"))
    let manifest = try ManifestReader(file: "README.md").manifest(from: String(page[start.upperBound..<end.lowerBound]))
    #expect(!manifest.services.isEmpty)
  }

  @Test("every key that the reader knows is explained")
  func everyKey() throws {
    let page = try Self.text("docs/plugin-yaml.md")
    var keys: Set<String> = []
    for file in [
      "ManifestReader.swift", "ManifestReader+Install.swift", "ManifestReader+Service.swift",
      "ManifestReader+Jobs.swift",
      "ManifestReader+Backup.swift", "ManifestReader+Config.swift", "ManifestReader+Routes.swift",
      "ManifestReader+Consoles.swift", "ManifestReader+Probe.swift",
      "YAMLValue+Backup.swift",
    ] {
      let source = try Self.text("Sources/Core/Kit/Reading/\(file)")
      for list in source.matches(of: /\.fields\(\[([^\]]*)\]/) {
        keys.formUnion(list.output.1.matches(of: /"([a-z-]+)"/).map { String($0.output.1) })
      }
    }
    #expect(keys.count > 30)
    // In code: alone, as part of a key path, or in an example.
    let code = page.matches(of: /`[^`\n]+`/).map { String($0.output) }.joined(separator: " ")
    let words = Set(code.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
    for key in keys.sorted() { #expect(words.contains(key), "\(key)") }
  }

  @Test("every test that the page on security names is there")
  func namedTests() throws {
    let page = try Self.text("docs/security.md")
    let names = Set(
      page.matches(of: /`([A-Z][A-Za-z]*Tests)\.([A-Z][A-Za-z]*Tests)/).map { "\($0.output.1)/\($0.output.2)" })
    #expect(names.count > 25)
    for name in names.sorted() {
      let parts = name.split(separator: "/")
      let folder = Self.root.appendingPathComponent("Tests/\(parts[0])")
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
      let isThere = try (files ?? []).filter { $0.pathExtension == "swift" }.contains {
        try String(contentsOf: $0, encoding: .utf8).contains(try Regex("struct \(parts[1])\\b"))
      }
      #expect(isThere, "\(name)")
    }
  }

  @Test("what a page links to is there", arguments: pages)
  func links(page: String) throws {
    let folder = Self.root.appendingPathComponent(page).deletingLastPathComponent()
    for link in try Self.text(page).matches(of: /\]\(([^)#]+)(#[^)]*)?\)/) where !link.output.1.contains("://") {
      let target = folder.appendingPathComponent(String(link.output.1)).path
      #expect(FileManager.default.fileExists(atPath: target), "\(link.output.1)")
    }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }
}
