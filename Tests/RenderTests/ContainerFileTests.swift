import BerthKit
import BerthRender
import Testing

/// What Podman's generator is given; whether it takes it is tried on a host that has it.
@Suite("Unit files of containers") struct ContainerFileTests {
  private static let image = String(repeating: "ab", count: 32)

  private func manifest(_ change: (inout Manifest) -> Void = { _ in }) throws -> Manifest {
    var manifest = sampleManifest(
      settings: [Setting("folder", .path, default: "/srv/media"), Setting("gpu", .bool, default: "false")],
      ports: [PortRole("http", [.tcp], default: 8080, bind: "127.0.0.1", service: "main", target: 80)])
    manifest.services = [
      Service(
        "main", .container(Container(image: "registry.example/web:1")),
        ready: [ReadyProbe(.http(.init(role: "http", path: "/health", statuses: [200, 204])), timeout: 90)])
    ]
    change(&manifest)
    try ManifestValidator(manifest).validate()
    return manifest
  }

  private func files(
    _ manifest: Manifest, settings: [String: Value] = [:], images: [String: String] = ["main": image]
  ) throws -> [RenderedFile] {
    let plain = try instance(
      manifest, settings: settings.merging(["folder": .text("/srv/media"), "gpu": .boolean(false)]) { own, _ in own },
      ports: Dictionary(uniqueKeysWithValues: manifest.ports.map { ($0.role, $0.defaultNumber ?? 0) }))
    let values = InstanceValues(
      key: plain.key, uid: plain.uid, name: plain.name, slug: plain.slug, user: plain.user,
      numbers: (1_900_000_001, 1_900_000_002),
      settings: plain.settings, ports: plain.ports, images: images)
    let context = Stage.system.context(manifest)
    return try UnitRenderer(manifest: manifest, context: context)
      .containers(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
  }

  private func lines(_ manifest: Manifest, settings: [String: Value] = [:], images: [String: String] = ["main": image])
    throws -> [String]
  {
    let file = try #require(try files(manifest, settings: settings, images: images).last)
    return file.text.split(separator: "\n").map(String.init)
  }

  @Test("an instance has one file for each container and one for their network, where the generator looks")
  func places() throws {
    let manifest = try manifest {
      $0.services.append(
        Service("side", .container(Container(image: "registry.example/side:1")), dependsOn: ["main"]))
    }
    let files = try files(manifest)
    #expect(
      files.map(\.path) == [
        "/etc/containers/systemd/sample@default.network", "/etc/containers/systemd/sample@default.container",
        "/etc/containers/systemd/sample-side@default.container",
      ])
    #expect(files.map(\.service) == [nil, "main", "side"])
    #expect(files.allSatisfy { $0.text.hasPrefix(UnitRenderer.signature) && !$0.isSecret })
    #expect(files[1].text.contains("\nContainerName=sample_kids\n"))
    #expect(files[2].text.contains("\nContainerName=sample_kids_side\n"))
    #expect(files[2].text.contains("\nRequires=sample@default.service\nAfter=sample@default.service\n"))
    #expect(files[0].text.contains("\nNetworkName=sample_kids\n"))
  }

  @Test("an app without containers has none of these files")
  func none() throws {
    let manifest = sampleManifest()
    #expect(try files(manifest).isEmpty)
  }

  @Test("a port is published on its own address only, for each of its protocols, and on every one where that is said")
  func ports() throws {
    let manifest = try manifest {
      $0.ports.append(PortRole("peer", [.tcp, .udp], default: 6881, service: "main"))
      $0.ports.append(PortRole("six", [.tcp], default: 7000, bind: "2001:db8::7", service: "main"))
      $0.ports.append(PortRole("every", [.tcp], default: 7001, bind: "::", service: "main"))
    }
    #expect(
      try lines(manifest).filter { $0.hasPrefix("PublishPort=") } == [
        "PublishPort=127.0.0.1:8080:80/tcp", "PublishPort=0.0.0.0:6881:6881/tcp", "PublishPort=0.0.0.0:6881:6881/udp",
        "PublishPort=[2001:db8::7]:7000:7000/tcp", "PublishPort=7001:7001/tcp",
      ])
  }

  @Test("an image that is fixed is never fetched, and one that was not found yet goes by its name")
  func images() throws {
    let fixed = try lines(try manifest())
    #expect(fixed.contains("Image=\(Self.image)") && fixed.contains("Pull=never"))
    let named = try lines(try manifest(), images: [:])
    #expect(named.contains("Image=registry.example/web:1") && named.contains("Pull=missing"))
  }

  @Test("readiness by a program is a health check without a shell, whatever its arguments hold")
  func health() throws {
    let manifest = try manifest {
      $0.services[0].ready = [ReadyProbe(.exec(["/bin/ask", #"a "b" \c"#, "$HOME", "100%"]))]
    }
    let lines = try lines(manifest)
    #expect(lines.contains(#"HealthCmd=["/bin/ask","a \"b\" \\c","$$HOME","100%%"]"#))
    #expect(lines.contains("Notify=healthy"))
    #expect(!lines.contains { $0.hasPrefix("ExecStartPost=") })
  }

  @Test("readiness by a web server is asked by Berth at the address where it is published")
  func http() throws {
    let lines = try lines(try manifest())
    #expect(
      lines.contains(
        #"ExecStartPost="/usr/bin/berth" "probe" "http" "8080" "--timeout" "90" "--address" "127.0.0.1" "--path" "/health" "--status" "200,204""#
      ))
    #expect(lines.contains("TimeoutStartSec=120"))
    #expect(!lines.contains { $0.hasPrefix("HealthCmd=") })
  }

  @Test("what it sees of the host is what the plugin says, as far as settings go")
  func host() throws {
    let manifest = try manifest {
      $0.services[0].form = .container(
        Container(
          image: "registry.example/web:1", user: "{{instance.uid}}:{{instance.gid}}",
          devices: [.init("/dev/fuse"), .init("/dev/dri", when: Condition([.init("gpu", ["true"])]))]))
      $0.services[0].mounts = [
        Mount("/config", from: "{{paths.data}}/web"), Mount("/media", from: "{{settings.folder}}", readOnly: true),
      ]
      $0.backup = [BackupSet("web", .files(paths: ["{{paths.data}}"], exclude: [], isHot: false))]
    }
    let lines = try lines(manifest, settings: ["folder": .text("/srv/mine and yours")])
    #expect(lines.contains("User=1900000001:1900000002"))
    #expect(lines.contains("Volume=/run/berth/mounts/sample@default/main/0:/config:nosuid,nodev"))
    #expect(lines.contains("Volume=/run/berth/mounts/sample@default/main/1:/media:ro,nosuid,nodev"))
    #expect(lines.filter { $0.hasPrefix("AddDevice=") } == ["AddDevice=/dev/fuse"])
    #expect(try self.lines(manifest, settings: ["gpu": .boolean(true)]).contains("AddDevice=/dev/dri"))
  }

  @Test("a named volume is a folder of the instance, and a mount with a condition is there when it holds")
  func volumes() throws {
    let manifest = try manifest {
      $0.services[0].mounts = [
        Mount("/data", volume: "db_1"),
        Mount("/more", volume: "db_1", readOnly: true, when: Condition([.init("gpu", ["true"])])),
      ]
      $0.backup = [BackupSet("db", .volume("db_1", isHot: false))]
    }
    let folder = "/run/berth/mounts/sample@default/main"
    #expect(try lines(manifest).filter { $0.hasPrefix("Volume=") } == ["Volume=\(folder)/0:/data:nosuid,nodev"])
    #expect(
      try lines(manifest, settings: ["gpu": .boolean(true)]).filter { $0.hasPrefix("Volume=") }
        == ["Volume=\(folder)/0:/data:nosuid,nodev", "Volume=\(folder)/1:/more:ro,nosuid,nodev"])
  }

  @Test("of several probes the program is asked for health, and the web server from outside")
  func probes() throws {
    let manifest = try manifest {
      $0.services[0].ready.append(ReadyProbe(.exec(["/bin/ask"]), timeout: 5))
      $0.services[0].ready.append(ReadyProbe(.http(.init(role: "http", path: "/deep")), timeout: 7))
    }
    let lines = try lines(manifest)
    #expect(lines.contains(#"HealthCmd=["/bin/ask"]"#) && lines.contains("Notify=healthy"))
    let asked = lines.filter { $0.hasPrefix("ExecStartPost=") }
    #expect(asked.count == 2 && asked[0].contains("/health") && asked[1].contains("/deep"))
    #expect(lines.contains("TimeoutStartSec=132"))
  }

  @Test("how it is stopped and bounded is what the plugin says")
  func bounds() throws {
    let manifest = try manifest {
      $0.services[0].stop = .init(signal: "SIGINT", grace: 45)
      $0.services[0].limits = .init(memory: "512M", tasks: 64, cpus: 1.5)
    }
    let lines = try lines(manifest)
    for line in [
      "StopSignal=SIGINT", "StopTimeout=45", "TimeoutStopSec=60", "SuccessExitStatus=130", "MemoryMax=512M",
      "TasksMax=64", "CPUQuota=150%", "NoNewPrivileges=true",
    ] {
      #expect(lines.contains(line))
    }
  }

  @Test("a container's environment is what its values are, and secrets are nowhere else")
  func environment() throws {
    let hostile = #"a "b" 'c' $HOME #d %i \ e"#
    let manifest = try manifest {
      $0.settings.append(Setting("token", .secret))
      $0.services[0].environment = [.init("TEXT", "x={{settings.token}}"), .init("PLAIN", "{{instance.name}}")]
    }
    let values = try instance(manifest, settings: ["token": .text(hostile)], ports: ["http": 8080])
    let context = Stage.system.context(manifest)
    let files = try EnvironmentRenderer(manifest: manifest, context: context).files(
      for: values.key, variables: Variables(manifest: manifest, instance: values, context: context))
    #expect(files.map(\.path).map { $0.split(separator: "/").last ?? "" } == ["env", "container.env"])
    #expect(files[1].text.hasSuffix("\nTEXT=x=\(hostile)\nPLAIN=Kids\n"))
    #expect(files[1].isSecret && !files[0].isSecret)
    #expect(!files[0].text.contains(hostile))
    #expect(try self.files(manifest, settings: ["token": .text(hostile)]).allSatisfy { !$0.text.contains("$HOME") })
  }

  @Test("no two containers of any instances have one name")
  func names() {
    let parts = ["a", "b", "a-b", "b-a", "main"]
    var names: Set<String> = []
    for app in parts {
      for slug in parts {
        for service in parts {
          #expect(names.insert(ContainerName.container(app, slug, service: service)).inserted)
        }
      }
    }
  }
}
