import BerthKit
import BerthRender
import Testing

@Suite("Programs inside containers") struct InsideContainerTests {
  /// A database in a container, and an app that needs it.
  static func manifest(_ change: (inout Manifest) -> Void = { _ in }) throws -> Manifest {
    var manifest = sampleManifest(
      settings: [Setting("name", .string, default: "shop")],
      ports: [PortRole("sql", [.tcp], default: 5432, service: "db")])
    manifest.services = [
      Service(
        "main", .container(Container(image: "registry.example/app:1")), dependsOn: ["db"],
        mounts: [Mount("/files", volume: "files")]),
      Service(
        "db", .container(Container(image: "registry.example/db:1")),
        stop: .init(
          signal: "SIGINT", grace: 20,
          first: Action(exec: ["flush", "{{settings.name}}", #"a "b" $c %d \e"#], timeout: 7)),
        mounts: [Mount("/rows", volume: "rows")]),
    ]
    manifest.backup = [
      BackupSet(
        "rows",
        .command(
          dump: Action(exec: ["pg_dump", "-p", "{{ports.sql}}", "{{settings.name}}", "100% $x"], timeout: 70),
          restore: Action(exec: ["/usr/bin/pg_restore", "-d", "{{settings.name}}"], timeout: 80)), service: "db",
        before: [Action(exec: ["hold"], timeout: 5)], after: [Action(exec: ["resume"], timeout: 6)]),
      BackupSet("index", .sqlite(paths: ["{{paths.data}}/volumes/files/*.db"])),
    ]
    change(&manifest)
    try ManifestValidator(manifest).validate()
    return manifest
  }

  static let values: [String: Value] = ["name": .text("my shop")]

  private func unit(_ name: String, _ manifest: Manifest) throws -> [String] {
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()
    return try #require(files.first { $0.path.hasSuffix("/\(name)") }).text.split(separator: "\n").map(String.init)
  }

  @Test("the programs of a set run in the running container, as root and with its container's walls alone")
  func sets() throws {
    let manifest = try Self.manifest()
    let dump = try unit("sample-rows-dump@.service", manifest)
    let line = try #require(dump.first { $0.hasPrefix("ExecStart=") }).dropFirst("ExecStart=".count)
    #expect(
      try SystemdReader.arguments(
        String(line),
        environment: [
          "BERTH_INSTANCE_SLUG": "kids", "BERTH_PORTS_SQL": "5432", "BERTH_SETTINGS_NAME": #"a "b" $c"#,
        ]) == ["/usr/bin/podman", "exec", "sample_kids_db", "pg_dump", "-p", "5432", #"a "b" $c"#, "100% $x"])
    #expect(
      dump.filter { !$0.hasPrefix("#") && !$0.hasPrefix("ExecStart=") && !$0.hasPrefix("[") } == [
        "Description=Sample (dump of rows), instance %i", "Type=oneshot",
        "EnvironmentFile=/var/lib/berth/instances/sample/%i/db.env",
        "StandardOutput=truncate:/var/lib/berth/instances/sample/%i/dumps/rows", "StandardError=journal",
        "TimeoutStartSec=70", "TimeoutStopSec=10", "SyslogIdentifier=%p@%i",
      ])
    let restore = try unit("sample-rows-restore@.service", manifest)
    #expect(
      restore.contains(
        #"ExecStart="/usr/bin/podman" "exec" "--interactive" "sample_${BERTH_INSTANCE_SLUG}_db" "/usr/bin/pg_restore" "-d" "${BERTH_SETTINGS_NAME}""#
      ))
    #expect(restore.contains("StandardInput=file:/var/lib/berth/instances/sample/%i/dumps/rows"))
    #expect(
      try unit("sample-rows-before@.service", manifest).contains(
        #"ExecStart="/usr/bin/podman" "exec" "sample_${BERTH_INSTANCE_SLUG}_db" "hold""#))
    // Berth copies databases itself, on the host and as the instance's user.
    let index = try unit("sample-index-dump@.service", manifest)
    #expect(index.contains("NoNewPrivileges=yes") && !index.contains { $0.contains("podman") })
  }

  @Test("only what works on the host has the instance's user")
  func users() throws {
    let manifest = try Self.manifest()
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest))
      .dropIns(
        for: try instance(manifest, settings: Self.values), variables: variables(manifest, settings: Self.values))
    #expect(files.map(\.path) == ["/etc/systemd/system/sample-index-dump@default.service.d/berth.conf"])
  }

  @Test("what the lines name is in the environment of their units, and not in the container's")
  func environment() throws {
    let manifest = try Self.manifest()
    let files = try EnvironmentRenderer(manifest: manifest, context: Stage.system.context(manifest)).files(
      for: InstanceKey(app: "sample", id: .default),
      variables: variables(manifest, settings: Self.values, ports: ["sql": 7]))
    let file = try #require(files.first { $0.path.hasSuffix("/db.env") })
    #expect(
      try SystemdReader.environment(file.text) == [
        "BERTH_INSTANCE_SLUG": "kids", "BERTH_PORTS_SQL": "7", "BERTH_SETTINGS_NAME": "my shop",
      ])
  }

  @Test("what is done before a stop has its own bound, so that the stop itself follows whatever it does")
  func stop() throws {
    let manifest = try Self.manifest()
    let instance = try instance(manifest, settings: Self.values, ports: ["sql": 5432])
    let context = Stage.system.context(manifest)
    let files = try UnitRenderer(manifest: manifest, context: context)
      .containers(of: instance, variables: Variables(manifest: manifest, instance: instance, context: context))
    let lines = try #require(files.first { $0.path.hasSuffix("sample-db@default.container") }).text
      .split(separator: "\n").map(String.init)
    let line = try #require(lines.first { $0.hasPrefix("ExecStop=-") }).dropFirst("ExecStop=-".count)
    #expect(
      try SystemdReader.arguments(String(line), environment: [:]) == [
        "/usr/bin/timeout", "--kill-after=5", "7", "/usr/bin/podman", "exec", "sample_kids_db", "flush", "my shop",
        #"a "b" $c %d \e"#,
      ])
    #expect(lines.contains("TimeoutStopSec=42"))
  }

  @Test("a job has a file of its own: its service's container once more, with another program and an end")
  func job() throws {
    let manifest = try Self.manifest {
      $0.services[1].container?.user = "1000"
      $0.services[1].limits.memory = "1G"
      $0.jobs = [
        Job(
          "tidy", calendar: "daily", service: "db",
          action: Action(exec: ["vacuum", "{{settings.name}}", #"a "b" $c %d \e"#], timeout: 77)),
        Job("seed", at: [.install], action: Action(exec: ["seed"], timeout: 60)),
      ]
    }
    let instance = try instance(manifest, settings: Self.values, ports: ["sql": 5432])
    let context = Stage.system.context(manifest)
    let renderer = UnitRenderer(manifest: manifest, context: context)
    let files = try renderer.containers(
      of: instance, variables: Variables(manifest: manifest, instance: instance, context: context))
    func lines(_ name: String) throws -> [String] {
      let file = try #require(files.first { $0.path == "/etc/containers/systemd/\(name)@default.container" })
      return file.text.split(separator: "\n").map(String.init)
    }
    let (job, service) = (try lines("sample-tidy"), try lines("sample-db"))
    let pins = "/run/berth/mounts/sample@default/tidy"
    #expect(
      Set(job.filter { !$0.hasPrefix("Exec=") }).subtracting(service) == [
        #"ExecStartPre="/usr/bin/berth" "pin" "\#(pins)" "own:0:/var/lib/berth/instances/sample/default/data/volumes/rows""#,
        #"ExecStopPost="/usr/bin/berth" "unpin" "\#(pins)""#, "Volume=\(pins)/0:/rows:nosuid,nodev",
        "Description=Sample (job tidy), instance default", "After=sample-db@default.service",
        "ContainerName=sample_kids_tidy", "Network=sample@default.network", "Type=oneshot", "TimeoutStartSec=77",
        "TimeoutStopSec=10",
      ])
    let exec = try #require(job.first { $0.hasPrefix("Exec=") }).dropFirst("Exec=".count)
    #expect(
      try SystemdReader.arguments(String(exec), environment: [:]) == ["vacuum", "my shop", #"a "b" $c %d \e"#])
    #expect(!job.contains { $0.hasPrefix("PublishPort=") || $0.hasPrefix("Health") || $0.hasPrefix("Restart") })
    #expect(job.contains("User=1000") && job.contains("MemoryMax=1G"))
    #expect(!(try lines("sample-seed")).contains { $0.hasPrefix("After=") })
    // Only the timer is the same for all.
    let templates = try renderer.templates().map(\.path)
    #expect(templates.contains("/etc/systemd/system/sample-tidy@.timer"))
    #expect(!templates.contains("/etc/systemd/system/sample-tidy@.service"))
  }
}
