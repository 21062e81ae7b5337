import BerthKit
import BerthRender
import Testing

@Suite("Units") struct UnitRendererTests {
  private func manifest(_ change: (inout Manifest) -> Void = { _ in }) -> Manifest {
    var manifest = sampleManifest(ports: [PortRole("game", [.tcp, .udp], default: 4000)])
    change(&manifest)
    return manifest
  }

  private func unit(_ stage: Stage = .system, _ change: (inout Manifest) -> Void = { _ in }) throws -> [String] {
    let manifest = manifest(change)
    try ManifestValidator(manifest).validate()
    let files = try UnitRenderer(manifest: manifest, context: stage.context(manifest)).templates()
    return try #require(files.first).text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// A change of the manifest, and the lines that it brings and takes away.
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let change: @Sendable (inout Manifest) -> Void
    let brings: [String]
    let takes: [String]

    var testDescription: String { name }

    init(_ name: String, brings: [String], takes: [String] = [], _ change: @escaping @Sendable (inout Manifest) -> Void)
    {
      self.name = name
      self.change = change
      self.brings = brings
      self.takes = takes
    }
  }

  @Test(
    "every key of a service has its line in the unit",
    arguments: [
      Change(
        "name", brings: ["Description=100%% Ours (main), instance %i"],
        takes: ["Description=Sample (main), instance %i"]
      ) {
        $0.name = "100% Ours"
      },
      Change("exec", brings: [#"ExecStart="/usr/bin/sample" "-x""#], takes: [#"ExecStart="/usr/bin/sample""#]) {
        $0.services[0].arguments.append("-x")
      },
      Change("programs", brings: [#"ExecStart="/opt/100%%/s""#], takes: [#"ExecStart="/usr/bin/sample""#]) {
        $0.programs[0].candidates = ["/opt/100%/s"]
      },
      Change("an absolute program", brings: [#"ExecStart="/bin/x""#], takes: [#"ExecStart="/usr/bin/sample""#]) {
        $0.services[0].arguments = ["/bin/x"]
      },
      Change(
        "workdir", brings: ["WorkingDirectory=/var/lib/berth/instances/sample/%i/cache/a b"],
        takes: ["WorkingDirectory=/var/lib/berth/instances/sample/%i/data"]
      ) { $0.services[0].workdir = "{{paths.cache}}/a b" },
      Change(
        "a fixed workdir", brings: ["WorkingDirectory=/srv/100%%"],
        takes: ["WorkingDirectory=/var/lib/berth/instances/sample/%i/data"]
      ) {
        $0.services[0].workdir = "/srv/100%"
      },
      Change(
        "stop.signal", brings: ["KillSignal=SIGINT", "SuccessExitStatus=SIGINT"],
        takes: ["KillSignal=SIGTERM", "SuccessExitStatus=SIGTERM"]
      ) {
        $0.services[0].stop.signal = "SIGINT"
      },
      Change("stop.grace", brings: ["TimeoutStopSec=65"], takes: ["TimeoutStopSec=35"]) {
        $0.services[0].stop.grace = 60
      },
      Change(
        "ready",
        brings: [
          #"ExecStartPost=+"/usr/bin/berth" probe udp ${BERTH_PORTS_GAME} --timeout 7"#, "TimeoutStartSec=17",
        ]
      ) { $0.services[0].ready = [ReadyProbe(.udp, "game", timeout: 7)] },
      Change(
        "ready.http",
        brings: [
          #"ExecStartPost=+"/usr/bin/berth" "probe" "http" "${BERTH_PORTS_GAME}" "--own" "--timeout" "9" "--address" "127.0.0.1" "--path" "/a%%b" "--status" "200,401" "--host" "play.example""#,
          "TimeoutStartSec=19",
        ]
      ) {
        $0.services[0].ready = [
          ReadyProbe(
            .http(.init(role: "game", path: "/a%b", host: "play.example", statuses: [200, 401])), timeout: 9)
        ]
      },
      Change(
        "ready",
        brings: [
          #"ExecStartPost=+"/usr/bin/berth" probe udp ${BERTH_PORTS_GAME} --timeout 7"#,
          #"ExecStartPost=+"/usr/bin/berth" probe udp ${BERTH_PORTS_GAME} --timeout 8"#, "TimeoutStartSec=25",
        ]
      ) { $0.services[0].ready = [ReadyProbe(.udp, "game", timeout: 7), ReadyProbe(.udp, "game", timeout: 8)] },
      Change(
        "mounts",
        brings: [
          "BindPaths=-/run/berth/mounts/sample@%i/main/0:/srv/saves",
          "BindReadOnlyPaths=-/run/berth/mounts/sample@%i/main/1:\"/srv/my own\"",
          "BindReadOnlyPaths=\"/srv/a b\":/srv/other",
          #"ExecStartPre=+"/usr/bin/berth" "pin" "/run/berth/mounts/sample@%i/main""#
            + #" "own:0:/var/lib/berth/instances/sample/%i/data/volumes/saves""#
            + #" "own:1:/var/lib/berth/instances/sample/%i/config/100%%/%i""#,
          #"ExecStopPost=+"/usr/bin/berth" "unpin" "/run/berth/mounts/sample@%i/main""#,
        ]
      ) {
        $0.services[0].mounts = [
          Mount("/srv/saves", volume: "saves"),
          Mount("/srv/my own", from: "{{paths.config}}/100%/{{instance.id}}", readOnly: true),
          Mount("/srv/other", from: "/srv/a b", readOnly: true),
        ]
        $0.backup = [BackupSet("saves", .volume("saves", isHot: true))]
      },
      Change("limits.memory", brings: ["MemoryMax=512M"]) { $0.services[0].limits.memory = "512M" },
      Change("limits.files", brings: ["LimitNOFILE=4096"]) { $0.services[0].limits.files = 4096 },
      Change("limits.tasks", brings: ["TasksMax=9"]) { $0.services[0].limits.tasks = 9 },
      Change(
        "loosen", brings: ["# MemoryDenyWriteExecute is loosened: 100% JIT"], takes: ["MemoryDenyWriteExecute=yes"]
      ) { $0.services[0].loosen = [.init("MemoryDenyWriteExecute", "100% JIT")] },
      Change(
        "loosen what has two lines", brings: ["# SystemCallFilter is loosened: it mounts"],
        takes: ["SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources"]
      ) { $0.services[0].loosen = [.init("SystemCallFilter", "it mounts")] },
      Change(
        "env", brings: ["UnsetEnvironment=NOTIFY_SOCKET SYSTEMD_UNIT_PATH XDG_CONFIG_HOME XDG_RUNTIME_DIR"],
        takes: ["UnsetEnvironment=NOTIFY_SOCKET SYSTEMD_UNIT_PATH XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR"]
      ) { $0.services[0].environment = [.init("XDG_DATA_HOME", "{{paths.cache}}")] },
    ])
  func keys(_ row: Change) throws {
    let plain = try unit()
    let changed = try unit(.system, row.change)
    #expect(Set(changed).subtracting(plain) == Set(row.brings))
    #expect(Set(plain).subtracting(changed) == Set(row.takes))
  }

  @Test(
    "any hardening line can be loosened, and is then a comment in every scope", arguments: HardeningKey.allCases,
    Stage.allCases)
  func loosened(_ key: HardeningKey, _ stage: Stage) throws {
    let lines = try unit(stage) { $0.services[0].loosen = [.init(key.rawValue, "it must")] }
    #expect(lines.filter { $0.hasPrefix("\(key.rawValue)=") } == [])
    #expect(lines.filter { $0 == "# \(key.rawValue) is loosened: it must" }.count == 1)
    for other in HardeningKey.allCases where other != key {
      let count = { (lines: [String]) in lines.count { $0.hasPrefix("\(other.rawValue)=") } }
      #expect(count(lines) == count(try unit(stage)), "\(other.rawValue)")
    }
  }

  @Test("a manager of a person's needs a user namespace; no other has one")
  func rights() throws {
    #expect(try unit(.user).contains("PrivateUsers=yes"))
    for stage in [Stage.system, .sandbox] {
      #expect(try !unit(stage).contains("PrivateUsers=yes"))
      #expect(try unit(stage).contains("PrivateIPC=yes") == (stage == .system))
      #expect(try unit(stage).contains("ProtectKernelLogs=yes") == (stage == .system))
    }
  }

  @Test("only the system knows the network's target")
  func network() throws {
    #expect(try unit(.system).contains("After=network-online.target"))
    for stage in [Stage.user, .sandbox] { #expect(try !unit(stage).contains { $0.contains("network-online") }) }
  }

  @Test("an app with two services has two templates, and one target that wants both")
  func services() throws {
    let manifest = manifest { $0.services.append(Service("web", exec: ["/usr/bin/web"])) }
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()
    let folder = "/etc/systemd/system"
    #expect(
      files.map(\.path) == ["\(folder)/sample@.service", "\(folder)/sample-web@.service", "\(folder)/sample@.target"])
    #expect(files[1].text.contains("\nPartOf=sample@%i.target\n"))
    #expect(files[1].text.contains("\nEnvironmentFile=/var/lib/berth/instances/sample/%i/web.env\n"))
    #expect(files[2].text.contains("\nWants=sample@%i.service sample-web@%i.service\n"))
  }

  @Test(
    "every unit file begins with our signature, and none holds a NUL or an unescaped id", arguments: Plugins.ids,
    Stage.allCases)
  func signature(_ id: String, _ stage: Stage) throws {
    let rendering = try Rendering(try Plugins.plugin(id), stage)
    for file in rendering.templates + rendering.dropIns {
      #expect(file.text.hasPrefix(UnitRenderer.signature))
      #expect(
        !file.text.contains("\0") && !file.text.replacing("%%", with: "").contains("%I") && file.text.hasSuffix("\n"))
    }
    for file in rendering.templates { #expect(!file.text.contains(FixedInstance.id)) }
  }

  @Test("a program that was not found is an error")
  func missingProgram() throws {
    let manifest = manifest()
    let context = RenderContext(
      paths: .system, rights: .root, berth: "/usr/bin/berth", programs: [:], hostName: "h", timeZone: "UTC")
    #expect(throws: BerthError.self) { try UnitRenderer(manifest: manifest, context: context).templates() }
  }
}
