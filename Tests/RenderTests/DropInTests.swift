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
      Mount("/srv/a", from: "{{settings.folder}}", readOnly: true),
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
      "BindReadOnlyPaths=\"/mnt/x y\":/srv/a", "BindPaths=\(home)/cache/kids:/srv/c",
    ]
    let extra = "BindPaths=\(home)/data/volumes/extra:/srv/b"
    let (few, all) = (always, [always[0], extra, always[1]])
    #expect(try files(all: false) == Array(repeating: few.joined(separator: "\n"), count: 2))
    #expect(try files(all: true) == Array(repeating: all.joined(separator: "\n"), count: 2))
  }

  @Test("what is looked at before a start, or pinned, is named by the environment where instances differ")
  func guarded() throws {
    var manifest = sampleManifest(settings: [Setting("all", .bool, default: "false")])
    manifest.services[0].mounts = [
      Mount("/srv/a", volume: "extra", when: Condition([.init("all", ["true"])])),
      Mount("/srv/b", from: "{{paths.cache}}/{{instance.slug}}"), Mount("/srv/c", volume: "shared"),
    ]
    manifest.backup = [
      BackupSet("shared", .volume("shared", isHot: true)),
      BackupSet("rows", .sqlite(paths: ["{{paths.data}}/*.db"])),
    ]
    try ManifestValidator(manifest).validate()
    func lines(_ stage: Stage) throws -> [String] {
      let files = try UnitRenderer(manifest: manifest, context: stage.context(manifest)).templates()
      return try #require(files.first { $0.path.hasSuffix("/sample@.service") }).text.split(separator: "\n")
        .map(String.init).filter { $0.contains("/berth\"") }
    }
    let shared = "/instances/sample/%i/data/volumes/shared\""
    #expect(
      try lines(.system) == [
        #"ExecStartPre=+"/usr/bin/berth" "pin" "/run/berth/mounts/sample@%i/main" "${BERTH_MOUNTS_0}" "#
          + #""${BERTH_MOUNTS_1}" "own:2:/var/lib/berth"# + shared,
        #"ExecStopPost=+"/usr/bin/berth" "unpin" "/run/berth/mounts/sample@%i/main""#,
      ])
    #expect(
      try lines(.user) == [
        #"ExecStartPre="/usr/bin/berth" "mount-sources" "${BERTH_MOUNTS_0}" "${BERTH_MOUNTS_1}" "#
          + "\"own:2:\(Stage.user.paths.state)\(shared)"
      ])
    for all in [false, true] {
      let file = try #require(
        try EnvironmentRenderer(manifest: manifest, context: Stage.system.context(manifest)).files(
          for: InstanceKey(app: "sample", id: .default),
          variables: variables(manifest, settings: ["all": .boolean(all)])
        ).first)
      let own = "/var/lib/berth/instances/sample/default"
      #expect(file.text.contains("\nBERTH_MOUNTS_0=\"own:0:\(own)/data/volumes/extra\"\n") == all)
      #expect(file.text.contains("\nBERTH_MOUNTS_1=\"own:1:\(own)/cache/kids\"\n"))
    }
    // Berth's own programs see no mounts, and pin none.
    let dump = try #require(
      try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()
        .first { $0.path.hasSuffix("/sample-rows-dump@.service") })
    #expect(!dump.text.contains("/srv/"))
    let settings: [String: Value] = ["all": .boolean(true)]
    let dropIns = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest))
      .dropIns(for: try instance(manifest, settings: settings), variables: variables(manifest, settings: settings))
    #expect(
      dropIns.filter { $0.text.contains("/srv/") }.map(\.path) == [
        "/etc/systemd/system/sample@default.service.d/berth.conf"
      ])
    #expect(dropIns.contains { $0.text.contains("\nBindPaths=-/run/berth/mounts/sample@%i/main/0:/srv/a\n") })
  }

  @Test(
    "a folder that a setting names is pinned wherever it lies, and what a plugin names in full only in folders of instances"
  )
  func chosen() throws {
    func texts(_ source: String, _ setting: String) throws -> (units: String, environment: String) {
      var manifest = sampleManifest(settings: [Setting("folder", .path, default: "{{paths.data}}/media")])
      manifest.services[0].mounts = [Mount("/srv/a", from: try Template(parsing: source))]
      let context = Stage.system.context(manifest)
      let settings: [String: Value] = ["folder": .text(setting)]
      let values = try variables(manifest, settings: settings)
      let units = UnitRenderer(manifest: manifest, context: context)
      let dropIns = try units.dropIns(for: try instance(manifest, settings: settings), variables: values)
      let files = try EnvironmentRenderer(manifest: manifest, context: context).files(
        for: InstanceKey(app: "sample", id: .default), variables: values)
      return ((try units.templates() + dropIns).map(\.text).joined(), files.first?.text ?? "")
    }
    let pinned = "BindPaths=-/run/berth/mounts/sample@%i/main/0:/srv/a\n"
    for path in ["/var/lib/berth/instances/sample/default/data/media", "/srv/media", "/proc/self/root/x"] {
      let (units, environment) = try texts("{{settings.folder}}", path)
      #expect(units.contains(pinned) && environment.contains("\nBERTH_MOUNTS_0=\"chosen:0:\(path)\"\n"), "\(path)")
    }
    for path in ["/var/lib/berth/instances/other/default/data", "//var/lib/./berth/instances/x"] {
      let (units, _) = try texts(path, "/srv")
      #expect(units.contains(pinned) && units.contains("\"chosen:0:\(path)\""), "\(path)")
    }
    for path in ["/usr/share/maps", "/var/lib/berth/instances-of-others"] {
      let (units, _) = try texts(path, "/srv")
      #expect(units.contains("BindPaths=\(path):/srv/a\n") && !units.contains("chosen:0"), "\(path)")
    }
  }

  @Test("what the template can say needs no drop-in", arguments: [Stage.user, .sandbox])
  func none(_ stage: Stage) throws {
    #expect(try dropIns(stage, memory: "1G") == [])
    #expect(try dropIns(stage, memory: nil) == [])
    #expect(try dropIns(stage, memory: "{{settings.memory}}", value: nil) == [])
  }
}
