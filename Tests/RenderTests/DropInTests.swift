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

  @Test("what a setting or a condition decides about mounts is the instance's own, for its jobs too")
  func mounts() throws {
    var manifest = sampleManifest(
      settings: [Setting("folder", .path, default: "/srv/media"), Setting("all", .bool, default: "false")])
    manifest.services[0].mounts = [
      Mount("/srv/a", from: "{{settings.folder}}/a b", readOnly: true),
      Mount("/srv/b", volume: "extra", when: Condition([.init("all", ["true"])])),
      Mount("/srv/c", from: "{{paths.cache}}/{{instance.slug}}"), Mount("/srv/d", volume: "shared"),
    ]
    manifest.jobs = [Job("tidy", at: [.update], action: Action(exec: ["/usr/bin/tidy"], timeout: 60))]
    manifest.backup = [BackupSet("shared", .volume("shared", isHot: true))]
    try ManifestValidator(manifest).validate()
    func files(all: Bool) throws -> [String] {
      let settings: [String: Value] = ["folder": .text("/mnt/x y"), "all": .boolean(all)]
      return try UnitRenderer(manifest: manifest, context: Stage.user.context(manifest))
        .dropIns(
          for: try instance(manifest, settings: settings, stage: .user),
          variables: variables(manifest, settings: settings, stage: .user)
        ).map { $0.text.split(separator: "\n").dropFirst(2).joined(separator: "\n") }
    }
    let home = "\(Stage.user.paths.state)/instances/sample/default"
    let always = [
      "BindReadOnlyPaths=\"/mnt/x y/a b\":/srv/a", "BindPaths=\(home)/cache/kids:/srv/c",
    ]
    let extra = "BindPaths=\(home)/data/volumes/extra:/srv/b"
    func look(_ sources: String...) -> String {
      "ExecStartPre=+\"/usr/bin/berth\" \"mount-sources\" " + sources.map { "\"\(home)/\($0)\"" }.joined(separator: " ")
    }
    let (few, all) = (
      always + [look("cache/kids")], [always[0], extra, always[1], look("cache/kids", "data/volumes/extra")]
    )
    #expect(try files(all: false) == Array(repeating: few.joined(separator: "\n"), count: 2))
    #expect(try files(all: true) == Array(repeating: all.joined(separator: "\n"), count: 2))
  }

  @Test("what the template can say needs no drop-in", arguments: [Stage.user, .sandbox])
  func none(_ stage: Stage) throws {
    #expect(try dropIns(stage, memory: "1G") == [])
    #expect(try dropIns(stage, memory: nil) == [])
    #expect(try dropIns(stage, memory: "{{settings.memory}}", value: nil) == [])
  }
}
