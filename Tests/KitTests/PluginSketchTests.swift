import BerthKit
import Testing

@Suite("What a new plugin begins with") struct PluginSketchTests {
  private func manifest(_ sketch: PluginSketch) throws -> Manifest {
    let reader = ManifestReader(file: "plugin.yaml") { sketch.files["files/\($0)"] }
    return try reader.manifest(from: try #require(sketch.files["plugin.yaml"]))
  }

  @Test("each kind passes the check as it stands, with an editor's line only where there is a schema")
  func kinds() throws {
    for kind in PluginSketch.Kind.allCases {
      let sketch = try PluginSketch("my-app", kind, schema: "/usr/share/berth/schema/plugin.schema.json")
      let manifest = try manifest(sketch)
      #expect(manifest.id == "my-app" && manifest.name == "My App")
      let engine = manifest.services[0].container?.engine
      #expect(engine == (kind == .exec ? nil : kind == .container ? .podman : .docker))
      #expect(try sketch.files != PluginSketch("my-app", kind, schema: nil).files)
      #expect(try PluginSketch("my-app", kind, schema: nil).files["plugin.yaml"]?.contains("$schema") == false)
    }
  }

  @Test("a copy keeps every other line and file of the plugin that it begins with")
  func copy() throws {
    let files = [
      "plugin.yaml":
        "# yaml-language-server: $schema=/old\n# A word\nschema: 1\nid: old   # here\nguid: x\nname: Old\n",
      "files/a": "A",
    ]
    let copy = try PluginSketch("new", from: files, schema: "/new")
    #expect(copy.files["files/a"] == "A")
    #expect(
      copy.files["plugin.yaml"] == "# yaml-language-server: $schema=/new\n# A word\nschema: 1\nid: new\nname: Old\n")
  }

  @Test("an id that none can have is refused", arguments: ["", "a", "My", "a_b", "1a", "a-", "../x", "a\nb"])
  func id(_ id: String) {
    #expect(throws: BerthError.self) { try PluginSketch(id, .exec, schema: nil) }
  }
}
