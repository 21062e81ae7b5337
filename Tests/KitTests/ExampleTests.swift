import BerthKit
import Foundation
import Testing

@Suite("The examples") struct ExampleTests {
  private static let folder = DocsTests.root.resolvingSymlinksInPath().appending(path: "examples").path

  @Test("each fleet is one of the apps that ship", arguments: ["games", "hospital"])
  func fleets(_ name: String) throws {
    let file = "\(Self.folder)/\(name).yaml"
    let fleet = try FleetReader(file: file)
      .fleet(from: String(contentsOfFile: file, encoding: .utf8), catalog: try ShippedPluginTests.catalog())
    let expected = [
      "games": ["luanti", "luanti", "teeworlds", "teeworlds", "teeworlds", "mumble"],
      "hospital": ["eqmd", "eqmd", "eqmd"],
    ]
    #expect(fleet.instances.map(\.app) == expected[name])
    #expect(fleet.name != nil)
  }

  @Test("each plugin is one without a fault, whose files are there")
  func plugins() throws {
    let place = "\(Self.folder)/plugins"
    let files = try ShippedPluginTests.files(below: place)
    let catalog = PluginLoader(files: files).catalog(builtIn: [], folders: [place])
    #expect(catalog.entries.map(\.id) == ["filehost"])
    #expect(catalog.entries.map(\.problem?.description) == [nil])
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: place))
    #expect(names == Set(catalog.entries.map(\.id)))
  }

  @Test("every one of them is tried here, and the page beside them names it")
  func all() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(Set(names) == ["README.md", "games.yaml", "hospital.yaml", "plugins"])
    let page = try DocsTests.text("examples/README.md")
    for name in ["games.yaml", "hospital.yaml", "plugins/filehost/plugin.yaml"] {
      #expect(page.contains("](\(name))"), "\(name)")
    }
  }
}
