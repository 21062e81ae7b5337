import BerthKit
import Testing

@Suite("The catalogue of plugins") struct PluginCatalogTests {
  private func entry(_ id: String, services: [String] = ["main"]) -> PluginCatalog.Entry {
    let manifest = Manifest(
      id: id, name: id, summary: "An app", category: .other, version: "1",
      services: services.map { Service($0, exec: ["/usr/bin/x"]) })
    return PluginCatalog.Entry(
      id: id, origin: "/plugins/\(id)", result: .success(DeclarativePlugin(manifest: manifest)))
  }

  @Test(
    "an app that is not there is an error that offers the nearest",
    arguments: [("luantu", "; did you mean 'luanti'?"), ("palworld", "")])
  func unknown(_ app: String, _ offer: String) throws {
    let catalog = PluginCatalog([entry("luanti"), entry("mumble")])
    let error = try #require(throws: BerthError.self) { _ = try catalog.plugin(app) }
    #expect(error.code == "unknown-app")
    #expect(error.kind == .usage)
    #expect(error.summary == "there is no app '\(app)'\(offer)")
    #expect(error.remedy == "berth app list")
  }

  @Test("a service of one app whose unit would be another app's breaks the other, in whatever order they were found")
  func meetingUnits() throws {
    let found = [entry("game", services: ["main", "web"]), entry("game-web"), entry("game-webx")]
    for entries in [found, found.reversed()] {
      let catalog = PluginCatalog(entries)
      #expect(try catalog.plugin("game").manifest.id == "game")
      #expect(try catalog.plugin("game-webx").manifest.id == "game-webx")
      let error = try #require(throws: BerthError.self) { _ = try catalog.plugin("game-web") }
      #expect(error.code == "broken-plugin")
      #expect(error.summary.hasSuffix("'services': its unit 'game-web@.service' is also a unit of the app 'game'"))
      #expect(error.location == "/plugins/game-web")
    }
  }

  @Test("two services whose units would meet are found too")
  func meetingServices() {
    let catalog = PluginCatalog([entry("a-b", services: ["main", "c"]), entry("a", services: ["b-c"])])
    #expect(catalog.entries.map { $0.problem == nil } == [true, false])
  }

  @Test("a job's unit can meet another app's as well")
  func meetingJobs() throws {
    let manifest = Manifest(
      id: "game", name: "game", summary: "An app", category: .other, version: "1",
      services: [Service(exec: ["/usr/bin/x"])],
      jobs: [Job("web", at: [.install], action: Action(exec: ["/usr/bin/y"], timeout: 1))])
    let game = PluginCatalog.Entry(
      id: "game", origin: "/plugins/game", result: .success(DeclarativePlugin(manifest: manifest)))
    let error = try #require(throws: BerthError.self) {
      _ = try PluginCatalog([game, entry("game-web")]).plugin("game-web")
    }
    #expect(error.summary.hasSuffix("its unit 'game-web@.service' is also a unit of the app 'game'"))
  }

  @Test("three plugins of one id are one broken entry")
  func threeTimes() {
    let catalog = PluginCatalog([entry("app"), entry("app"), entry("app")])
    #expect(catalog.entries.count == 1)
    #expect(catalog.entries.first?.problem?.code == "duplicate-plugin")
    #expect(catalog.entries.first?.manifest == nil)
  }

  @Test("an empty catalogue offers nothing")
  func empty() throws {
    let error = try #require(throws: BerthError.self) { _ = try PluginCatalog([]).plugin("x") }
    #expect(error.summary == "there is no app 'x'")
  }
}
