import BerthKit
import Testing

@Suite("The backup sets of an instance") struct SelectedSetTests {
  private static func variables(players: String = "7", web: Bool = true, mode: String = "fast") -> Variables {
    var variables = Variables()
    for folder in ["config", "data", "cache"] { variables.set("paths.\(folder)", to: .text("/state/x/\(folder)")) }
    variables.set("instance.slug", to: .text("kids"))
    variables.set("settings.players", to: .text(players))
    variables.set("settings.web", to: .boolean(web))
    variables.set("settings.mode", to: .text(mode))
    return variables
  }

  @Test("paths are relative to the instance, with settings worked in")
  func resolved() throws {
    #expect(
      try Sample.manifest.selectedSets(Self.variables()) == [
        SelectedSet("base", .sqlite(paths: ["data/*.sqlite"])),
        SelectedSet("world", .files(paths: ["data/7", "config"], exclude: ["**/*.tmp"])),
        SelectedSet("store", .dump), SelectedSet("stock", .files(paths: ["data/volumes/stock"], exclude: [])),
      ])
  }

  @Test("a set of a service that the instance does not have is left out")
  func enabled() throws {
    #expect(try Sample.manifest.selectedSets(Self.variables(web: false)).map(\.name) == ["base", "world", "stock"])
  }

  @Test("empty parts of a path go, and what is excluded may begin with a folder of the instance")
  func tidy() throws {
    var manifest = Sample.manifest
    manifest.backup[1].method = .files(
      paths: ["{{paths.data}}//a/./b/", "{{paths.cache}}/{{instance.slug}}.d/*"],
      exclude: ["{{paths.data}}/a/tmp", "cache"], isHot: false)
    #expect(
      try manifest.selectedSets(Self.variables())[1].source
        == .files(paths: ["data/a/b", "cache/kids.d/*"], exclude: ["data/a/tmp", "cache"]))
  }

  @Test(
    "a value that would make another path is refused, and named",
    arguments: ["", ".", "..", "a/b", "/etc", "*", "a?", "[a]", "a\\b", "a..b", "a\nb"])
  func hostile(_ value: String) throws {
    let error = try #require(throws: BerthError.self) {
      try Sample.manifest.selectedSets(Self.variables(players: value))
    }
    #expect(error.code == "bad-backup-path")
    #expect(error.summary.contains("'{{settings.players}}' stands in a path of the backup set 'world'"))
    #expect(error.remedy == "add --set players=VALUE")
  }
}
