import BerthKit
import BerthRender
import Testing

@Suite("Drop-ins") struct DropInTests {
  private let size = Setting("memory", .size, default: "1G")

  private func dropIns(_ stage: Stage, memory: Template?, value: String? = "2G") throws -> [RenderedFile] {
    var manifest = sampleManifest(settings: [size])
    manifest.services[0].limits.memory = memory
    try ManifestValidator(manifest).validate()
    let settings = value.map { ["memory": Value.text($0)] } ?? [:]
    let instance = try instance(manifest, settings: settings, stage: stage)
    return try UnitRenderer(manifest: manifest, context: stage.context(manifest))
      .dropIns(for: instance, variables: variables(manifest, settings: settings, stage: stage))
  }

  @Test("in the system scope an instance has its own user and group")
  func user() throws {
    let file = try #require(try dropIns(.system, memory: nil).first)
    #expect(file.path == "/etc/systemd/system/sample@default.service.d/berth.conf")
    #expect(file.text.hasSuffix("\n[Service]\nUser=berth-0123456789ab\nGroup=berth-0123456789ab\n"))
  }

  @Test("a memory limit that is a setting is the instance's own, and not in the template")
  func memory() throws {
    let file = try #require(try dropIns(.sandbox, memory: "{{settings.memory}}").first)
    #expect(file.text.hasSuffix("\n[Service]\nMemoryMax=2G\n"))
    var manifest = sampleManifest(settings: [size])
    manifest.services[0].limits.memory = "{{settings.memory}}"
    let templates = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()
    #expect(!templates.contains { $0.text.contains("MemoryMax") })
  }

  @Test("user and limit stand together")
  func both() throws {
    let file = try #require(try dropIns(.system, memory: "{{settings.memory}}").first)
    #expect(file.text.hasSuffix("\nUser=berth-0123456789ab\nGroup=berth-0123456789ab\nMemoryMax=2G\n"))
  }

  @Test("what the template can say needs no drop-in", arguments: [Stage.user, .sandbox])
  func none(_ stage: Stage) throws {
    #expect(try dropIns(stage, memory: "1G") == [])
    #expect(try dropIns(stage, memory: nil) == [])
    #expect(try dropIns(stage, memory: "{{settings.memory}}", value: nil) == [])
  }
}
