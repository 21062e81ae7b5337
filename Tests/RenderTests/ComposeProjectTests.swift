import BerthKit
import Foundation
import Testing

@testable import BerthRender

/// What Docker Compose is given; whether it takes it is tried on a host that has it.
@Suite("Projects of Docker Compose") struct ComposeProjectTests {
  static let hostile = [
    "plain", "", "a b", #"a "b" 'c'"#, "$HOME ${X} $$", #"back\slash\"#, "#d ; %i", "`f`", "é \u{301}",
  ]

  private func manifest() throws -> Manifest {
    var manifest = sampleManifest(
      settings: [Setting("word", .string, default: "plain"), Setting("key", .secret)],
      ports: [PortRole("http", [.tcp], default: 8080, bind: "127.0.0.1", service: "main", target: 80)])
    manifest.services = [
      Service(
        "main", .container(Container(image: "registry.example/web:1", composeFile: "compose.yaml")),
        environment: [.init("WORD", "{{settings.word}}"), .init("KEY", "{{settings.key}}")],
        stop: .init(grace: 7), ready: [ReadyProbe(.exec(["check", "{{settings.word}}"]), timeout: 9)],
        limits: .init(memory: "64M", tasks: 9, cpus: 0.5), dependsOn: ["store"],
        mounts: [Mount("/box", volume: "box", readOnly: true), Mount("/media", from: "/srv/media")]),
      Service("store", .container(Container(image: "registry.example/store:1", composeFile: "compose.yaml"))),
    ]
    manifest.compose = ComposeFile(
      name: "compose.yaml", text: "services: {}\n",
      services: [
        .init("main", image: "registry.example/web:1"),
        .init("store", image: "registry.example/store:1"),
      ], volumes: ["box"], networks: ["back"])
    manifest.jobs = [
      Job("migrate", at: [.install], service: "main", action: Action(exec: ["run", "{{settings.word}}"], timeout: 5))
    ]
    return manifest
  }

  private func files(_ word: String = "plain") throws -> [RenderedFile] {
    let manifest = try manifest()
    let values = try instance(
      manifest, settings: ["word": .text(word), "key": .text("sesame")], ports: ["http": 18080])
    let context = Stage.system.context(manifest)
    return try ComposeRenderer(manifest: manifest, context: context)
      .files(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
  }

  private static func value(_ path: String, in text: String) throws -> String? {
    var place: Any? = try JSONSerialization.jsonObject(with: Data(text.utf8))
    for key in path.split(separator: ".") { place = (place as? [String: Any])?[String(key)] }
    return place.map { "\($0)" }
  }

  @Test("an instance has the plugin's file, what is its own, and its variables, the last two secret")
  func places() throws {
    let files = try files()
    let home = "/var/lib/berth/instances/sample/default"
    #expect(files.map(\.path) == ["compose.yaml", "compose.berth.json", ".env"].map { "\(home)/\($0)" })
    #expect(files.map(\.isSecret) == [false, true, true])
    #expect(files[0].text == "services: {}\n")
  }

  @Test("volumes of services that the instance does not have are folders of it too, as Compose makes all in the file")
  func volumes() throws {
    var manifest = try manifest()
    manifest.compose?.volumes.append("attic")
    let values = try instance(manifest, settings: ["word": .text("w"), "key": .text("k")], ports: ["http": 18080])
    let context = Stage.system.context(manifest)
    let files = try ComposeRenderer(manifest: manifest, context: context)
      .files(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
    let device = try Self.value("volumes.attic.driver_opts.device", in: files[1].text)
    #expect(device?.hasSuffix("/sample@default/compose/attic") == true, "\(device ?? "none")")
    #expect(try Self.value("volumes.attic.name", in: files[1].text) == "sample_kids_attic")
  }

  @Test("names carry the slug, ports are on the declared address, volumes are folders of the instance's, pinned")
  func own() throws {
    let text = try files()[1].text
    func value(_ path: String) throws -> String { try Self.value(path, in: text) ?? "nothing" }
    #expect(try value("name") == "sample_kids")
    #expect(try value("services.main.container_name") == "sample_kids")
    #expect(try value("services.store.container_name") == "sample_kids_store")
    #expect(try value("services.main.image") == "registry.example/web:1")
    #expect(try value("services.main.pull_policy") == "never" && value("services.main.restart") == "no")
    #expect(try value("networks.default.name") == "sample_kids" && value("networks.back.name") == "sample_kids_back")
    #expect(try value("volumes.box.name") == "sample_kids_box")
    #expect(try value("volumes.box.driver_opts.device") == "/run/berth/mounts/sample@default/compose/box")
    #expect(text.contains(#""nocopy" : true"#))
    #expect(text.contains(#""source" : "/run/berth/mounts/sample@default/${BERTH_UNIT:-main}/1""#))
    #expect(text.contains(#""create_host_path" : false"#))
    #expect(text.contains(#""host_ip" : "127.0.0.1""#) && text.contains(#""published" : "18080""#))
    #expect(try value("services.main.mem_limit") == "67108864")
    #expect(try value("services.main.pids_limit") == "9" && value("services.main.cpus") == "0.5")
  }

  @Test("a service goes by its name in the file, and what the file says of logs, restarts and networks is kept")
  func names() throws {
    var manifest = try manifest()
    manifest.compose?.services = [
      .init("main", image: "registry.example/web:1", network: "store", restarts: false),
      .init("store", name: "Store_DB", image: "registry.example/store:1", hasLogging: true),
    ]
    manifest.compose?.defaulted = ["LANG", "TAG"]
    let values = try instance(manifest, settings: ["word": .text("x"), "key": .text("y")], ports: ["http": 18080])
    let context = Stage.system.context(manifest)
    let text = try ComposeRenderer(manifest: manifest, context: context)
      .files(of: values, variables: Variables(manifest: manifest, instance: values, context: context))[1].text
    #expect(try Self.value("services.Store_DB.container_name", in: text) == "sample_kids_store")
    #expect(try Self.value("services.store", in: text) == nil)
    #expect(try Self.value("services.Store_DB.logging", in: text) == nil)
    #expect(try Self.value("services.main.logging.driver", in: text) == "local")
    // The port is opened by the service in whose network the other one is.
    #expect(try Self.value("services.main.ports", in: text)?.contains("18080") == false)
    #expect(try Self.value("services.Store_DB.ports", in: text)?.contains("18080") == true)
    let units = try UnitRenderer(manifest: manifest, context: context).templates()
    func unit(_ name: String) throws -> String { try #require(units.first { $0.path.hasSuffix(name) }).text }
    #expect(try unit("/sample-store@.service").contains(#""--no-deps" "Store_DB""#))
    #expect(try unit("/sample-store@.service").contains("\nRestart=on-failure\n"))
    #expect(try unit("/sample@.service").contains("\nRestart=no\n"))
    for name in ["/sample@.service", "/sample-store@.service", "/sample-compose@.service", "/sample-migrate@.service"] {
      #expect(try unit(name).contains(" DOCKER_CONTEXT LANG TAG\n"), "\(name)")
    }
  }

  @Test(
    "a variable of the instance's own stands beside the plugin's, and is not read as a variable", arguments: hostile)
  func ownVariables(_ word: String) throws {
    var manifest = try manifest()
    manifest.services[0].environment = []
    let values = try instance(
      manifest, settings: ["word": .text("x"), "key": .text("y"), "env.MINE": .text(word), "env.A@store": .text("1")],
      ports: ["http": 18080])
    let context = Stage.system.context(manifest)
    let files = try ComposeRenderer(manifest: manifest, context: context)
      .files(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
    for service in ["main", "store"] {
      let value = try Self.value("services.\(service).environment.MINE", in: files[1].text)
      #expect(value?.replacing("$$", with: "$") == word && value?.replacing("$$", with: "").contains("$") == false)
    }
    #expect(try Self.value("services.main.environment.A", in: files[1].text) == nil)
    // The variable alone makes the file secret. It stands nowhere in the plugin's own file.
    #expect(files.map(\.isSecret) == [false, true, false] && !files[2].text.contains("MINE"))
    // Before there is a value there is no other file.
    let plain = try instance(manifest, settings: ["word": .text("x"), "key": .text("y")], ports: ["http": 18080])
    let without = try ComposeRenderer(manifest: manifest, context: context)
      .files(of: plain, variables: Variables(manifest: manifest, instance: plain, context: context))
    #expect(without.map(\.isSecret) == [false, false, false])
  }

  @Test("what a value holds is not read as a variable by Compose", arguments: hostile)
  func literal(_ word: String) throws {
    let text = try files(word.replacing("`", with: "'"))[1].text
    let value = try Self.value("services.main.environment.WORD", in: text)
    #expect(value?.replacing("$$", with: "$") == word.replacing("`", with: "'"))
    #expect(value?.replacing("$$", with: "").contains("$") == false)
  }

  @Test("a shell reads .env as the values that they are", arguments: hostile)
  func shell(_ word: String) throws {
    let folder = try FileManager.default.url(
      for: .itemReplacementDirectory, in: .userDomainMask, appropriateFor: URL(fileURLWithPath: "/tmp"), create: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try files(word)[2].text.write(toFile: "\(folder.path)/.env", atomically: true, encoding: .utf8)
    let program = Process()
    program.executableURL = URL(fileURLWithPath: "/bin/sh")
    program.arguments = ["-euc", #". "$0"; printf '%s|%s' "$WORD" "$KEY""#, "\(folder.path)/.env"]
    program.environment = ["HOME": "/nowhere"]
    let output = Pipe()
    program.standardOutput = output
    try program.run()
    program.waitUntilExit()
    #expect(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "\(word)|sesame")
  }

  @Test("a service that the instance does not have is left out, but for the variables that its part of the file names")
  func left() throws {
    var manifest = try manifest()
    manifest.settings.append(Setting("extra", .bool, default: "false"))
    manifest.services.append(
      Service(
        "extra", .container(Container(image: "registry.example/extra:1", composeFile: "compose.yaml")),
        environment: [.init("EXTRA_IMAGE", "registry.example/extra:1"), .init("EXTRA_PORT", "{{ports.extra}}")],
        when: Condition([.init("extra", ["true"])])))
    manifest.ports.append(PortRole("extra", [.tcp], default: 9090, service: "extra"))
    let values = try instance(
      manifest, settings: ["word": .text("plain"), "key": .text("sesame"), "extra": .boolean(false)],
      ports: ["http": 18080])
    let context = Stage.system.context(manifest)
    let files = try ComposeRenderer(manifest: manifest, context: context)
      .files(of: values, variables: Variables(manifest: manifest, instance: values, context: context))
    #expect(try Self.value("services.extra", in: files[1].text) == nil)
    #expect(files[2].text.contains("\nEXTRA_IMAGE='registry.example/extra:1'\n"))
    #expect(!files[2].text.contains("EXTRA_PORT"))
  }

  @Test("a value that a shell and Compose cannot read alike is refused", arguments: ["'`", "`\\", "a'b`c"])
  func refused(_ word: String) throws {
    let error = try #require(throws: BerthError.self) { _ = try files(word) }
    #expect(error.code == "bad-env-value" && error.summary.contains("'WORD'"))
  }

  @Test("its units start containers one by one, and end the project when all have stopped")
  func units() throws {
    let manifest = try manifest()
    let renderer = UnitRenderer(manifest: manifest, context: Stage.system.context(manifest))
    let templates = try Dictionary(
      uniqueKeysWithValues: renderer.templates().map {
        ($0.path.split(separator: "/").last.map(String.init) ?? "", $0.text)
      })
    let main = try #require(templates["sample@.service"])
    #expect(main.contains("\nRequires=sample-compose@%i.service sample-store@%i.service\n"))
    #expect(main.contains(#"ExecStart="/usr/bin/docker" "start" "--attach" "sample_${BERTH_INSTANCE_SLUG}""#))
    #expect(
      main.contains(
        #""exec" "--timeout" "9" "--" "/usr/bin/docker" "exec" "sample_${BERTH_INSTANCE_SLUG}" "check" "${BERTH_SETTINGS_WORD}""#
      ))
    #expect(main.contains(#"ExecStop="/usr/bin/docker" "stop" "--time" "7" "sample_${BERTH_INSTANCE_SLUG}""#))
    #expect(
      main.contains(
        #""--file" "/var/lib/berth/instances/sample/%i/compose.berth.json" "up" "--no-start" "--no-deps" "main""#))
    let store = try #require(templates["sample-store@.service"])
    #expect(store.contains(#""sample_${BERTH_INSTANCE_SLUG}_store""#))
    let end = try #require(templates["sample-compose@.service"])
    #expect(end.contains(#""down" "--volumes" "--remove-orphans""#) && end.contains("PartOf=sample@%i.target"))
    let job = try #require(templates["sample-migrate@.service"])
    #expect(job.contains(#""run" "--rm" "--no-deps" "--no-TTY" "main" "run" "${BERTH_SETTINGS_WORD}""#))
    // Each unit pins what its own container sees.
    for (unit, text) in [("main", main), ("migrate", job)] {
      let folder = "/run/berth/mounts/sample@%i/\(unit)"
      let (volumes, box) = (
        "/run/berth/mounts/sample@%i/compose", "/var/lib/berth/instances/sample/%i/data/volumes/box"
      )
      let pin =
        #"ExecStartPre="/usr/bin/berth" "pin" "\#(folder)" "chosen:1:/srv/media" "\#(volumes)" "shared:box:\#(box)""#
      #expect(
        text.contains("\n\(pin)\n") && text.contains("\nExecStopPost=\"/usr/bin/berth\" \"unpin\" \"\(folder)\"\n"))
      #expect(end.contains("\nExecStopPost=\"/usr/bin/berth\" \"unpin\" \"\(volumes)\"\n"))
    }
    #expect(job.contains("\nEnvironment=BERTH_UNIT=migrate\n") && !main.contains("BERTH_UNIT"))
  }
}
