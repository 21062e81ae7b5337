import BerthKit
import Testing

@Suite("A plugin's file for Docker Compose") struct ComposeFileTests {
  private static let plugin = """
    schema: 1
    id: ward
    name: Ward
    summary: Two services of one project
    category: health
    version: "1"
    settings:
      image: { type: image, default: "registry.example/ward:1" }
      word: { type: string, default: plain }
    ports:
      http: { protocol: tcp, default: 8778, service: app, target: 8000 }
    services:
      app:
        compose: compose.yaml
        env: { APP_IMAGE: "{{settings.image}}", WORD: "{{settings.word}}" }
        depends-on: [store]
        ready: { http: { port: http, path: / } }
      store:
        compose: compose.yaml
        ready: { exec: [ready, --now] }
    jobs:
      migrate: { service: app, at: [install], exec: [python, manage.py, migrate] }
    backup:
      media: { service: app, volume: media }
      store: { service: store, volume: store }
    """

  private static let compose = """
    x-note: anything may stand here
    services:
      app:
        image: ${APP_IMAGE}
        user: "${WORD}"
        volumes: ["media:/app/media", "store:/app/store:ro"]
      store:
        image: registry.example/store:2
        volumes: [{ type: volume, source: store, target: /data, read_only: false }]
        tmpfs: [/tmp]
    volumes:
      media:
      store: { labels: { a: b } }
    networks:
      back:

    """

  private static func read(_ compose: String = compose, _ plugin: String = plugin) throws -> Manifest {
    try ManifestReader(file: "p/ward/plugin.yaml") { $0 == "compose.yaml" ? compose : nil }.manifest(from: plugin)
  }

  @Test("says images and volumes, and is kept as it is")
  func reading() throws {
    let manifest = try Self.read()
    let file = try #require(manifest.compose)
    #expect(file.text == Self.compose && file.name == "compose.yaml")
    #expect(file.services.map(\.id) == ["app", "store"])
    #expect(file.services.map(\.image) == ["{{settings.image}}", "registry.example/store:2"])
    #expect(
      file.services[0].volumes == [
        Mount("/app/media", volume: "media"), Mount("/app/store", volume: "store", readOnly: true),
      ])
    #expect(file.services[1].volumes == [Mount("/data", volume: "store")])
    #expect(file.volumes == ["media", "store"] && file.networks == ["back"])
    #expect(manifest.services.map(\.engine) == [.docker, .docker])
    #expect(manifest.services[0].container?.image == "{{settings.image}}")
    #expect(manifest.unitParts.contains("compose"))
  }

  /// What is put in the place of what, the line that the error names, and what it says.
  struct Fault: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let line: Int
    let says: String
    var testDescription: String { new }
  }

  @Test(
    "what would be the same for every instance, or is Berth's to decide, is refused where it stands",
    arguments: [
      Fault(old: "    user:", new: "    container_name: ward\n    user:", line: 5, says: "a fixed name"),
      Fault(old: "    user:", new: "    ports: [\"80:80\"]\n    user:", line: 5, says: "a port of the host"),
      Fault(old: "    user:", new: "    network_mode: host\n    user:", line: 5, says: "a network of its own"),
      Fault(old: "    user:", new: "    depends_on: [store]\n    user:", line: 5, says: "Berth starts the services"),
      Fault(old: "    user:", new: "    build: .\n    user:", line: 5, says: "an instance runs an image"),
      Fault(old: "    user:", new: "    env_file: .env\n    user:", line: 5, says: "below 'env'"),
      Fault(old: "    user:", new: "    profiles: [dev]\n    user:", line: 5, says: "say 'when'"),
      Fault(old: "    user:", new: "    deploy: {}\n    user:", line: 5, says: "say 'limits'"),
      Fault(old: "x-note: anything", new: "name: ward # anything", line: 1, says: "Berth names the project"),
      Fault(old: "x-note: anything", new: "secrets: anything", line: 1, says: "expected one of services, volumes"),
      Fault(old: "  media:\n", new: "  media: { name: ward_media }\n", line: 12, says: "'name' would be the same"),
      Fault(old: "  media:\n", new: "  media: { external: true }\n", line: 12, says: "'external' would be the same"),
      Fault(old: "  media:\n", new: "  Media: {}\n  media:\n", line: 12, says: "'Media' is not a name"),
      Fault(old: "  back:", new: "  back: { name: ward }", line: 15, says: "'name' would be the same"),
      Fault(old: "  back:", new: "  back: { ipam: {} }", line: 15, says: "'ipam' would be the same"),
      Fault(old: "media:/app/media", new: "/srv/media:/app/media", line: 6, says: "'/srv/media' is no volume"),
      Fault(old: "media:/app/media", new: "./media:/app/media", line: 6, says: "'./media' is no volume"),
      Fault(old: "media:/app/media", new: "medio:/app/media", line: 6, says: "'medio' is no volume"),
      Fault(old: "media:/app/media", new: "media", line: 6, says: "expected 'volume:/path'"),
      Fault(old: "media:/app/media", new: "media:app", line: 6, says: "'app' is not an absolute path"),
      Fault(old: "media:/app/media", new: "media:/${WORD}", line: 6, says: "'/${WORD}' is not an absolute path"),
      Fault(old: "type: volume", new: "type: bind", line: 9, says: "expected the type 'volume'"),
      Fault(old: "${APP_IMAGE}", new: "\"${APP_IMAGE}:1\"", line: 4, says: "expected an image's name or one variable"),
      Fault(
        old: "${APP_IMAGE}", new: "${APP_IMAG}", line: 4, says: "the service's 'env' has no 'APP_IMAG'; did you mean"),
      Fault(old: "    image: ${APP_IMAGE}\n", new: "", line: 4, says: "the key 'image' is missing"),
      Fault(old: "  store:\n    image", new: "  stor:\n    image", line: 8, says: "there is no service 'stor'"),
      Fault(old: "x-note: anything", new: "x-note: [anything", line: 1, says: "this is not YAML"),
    ])
  func refused(_ fault: Fault) throws {
    try #require(Self.compose.components(of: fault.old) == 2, "'\(fault.old)' must stand once in the file")
    let error = try #require(throws: BerthError.self) {
      _ = try Self.read(Self.compose.replacing(fault.old, with: fault.new))
    }
    #expect(error.code == "bad-plugin")
    #expect(error.summary.contains(fault.says), "\(error.summary)")
    let isYAML = fault.says != "this is not YAML"
    if isYAML { #expect(error.location == "p/ward/files/compose.yaml:\(fault.line)") }
  }

  @Test(
    "a plugin names one file that is there, its own services, and no variable of Docker's",
    arguments: [
      ("compose: compose.yaml\n    env", "compose: nothing.yaml\n    env", "'store' is in 'compose.yaml'", false),
      ("  store:\n", "  shop:\n", "there is no service 'store'", true),
      ("WORD:", "DOCKER_HOST:", "names that begin with COMPOSE_ or DOCKER_", false),
      ("[python,", "[\"{{settings.word}}\",", "expected a program of the image", false),
      ("{{settings.image}}", "{{settings.word}}", "expected an image's name or one setting of type image", false),
      (
        "    ready: { exec", "    env: { WORD: other }\n    ready: { exec", "'store' has another value for it", false
      ),
    ])
  func plugin(_ old: String, _ new: String, _ says: String, _ inFile: Bool) throws {
    let changed = Self.plugin.replacing(old, with: new).replacing("depends-on: [store]", with: "depends-on: []")
    let error = try #require(throws: BerthError.self) {
      // What the file names has to be declared, which is looked at first.
      _ = try Self.read(old == "WORD:" ? Self.compose.replacing("${WORD}", with: "1000") : Self.compose, changed)
    }
    #expect(error.code == "bad-plugin")
    #expect("\(error.summary)".contains(says) || says.contains("is in"), "\(error.summary)")
    #expect(error.location?.hasPrefix(inFile ? "p/ward/files/compose.yaml:" : "p/ward/plugin.yaml:") == true)
  }

  @Test("a file that is not there is named")
  func missing() throws {
    let error = try #require(throws: BerthError.self) {
      _ = try ManifestReader(file: "p/ward/plugin.yaml").manifest(from: Self.plugin)
    }
    #expect(error.summary.contains("there is no file 'files/compose.yaml' in the plugin"))
    #expect(error.location == "p/ward/plugin.yaml:\(try Self.plugin.line(of: "compose: compose.yaml"))")
  }

  @Test(
    "random pieces of a file are never taken for a sound one by accident, and never break the reader: 5,000 of them")
  func garbage() {
    let pieces = Self.compose.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0..<5_000 {
      var lines = pieces
      for _ in 0..<Int.random(in: 1...4) {
        let index = lines.indices.randomElement() ?? 0
        switch Int.random(in: 0..<4) {
        case 0: lines.remove(at: index)
        case 1: lines.insert(pieces.randomElement() ?? "", at: index)
        case 2: lines[index] = String(lines[index].reversed())
        default: lines[index] = String(lines[index].dropFirst(Int.random(in: 0...6)))
        }
        if lines.isEmpty { lines = pieces }
      }
      let text = lines.joined(separator: "\n")
      do {
        let file = try #require(try Self.read(text).compose)
        #expect(file.services.map(\.id).sorted() == ["app", "store"])
        #expect(!text.contains("container_name") && file.text == text)
      } catch let error as BerthError {
        #expect(error.code == "bad-plugin")
      } catch { Issue.record(error) }
    }
  }
}
