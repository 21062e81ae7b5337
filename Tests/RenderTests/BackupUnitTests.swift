import BerthKit
import BerthRender
import Foundation
import Testing

@Suite("Units of backups") struct BackupUnitTests {
  /// An app with a set of every method, one of them of a service that depends on a setting.
  private var manifest: Manifest {
    var manifest = sampleManifest(
      settings: [Setting("web", .bool, default: "false"), Setting("level", .string, default: "one")],
      ports: [PortRole("game", [.udp], default: 4000)])
    manifest.services[0].limits = .init(memory: "1G", tasks: 9)
    manifest.services[0].loosen = [.init("PrivateIPC", "it shares memory")]
    manifest.services.append(
      Service("web", exec: ["/usr/bin/web"], dependsOn: ["main"], when: Condition([.init("web", ["true"])])))
    manifest.backup = [
      BackupSet(
        "base", .sqlite(paths: ["{{paths.data}}/{{settings.level}}/*.sqlite", "{{paths.cache}}/100% $x.db"])),
      BackupSet(
        "world", .files(paths: ["{{paths.data}}"], exclude: [], isHot: true),
        before: [
          Action(exec: ["/usr/bin/hold", "{{ports.game}}"], timeout: 10),
          Action(exec: ["/usr/bin/hold", "100%"], timeout: 20),
        ], after: [Action(exec: ["/usr/bin/resume"], timeout: 5)]),
      BackupSet(
        "store",
        .command(
          dump: Action(exec: ["/usr/bin/dump", "{{host.name}}"], timeout: 71),
          restore: Action(exec: ["/usr/bin/load", "{{instance.slug}}"], timeout: 72)), service: "web"),
    ]
    return manifest
  }

  private func templates(_ stage: Stage = .system, plugins: [String] = []) throws -> [String: [String]] {
    try ManifestValidator(manifest).validate()
    let plain = stage.context(manifest)
    let context = RenderContext(
      paths: plain.paths, rights: plain.rights, berth: plain.berth, berthLibraries: plain.berthLibraries,
      pluginFolders: plugins, programs: plain.programs, hostName: plain.hostName, timeZone: plain.timeZone)
    let files = try UnitRenderer(manifest: manifest, context: context).templates()
    return Dictionary(
      uniqueKeysWithValues: files.map { file in
        (
          String(file.path.dropFirst(stage.paths.units.count + 1)),
          file.text.split(separator: "\n").map(String.init)
        )
      })
  }

  private func dropIns(_ policy: BackupPolicy, web: Bool = false) throws -> [String: String] {
    let values: [String: Value] = ["web": .boolean(web), "level": .text("one")]
    let plain = try instance(manifest, settings: values)
    let instance = InstanceValues(
      key: plain.key, uid: plain.uid, name: plain.name, slug: plain.slug, user: plain.user, settings: values,
      ports: [:],
      backup: policy)
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest))
      .dropIns(for: instance, variables: variables(manifest, settings: values))
    return Dictionary(
      uniqueKeysWithValues: files.map { file in
        let lines = file.text.split(separator: "\n").dropFirst().joined(separator: "\n")
        return (String(file.path.dropFirst("/etc/systemd/system/".count).dropLast(".d/berth.conf".count)), lines)
      })
  }

  @Test("every program of a set has a unit, and Berth one of its own with a timer")
  func names() throws {
    let names = try Set(templates().keys).subtracting(["sample@.service", "sample-web@.service", "sample@.target"])
    #expect(
      names == [
        "sample-base-dump@.service", "sample-world-before@.service", "sample-world-after@.service",
        "sample-store-dump@.service", "sample-store-restore@.service", "sample-backup@.service",
        "sample-backup@.timer",
      ])
    #expect(
      Set(names.filter { $0.hasSuffix(".service") })
        == Set(manifest.unitParts.filter { !["main", "web"].contains($0) }.map { "sample-\($0)@.service" }))
  }

  @Test("a set's program is shut in as its service is, and belongs to no target")
  func shutIn() throws {
    let units = try templates()
    let service = try #require(units["sample-web@.service"])
    let dump = try #require(units["sample-store-dump@.service"])
    #expect(
      Set(dump).subtracting(service) == [
        "Description=Sample (dump of store), instance %i", "Type=oneshot",
        "ExecStart=\"/usr/bin/dump\" \"${BERTH_HOST_NAME}\"", "TimeoutStartSec=71", "TimeoutStopSec=10",
        "StandardOutput=truncate:/var/lib/berth/instances/sample/%i/dumps/store", "StandardError=journal",
      ])
    #expect(dump.contains("EnvironmentFile=/var/lib/berth/instances/sample/%i/web.env"))
    let restore = try #require(units["sample-store-restore@.service"])
    #expect(
      Set(restore).subtracting(dump) == [
        "Description=Sample (restore of store), instance %i", "TimeoutStartSec=72",
        "ExecStart=\"/usr/bin/load\" \"${BERTH_INSTANCE_SLUG}\"", "StandardOutput=journal",
        "StandardInput=file:/var/lib/berth/instances/sample/%i/dumps/store",
      ])
    for (name, lines) in units where name.contains("-dump") || name.contains("-restore") || name.contains("-before") {
      #expect(
        !lines.contains { $0.hasPrefix("PartOf=") || $0.hasPrefix("After=") || $0.hasPrefix("Requires=") }, "\(name)")
      #expect(lines.contains("SystemCallFilter=@system-service") && lines.contains("Type=oneshot"))
    }
  }

  @Test("several actions are several lines of one unit, which has time for all of them")
  func actions() throws {
    let units = try templates()
    let before = try #require(units["sample-world-before@.service"])
    #expect(
      before.filter { $0.hasPrefix("ExecStart=") } == [
        "ExecStart=\"/usr/bin/hold\" \"${BERTH_PORTS_GAME}\"", "ExecStart=\"/usr/bin/hold\" \"100%%\"",
      ])
    #expect(before.contains("TimeoutStartSec=30") && before.contains("MemoryMax=1G") && before.contains("TasksMax=9"))
    #expect(before.contains("# PrivateIPC is loosened: it shares memory"))
    #expect(try #require(units["sample-world-after@.service"]).contains("TimeoutStartSec=5"))
  }

  @Test("databases are copied by Berth itself, in the instance's place", arguments: Stage.allCases)
  func snapshot(_ stage: Stage) throws {
    let unit = try #require(try templates(stage)["sample-base-dump@.service"])
    let line = try #require(unit.first { $0.hasPrefix("ExecStart=") })
    let home = "\(stage.paths.state)/instances/sample/kids"
    // The only specifier is the instance's id.
    let words = try SystemdReader.arguments(
      String(line.dropFirst("ExecStart=".count)).replacing("%i", with: "kids"),
      environment: ["BERTH_SETTINGS_LEVEL": "two"])
    #expect(
      words == [
        "/usr/bin/berth", "sqlite-snapshot", "--root", home, "--to", "\(home)/cache/.berth-backup/base",
        "data/two/*.sqlite", "cache/100% $x.db",
      ])
    let shown = try #require(unit.first { $0.hasPrefix("BindReadOnlyPaths=") })
    #expect(shown.hasPrefix("BindReadOnlyPaths=/usr/bin/berth"))
    #expect(unit.contains("TimeoutStartSec=3600"))
  }

  @Test("a scheduled backup has Berth's own rights, and finds its scope again")
  func scheduled() throws {
    func words(_ stage: Stage, plugins: [String] = []) throws -> [String] {
      let unit = try #require(try templates(stage, plugins: plugins)["sample-backup@.service"])
      let line = try #require(unit.first { $0.hasPrefix("ExecStart=") })
      #expect(!unit.contains { $0.hasPrefix("Protect") || $0.hasPrefix("SystemCall") || $0.hasPrefix("PartOf=") })
      #expect(unit.contains("TimeoutStartSec=infinity") && unit.contains("Nice=10"))
      #expect(unit.contains { $0.hasPrefix("Environment=\"XDG") } == (stage == .user))
      // Who is not root gets its share of the processor not back, and libdispatch would write that into the log.
      #expect(unit.contains("Environment=LIBDISPATCH_LOG=NO") == (stage != .system))
      return try SystemdReader.arguments(
        String(line.dropFirst("ExecStart=".count)).replacing("%i", with: "kids"), environment: [:])
    }
    let command = ["/usr/bin/berth", "backup", "sample", "--scheduled", "--wait", "3600"]
    #expect(try words(.system) == command + ["--scope", "system", "--instance", "kids"])
    #expect(try words(.sandbox) == command + ["--root", "/home/ann/try", "--instance", "kids"])
    #expect(
      try words(.user, plugins: ["/srv/100% $x"])
        == command + ["--scope", "user", "--plugins", "/srv/100% $x", "--instance", "kids"])
    #expect(
      try #require(templates(.user)["sample-backup@.service"]).filter { $0.hasPrefix("Environment=\"") } == [
        "Environment=\"XDG_CONFIG_HOME=/home/ann/.config\"", "Environment=\"XDG_DATA_HOME=/home/ann/.local/share\"",
        "Environment=\"XDG_STATE_HOME=/home/ann/.local/state\"",
      ])
  }

  @Test("the timer goes with the app, and its times are each instance's own")
  func timer() throws {
    let timer = try #require(try templates()["sample-backup@.timer"])
    #expect(timer.contains("PartOf=sample@%i.target") && timer.contains("Persistent=yes"))
    #expect(!timer.contains { $0.hasPrefix("OnCalendar=") || $0.hasPrefix("RandomizedDelaySec=") })
    let wanted = "[Unit]\nWants=sample-backup@default.timer"
    let exact = try dropIns(BackupPolicy(schedule: "Mon..Fri 04:00"))
    #expect(exact["sample-backup@default.timer"] == "[Timer]\nOnCalendar=Mon..Fri 04:00")
    #expect(exact["sample@default.target"] == wanted)
    let word = try dropIns(BackupPolicy(schedule: "daily"))
    #expect(word["sample-backup@default.timer"] == "[Timer]\nOnCalendar=daily\nRandomizedDelaySec=10min")
    for schedule in [nil, "off"] {
      let none = try dropIns(BackupPolicy(schedule: schedule, keep: Retention(last: 1)))
      #expect(none["sample-backup@default.timer"] == nil && none["sample@default.target"] == nil)
    }
  }

  @Test("the programs of a set have the instance's user, where the instance has their service")
  func users() throws {
    let user = "[Service]\nUser=berth-0123456789ab\nGroup=berth-0123456789ab"
    let off = try dropIns(BackupPolicy())
    #expect(off["sample-base-dump@default.service"] == user && off["sample-world-after@default.service"] == user)
    #expect(off["sample-store-dump@default.service"] == nil && off["sample-backup@default.service"] == nil)
    let on = try dropIns(BackupPolicy(), web: true)
    #expect(on["sample-store-dump@default.service"] == user && on["sample-store-restore@default.service"] == user)
  }

  @Test("what the arguments name is in the environment of their service, and nothing more")
  func environment() throws {
    let files = try EnvironmentRenderer(manifest: manifest, context: Stage.system.context(manifest)).files(
      for: InstanceKey(app: "sample", id: .default),
      variables: variables(manifest, settings: ["web": .boolean(true), "level": .text("one")], ports: ["game": 7]))
    let home = "/var/lib/berth/instances/sample/default/data"
    #expect(
      try files.map { try SystemdReader.environment($0.text) } == [
        ["BERTH_PORTS_GAME": "7", "BERTH_SETTINGS_LEVEL": "one", "HOME": home],
        ["BERTH_HOST_NAME": "harbour", "BERTH_INSTANCE_SLUG": "kids", "HOME": home],
      ])
  }

  @Test("a folder with spaces, quotes and percent signs in its name breaks out of no line")
  func hostileFolders() throws {
    let paths = ScopePaths.user(
      configHome: "/home/a \"b\" 100%i", stateHome: "/home/s %n", dataHome: "/home/d\\", runtime: "/run/user/1")
    let renderer = UnitRenderer(manifest: manifest, context: Stage.user.context(manifest, paths: paths))
    let files = try renderer.templates()
    func unit(_ name: String) throws -> [Substring] {
      try #require(files.first { $0.path.hasSuffix("/\(name)") }).text.split(separator: "\n")
    }
    #expect(
      try unit("sample-backup@.service").filter { $0.hasPrefix("Environment=\"") } == [
        "Environment=\"XDG_CONFIG_HOME=/home/a \\\"b\\\" 100%%i\"", "Environment=\"XDG_DATA_HOME=/home/d\\\\\"",
        "Environment=\"XDG_STATE_HOME=/home/s %%n\"",
      ])
    #expect(
      try unit("sample-store-dump@.service").contains(
        "StandardOutput=truncate:/home/s %%n/berth/instances/sample/%i/dumps/store"))
  }
}
