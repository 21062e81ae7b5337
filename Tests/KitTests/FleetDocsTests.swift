import BerthKit
import Testing

@Suite("The page on fleet files") struct FleetDocsTests {
  @Test("its example is a fleet of the apps that ship")
  func example() throws {
    let page = try DocsTests.text("docs/fleet.md")
    let start = try #require(page.firstRange(of: "```yaml\n"))
    let end = try #require(page[start.upperBound...].firstRange(of: "```"))
    let fleet = try FleetReader(file: "docs/fleet.md")
      .fleet(from: String(page[start.upperBound..<end.lowerBound]), catalog: try ShippedPluginTests.catalog())
    #expect(fleet.name == "games")
    #expect(
      fleet.instances.map(\.app) == ["luanti"] + Array(repeating: "teeworlds", count: 20) + [
        "jellyfin", "jellyfin", "mumble",
      ])
    #expect(fleet.instances.last?.limits == InstanceLimits(memory: "2G", cpus: 1.5, tasks: 64))
    #expect(fleet.instances.last?.labels == ["site": "north", "team": "a"])
    #expect(fleet.instances.map(\.enabled) == Array(repeating: true, count: 23) + [false])
    #expect(fleet.instances.map(\.pool).compactMap { $0 } == ["family", "family"])
  }

  @Test("every key that the reader knows is explained and stands in the example")
  func everyKey() throws {
    let page = try DocsTests.text("docs/fleet.md")
    var keys: Set<String> = []
    for file in ["FleetReader.swift", "FleetEntry.swift", "YAMLValue+Fleet.swift"] {
      let source = try DocsTests.text("Sources/Core/Kit/Fleet/\(file)")
      for list in source.matches(of: /fields\(\[([^\]]*)\]/) {
        keys.formUnion(list.output.1.matches(of: /"([a-z-]+)"/).map { String($0.output.1) })
      }
    }
    #expect(keys.count == 20)
    let example = try #require(page.firstMatch(of: /```yaml\n(?s:.*?)```/)).output
    for key in keys.sorted() {
      #expect(page.contains("`\(key)`"), "\(key)")
      #expect(example.contains("\(key):"), "\(key)")
    }
  }
}
