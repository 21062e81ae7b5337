import BerthKit
import Testing

@Suite("Finding plugins") struct PluginLoaderTests {
  private func manifest(_ id: String, _ more: String = "") -> String {
    Sample.minimal.replacing("id: sample", with: "id: \(id)") + more
  }

  private struct BuiltIn: AppPlugin {
    var manifest: Manifest
  }

  private func builtIn(_ id: String, exec: [Template] = ["/usr/bin/x"]) -> BuiltIn {
    BuiltIn(
      manifest: Manifest(
        id: id, name: "X", summary: "Built in", category: .other, version: "1", services: [Service(exec: exec)]))
  }

  @Test("built-in plugins come first, then folder by folder, and the list is in order of id")
  func everything() throws {
    let files = MemoryFiles([
      "/etc/berth/plugins.d/zeta/plugin.yaml": manifest("zeta"),
      "/usr/lib/berth/plugins.d/beta/plugin.yaml": manifest("beta"),
      "/usr/lib/berth/plugins.d/alpha/plugin.yaml": manifest("alpha"),
      "/usr/lib/berth/plugins.d/README.md": "not a plugin",
      "/usr/lib/berth/plugins.d/empty/notes.txt": "not a plugin either",
    ])
    let catalog = PluginLoader(files: files).catalog(
      builtIn: [builtIn("gamma")], folders: ["/etc/berth/plugins.d", "/nowhere", "/usr/lib/berth/plugins.d"])
    #expect(catalog.entries.map(\.id) == ["alpha", "beta", "gamma", "zeta"])
    #expect(
      catalog.entries.map(\.origin)
        == ["/usr/lib/berth/plugins.d/alpha", "/usr/lib/berth/plugins.d/beta", "built-in", "/etc/berth/plugins.d/zeta"])
    #expect(catalog.entries.allSatisfy { $0.problem == nil && $0.manifest != nil })
    #expect(try catalog.plugin("beta").manifest.id == "beta")
  }

  @Test("an id that is found twice is broken, and both places are named in order of search")
  func duplicates() throws {
    let files = MemoryFiles([
      "/one/app/plugin.yaml": manifest("app"), "/two/app/plugin.yaml": manifest("app"),
      "/two/other/plugin.yaml": manifest("other"),
    ])
    let catalog = PluginLoader(files: files).catalog(builtIn: [], folders: ["/one", "/two"])
    let error = try #require(throws: BerthError.self) { _ = try catalog.plugin("app") }
    #expect(error.code == "duplicate-plugin")
    #expect(error.kind == .badInput)
    #expect(error.summary == "two plugins have the id 'app': /one/app and /two/app")
    #expect(error.location == "/two/app")
    #expect(try catalog.plugin("other").manifest.id == "other")
    #expect(catalog.entries.map(\.id) == ["app", "other"])
  }

  @Test("for one app only those are read that may be in its way, and the verdict on it is the same")
  func near() throws {
    let files = MemoryFiles([
      "/one/app/plugin.yaml": manifest("app"), "/two/app/plugin.yaml": manifest("app"),
      "/one/box-main/plugin.yaml": manifest("box-main"), "/one/box/plugin.yaml": manifest("box"),
      "/one/other/plugin.yaml": "{", "/one/boxes/plugin.yaml": "{",
    ])
    let loader = PluginLoader(files: files)
    let all = loader.catalog(builtIn: [builtIn("gamma")], folders: ["/one", "/two"])
    for app in ["app", "box", "box-main", "other", "gamma"] {
      let near = loader.catalog(builtIn: [builtIn("gamma")], folders: ["/one", "/two"], near: app)
      let found = try #require(near.entries.first { $0.id == app })
      #expect(found.problem?.summary == all.entries.first { $0.id == app }?.problem?.summary)
      #expect(near.entries.count == (app.hasPrefix("box") ? 2 : 1))
    }
    #expect(loader.catalog(builtIn: [], folders: ["/one"], near: "none").entries.isEmpty)
  }

  @Test("a plugin in a folder may not take the id of a built-in one")
  func shadowing() throws {
    let files = MemoryFiles(["/one/app/plugin.yaml": manifest("app")])
    let catalog = PluginLoader(files: files).catalog(builtIn: [builtIn("app")], folders: ["/one"])
    #expect(catalog.entries.first?.problem?.summary == "two plugins have the id 'app': built-in and /one/app")
  }

  @Test("a folder that is named twice, or reached through a link, is read once")
  func sameFolder() {
    let files = MemoryFiles(["/one/app/plugin.yaml": manifest("app")], links: ["/link": "/one"])
    let catalog = PluginLoader(files: files).catalog(builtIn: [], folders: ["/one", "/one", "/link"])
    #expect(catalog.entries.map(\.origin) == ["/one/app"])
    #expect(catalog.entries.first?.problem == nil)
  }

  @Test("a broken plugin is kept as broken and does not take the others down")
  func broken() throws {
    let files = MemoryFiles([
      "/one/bad/plugin.yaml": "id: [\n", "/one/good/plugin.yaml": manifest("good"),
      "/one/wrong/plugin.yaml": manifest("wrong", "x: y\n"),
    ])
    let catalog = PluginLoader(files: files).catalog(builtIn: [], folders: ["/one"])
    #expect(catalog.entries.map(\.id) == ["bad", "good", "wrong"])
    #expect(catalog.entries.map { $0.problem == nil } == [false, true, false])
    let error = try #require(throws: BerthError.self) { _ = try catalog.plugin("wrong") }
    #expect(error.code == "broken-plugin")
    #expect(error.summary.hasPrefix("the plugin of 'wrong' is broken: 'x': unknown key"))
    #expect(error.location == "/one/wrong/plugin.yaml:10")
    #expect(error.remedy == "berth app check wrong")
    #expect(try catalog.plugin("good").manifest.id == "good")
  }

  @Test("a built-in plugin that breaks the rules is broken too")
  func brokenBuiltIn() throws {
    let catalog = PluginLoader(files: MemoryFiles([:])).catalog(
      builtIn: [builtIn("app", exec: ["relative"])], folders: [])
    let problem = try #require(catalog.entries.first?.problem)
    #expect(problem.summary == "'services.main.exec[0]': expected '{{programs.…}}' or an absolute path")
    #expect(problem.location == "built-in")
  }

  @Test("the folder's name must be the id")
  func folderName() throws {
    let files = MemoryFiles(["/one/apple/plugin.yaml": manifest("app")])
    let catalog = PluginLoader(files: files).catalog(builtIn: [], folders: ["/one"])
    let entry = try #require(catalog.entries.first)
    #expect(entry.id == "apple")
    #expect(entry.problem?.summary == "'id': the id 'app' differs from the folder's name 'apple'")
    #expect(entry.problem?.location == "/one/apple/plugin.yaml")
  }

  @Test("templates come from the plugin's own files/", arguments: ["/one/app", "/one/app/plugin.yaml"])
  func templates(_ path: String) throws {
    let config = "config:\n  a.cfg: { format: template }\n"
    let files = MemoryFiles([
      "/one/app/plugin.yaml": manifest("app", config), "/one/app/files/a.cfg": "x {{instance.id}}\n",
    ])
    let plugin = try PluginLoader(files: files).plugin(at: path)
    #expect(plugin.manifest.config.first?.template == "x {{instance.id}}\n")
  }

  @Test("a plugin is found from inside its own folder")
  func workingFolder() throws {
    let config = "config:\n  a.cfg: { format: template }\n"
    let files = MemoryFiles(
      ["/one/app/plugin.yaml": manifest("app", config), "/one/app/files/a.cfg": "x"],
      links: ["plugin.yaml": "/one/app/plugin.yaml", ".": "/one/app"])
    #expect(try PluginLoader(files: files).plugin(at: "plugin.yaml").manifest.config.first?.template == "x")
    #expect(try PluginLoader(files: files).plugin(at: ".").manifest.config.first?.template == "x")
  }

  @Test("a plugin that is checked by its path must have its folder's name, too")
  func checkedByPath() throws {
    let files = MemoryFiles(["/one/apple/plugin.yaml": manifest("app")])
    for path in ["/one/apple", "/one/apple/plugin.yaml"] {
      let error = try #require(throws: BerthError.self) { _ = try PluginLoader(files: files).plugin(at: path) }
      #expect(error.summary == "'id': the id 'app' differs from the folder's name 'apple'")
    }
  }

  @Test("a template may not be taken from elsewhere")
  func foreignTemplate() throws {
    let config = "config:\n  ../../secret: { format: template, path: \"{{paths.data}}/x\" }\n"
    let files = MemoryFiles([
      "/one/app/plugin.yaml": manifest("app", config), "/one/secret": "x", "/one/app/files/b": "",
    ])
    let error = try #require(throws: BerthError.self) { _ = try PluginLoader(files: files).plugin(at: "/one/app") }
    #expect(error.summary == "'config.../../secret': there is no file of that name in files/")
  }

  @Test("where there is no plugin, the error names the path")
  func nothing() throws {
    let error = try #require(throws: BerthError.self) {
      _ = try PluginLoader(files: MemoryFiles([:])).plugin(at: "/one/app")
    }
    #expect(error.code == "no-plugin")
    #expect(error.kind == .badInput)
    #expect(error.summary.contains("'/one/app'"))
  }
}
