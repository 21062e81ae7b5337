@testable import BerthKit
import Testing

/// The words of files for Docker Compose that people have.
@Suite("Words of a file for Docker Compose") struct ComposeWordTests {
  private static let plugin = """
    schema: 1
    id: ward
    name: Ward
    summary: Two services of one project
    category: health
    version: "1"
    settings:
      tag: { type: string, default: "2", pattern: "[a-z0-9.]+" }
      image: { type: image, default: "registry.example/ward:1" }
      word: { type: string, default: plain }
    services:
      app:
        compose: compose.yaml
        env: { TAG: "{{settings.tag}}", IMAGE: "{{settings.image}}", WORD: "{{settings.word}}", TZ: "{{host.timezone}}" }
      store-db:
        compose: compose.yaml
    backup: { media: { service: app, volume: media } }
    """

  private static func compose(_ line: String, top: String = "x-none: x") -> String {
    """
    \(top)
    services:
      app:
        image: registry.example/ward:1
        volumes: ["media:/app/media"]
        \(line)
      Store_DB:
        image: postgres:16
    volumes: { media: }

    """
  }

  private static func read(_ compose: String, _ plugin: String = plugin) throws -> Manifest {
    try ManifestReader(file: "p/ward/plugin.yaml") { _ in compose }.manifest(from: plugin)
  }

  private static func app(_ line: String, top: String = "x-none: x") throws -> ComposeFile.Service {
    try #require(try read(compose(line, top: top)).compose?.services[0])
  }

  private func refuses(_ compose: String, _ says: String, _ plugin: String = plugin) throws {
    let error = try #require(throws: BerthError.self, "\(compose)") { _ = try Self.read(compose, plugin) }
    #expect(error.code == "bad-plugin" && error.summary.contains(says), "\(error.summary)")
  }

  @Test("a service whose name has capitals and underscores is known to the plugin in small letters with dashes")
  func names() throws {
    let manifest = try Self.read(Self.compose("init: true"))
    #expect(manifest.compose?.services.map(\.id) == ["app", "store-db"])
    #expect(manifest.compose?.services.map(\.name) == ["app", "Store_DB"])
    #expect(manifest.services.map(\.id) == ["app", "store-db"])
    try refuses(
      Self.compose("init: true").replacing(
        "volumes: { media: }", with: "  store.db: { image: x }\nvolumes: { media: }"),
      "'store.db' and 'Store_DB' would be one service")
  }

  @Test("an image without a registry is Docker's own")
  func registries() throws {
    let manifest = try Self.read(Self.compose("init: true"))
    #expect(manifest.service("store-db")?.container?.image == "docker.io/library/postgres:16")
    let names = [
      "redis": "docker.io/library/redis:latest", "immich/server:2": "docker.io/immich/server:2",
      "ghcr.io/a/b": "ghcr.io/a/b:latest", "localhost/x:1": "localhost/x:1", "host:5000/x": "host:5000/x:latest",
    ]
    for (short, whole) in names { #expect(ImageReference.completed(short) == whole) }
  }

  @Test(
    "an image's tag is a variable with or without a default, or all of it is one",
    arguments: [
      ("registry.example/ward:${TAG:-1}", "registry.example/ward:{{settings.tag}}"),
      ("registry.example/ward:$TAG", "registry.example/ward:{{settings.tag}}"),
      ("ward:${TAG?}", "docker.io/library/ward:{{settings.tag}}"),
      ("people/ward:v${TAG}-slim", "docker.io/people/ward:v{{settings.tag}}-slim"),
      ("people/ward:${OTHER:-9}", "docker.io/people/ward:9"), ("${IMAGE:-x}", "{{settings.image}}"),
      ("ward:${OTHER-${TAG}}", "docker.io/library/ward:{{settings.tag}}"),
      ("ward:1${OTHER:+x}", "docker.io/library/ward:1"),
    ])
  func images(_ text: String, _ template: String) throws {
    let file = Self.compose("init: true").replacing("image: registry.example/ward:1", with: "image: \"\(text)\"")
    #expect(try Self.read(file).services[0].container?.image.source == template)
  }

  @Test(
    "an image that could become any other is refused",
    arguments: [
      ("${WORD}", "expected an image's name or one setting of type image"),
      ("a${TAG}", "expected an image's name or one"),
      ("${TAG}:1", "expected an image's name or one variable"), ("ward:${NOTHING}", "'env' has no 'NOTHING'"),
      ("ward:${TAG", "has no end"), ("ward:$", "begins no variable"), ("Ward:1", "is not an image with its registry"),
    ])
  func noImages(_ text: String, _ says: String) throws {
    let file = Self.compose("init: true").replacing("image: registry.example/ward:1", with: "image: \"\(text)\"")
    try refuses(file, says)
  }

  @Test(
    "what says no more than Berth does anyway is taken",
    arguments: [
      "restart: unless-stopped", "restart: always", "restart: \"no\"", "restart: on-failure:3", "pull_policy: missing",
      "pull_policy: if_not_present", "network_mode: service:Store_DB", "environment: [A=b, TZ]",
      "environment: { A: 1, B: true, TZ: , WORD: \"${WORD}\" }",
      "logging: { driver: json-file, options: { max-size: 1m } }",
      "stop_signal: INT", "stop_grace_period: 1m30s", "user: \"${WORD:-1000}\"", "command: echo $$HOME",
    ])
  func taken(_ line: String) throws { _ = try Self.read(Self.compose(line)) }

  @Test("version at the top, the drivers that Docker takes anyway, and slashes at the end of a path are taken")
  func tops() throws {
    let text = Self.compose("tmpfs: [/run]", top: "version: \"3.8\"").replacing("/app/media", with: "/app/media/")
      .replacing("{ media: }", with: "{ media: { driver: local } }\nnetworks: { back: { driver: bridge } }")
    let file = try #require(try Self.read(text).compose)
    #expect(file.services[0].volumes == [Mount("/app/media", volume: "media")] && file.networks == ["back"])
  }

  @Test(
    "what Berth would not do is refused where it stands, and nothing is overridden in silence",
    arguments: [
      ("restart: sometimes", "expected no, always"), ("pull_policy: always", "Berth fetches images"),
      ("logging: { driver: syslog }", "is in the journal"),
      ("logging: { options: { tag: x } }", "expected one of max-size"),
      ("stop_signal: SIGWINCH", "'SIGWINCH' is none of"), ("stop_grace_period: 90000s", "from 1s to 1h"),
      ("stop_grace_period: 1.5s", "from 1s to 1h"), ("network_mode: bridge", "a network of its own"),
      ("network_mode: service:nobody", "no other service"), ("network_mode: service:app", "no other service"),
      ("network_mode: container:x", "a network of its own"),
      ("network_mode: service:Store_DB\n    hostname: x", "'hostname' stands with"),
      ("environment: { WORD: other }", "has another value for 'WORD'"), ("environment: [A B=c]", "is not the name"),
      ("environment: [NOTHING]", "no service's 'env' has 'NOTHING'"), ("environment: [\"A=${NOTHING}\"]", "'NOTHING'"),
      ("command: [\"${NOTHING}\"]", "no service's 'env' has 'NOTHING'"), ("user: \"${WRD}\"", "did you mean 'WORD'?"),
      ("labels: [\"${WORD}=x\"]", "none begins with a variable"),
      ("healthcheck: { test: \"a ${\" }", "begins no variable"),
    ])
  func refused(_ line: String, _ says: String) throws { try refuses(Self.compose(line), says) }

  @Test("how a service stops is the file's or the plugin's, and both together only where they say the same")
  func stops() throws {
    let text = Self.compose("stop_signal: SIGINT\n    stop_grace_period: 2m")
    let stop = try Self.read(text).services[0].stop
    #expect(stop.signal == "SIGINT" && stop.grace == 120)
    let same = Self.plugin.replacing("    env: { TAG", with: "    stop: { grace: 120s }\n    env: { TAG")
    #expect(try Self.read(text, same).services[0].stop.grace == 120)
    let other = Self.plugin.replacing("    env: { TAG", with: "    stop: { grace: 10s }\n    env: { TAG")
    try refuses(text, "the file for Docker Compose says '120'", other)
  }

  @Test("a service in another's network waits for it, and its ports are opened by that one")
  func sharedNetwork() throws {
    let plugin = Self.plugin.replacing(
      "services:\n", with: "ports:\n  http: { protocol: tcp, default: 80, service: app }\nservices:\n")
    let manifest = try Self.read(Self.compose("network_mode: service:Store_DB"), plugin)
    #expect(manifest.services[0].dependsOn == ["store-db"])
    let port = try #require(manifest.ports.first)
    #expect(manifest.service(of: port)?.id == "app" && manifest.publisher(of: port)?.id == "store-db")
  }

  @Test("a merge key is worked in: what stands in the mapping itself counts, then the earlier of several")
  func merges() throws {
    let top = """
      x-a: &a { user: "1", stop_grace_period: 7s }
      x-b: &b { user: "2", stop_signal: SIGINT, <<: *a }
      """
    let one = try Self.app("<<: *a", top: top)
    #expect(one.user == "1" && one.stopGrace == 7 && one.stopSignal == nil)
    let both = try Self.app("<<: [*b, *a]\n    stop_grace_period: 9s", top: top)
    #expect(both.user == "2" && both.stopGrace == 9 && both.stopSignal == "SIGINT")
    try refuses(Self.compose("<<: *c", top: "x-c: &c { privileged: true }"), "reaches beyond the container")
    try refuses(Self.compose("<<: [*a, x]", top: top), "expected a mapping")
    #expect(try ComposeFile.keys(in: Self.compose("<<: *b", top: top), at: "f")["app"]?.contains("stop_signal") == true)
  }

  @Test("variables that only the file gives a value are known, so that the host's own cannot take their place")
  func defaults() throws {
    let file = try #require(try Self.read(Self.compose("command: [\"${LANG:-C}\", \"${WORD}\", \"$${x}\"]")).compose)
    #expect(file.defaulted == ["LANG"])
  }

  @Test("everything that is wrong with a plugin and its file is said at once, each with its place")
  func everything() throws {
    let plugin = Self.plugin.replacing("default: plain }", with: "default: plain, hlep: x }")
      .replacing(
        "    compose: compose.yaml\nbackup", with: "    compose: compose.yaml\n    limits: { tasks: many }\nbackup")
    let error = try #require(throws: BerthError.self) {
      _ = try Self.read(Self.compose("container_name: a\n    ports: [\"1:1\"]\n    user: \"${NOTHING}\""), plugin)
    }
    #expect(error.summary.contains("'settings.word.hlep'") || error.summary.contains("limits.tasks"))
    let all = error.summary + (error.cause ?? "")
    for text in ["hlep", "limits.tasks", "a fixed name", "a port of the host", "'NOTHING'"] {
      #expect(all.contains(text), "\(text): \(all)")
    }
    #expect(error.cause?.contains("p/ward/files/compose.yaml:6: ") == true, "\(error.cause ?? "")")
    #expect(error.cause?.hasPrefix("4 more:\n") == true)
  }

  @Test("the rules of the language are all looked at, once it can be read")
  func rules() throws {
    let plugin = Self.plugin.replacing("version: \"1\"", with: "version: \"1\"\nguid: x").replacing(
      "backup: { media: { service: app, volume: media } }", with: "backup: { media: { service: app, volume: none } }")
    let error = try #require(throws: BerthError.self) { _ = try Self.read(Self.compose("init: true"), plugin) }
    #expect(error.summary.contains("'guid'") && error.cause?.contains("no service mounts a volume 'none'") == true)
  }
}
