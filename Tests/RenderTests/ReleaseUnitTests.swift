import BerthKit
import BerthRender
import Testing

/// Programs of a service that its instance shares with others.
@Suite("A program from its maker in a unit") struct ReleaseUnitTests {
  private func manifest() -> Manifest {
    var manifest = sampleManifest(exec: ["{{paths.app}}/bin/a $b%c\"d", "{{paths.app}}/share"])
    manifest.programs = []
    manifest.install = [
      .download(
        Download("https://a/b", sha256: Template(literal: String(repeating: "0", count: 64)), to: "{{paths.app}}/x"))
    ]
    manifest.services[0].workdir = "{{paths.app}}/share"
    manifest.services[0].environment = [.init("LIBS", "{{paths.app}}/lib")]
    return manifest
  }

  private let paths = ScopePaths.sandbox(root: "/srv/my berth 100%i", runtime: "/tmp/x")

  @Test("is at the same place for every instance, and quoted as the manager reads it")
  func template() throws {
    let manifest = manifest()
    let unit = try #require(
      try UnitRenderer(manifest: manifest, context: Stage.sandbox.context(manifest, paths: paths)).templates().first)
    let seen = "/srv/my berth 100%%i/state/instances/sample/%i/app"
    #expect(unit.text.contains("\nExecStart=\"\(seen)/bin/a $$b%%c\\\"d\" \"${BERTH_PATHS_APP}/share\"\n"))
    #expect(unit.text.contains("\nWorkingDirectory=\(seen)/share\n"))
  }

  @Test("has folders of the instance's laid over its own, alike for all or for those with a setting")
  func mounts() throws {
    var manifest = manifest()
    manifest.settings = [Setting("logs", .bool, default: "true")]
    manifest.services[0].mounts = [
      Mount("{{paths.app}}/a b/saved", from: "{{paths.data}}/saved"),
      Mount("{{paths.app}}/logs", from: "{{paths.data}}/logs", when: Condition([.init("logs", ["true"])])),
    ]
    let context = Stage.sandbox.context(manifest, paths: paths)
    let units = UnitRenderer(manifest: manifest, context: context)
    let template = try #require(try units.templates().first)
    let own = "/srv/my berth 100%%i/state/instances/sample/%i"
    #expect(template.text.contains("\nBindPaths=\"\(own)/data/saved\":\"\(own)/app/a b/saved\"\n"))
    #expect(!template.text.contains("logs"))
    let values = try instance(manifest, settings: ["logs": .boolean(true)], stage: .sandbox)
    let variables = Variables(manifest: manifest, instance: values, context: context)
    let dropIn = try #require(try units.dropIns(for: values, variables: variables).first)
    let one = "/srv/my berth 100%%i/state/instances/sample/default"
    #expect(dropIn.text.contains("\nBindPaths=\"\(one)/data/logs\":\"\(own)/app/logs\"\n"))
  }

  @Test("is shown to the instance from the folder of its own release")
  func dropIn() throws {
    let manifest = manifest()
    let context = Stage.sandbox.context(manifest, paths: paths)
    let values = InstanceValues(
      key: InstanceKey(app: "sample", id: .default), uid: "00000000-0000-4000-8000-000000000001",
      name: try InstanceName("Kids"), slug: "kids", user: nil,
      settings: [:], ports: [:], release: context.paths.release("sample", "0f0f"))
    let variables = Variables(manifest: manifest, instance: values, context: context)
    let state = "/srv/my berth 100%%i/state"
    let dropIns = try UnitRenderer(manifest: manifest, context: context).dropIns(for: values, variables: variables)
    #expect(
      dropIns.first?.text.hasSuffix(
        "BindReadOnlyPaths=\"\(state)/apps/sample/0f0f\":\"\(state)/instances/sample/default/app\"\n") == true)
    let environment = try #require(
      try EnvironmentRenderer(manifest: manifest, context: context).files(for: values.key, variables: variables).first)
    let seen = "/srv/my berth 100%i/state/instances/sample/default/app"
    #expect(environment.text.contains("\nBERTH_PATHS_APP=\"\(seen)\"\n"))
    #expect(environment.text.contains("\nLIBS=\"\(seen)/lib\"\n"))
  }
}
