import BerthKit
import Testing

/// What a stranger's file for Docker Compose could ask for.
@Suite("The list of keys in a file for Docker Compose") struct ComposeKeyTests {
  private static func plugin(_ loosen: [String] = []) -> String {
    """
    schema: 1
    id: ward
    name: Ward
    summary: One service
    category: health
    version: "1"
    services:
      app:
        compose: compose.yaml
        env: { WORD: plain }
        loosen: { \(loosen.map { "\($0): it must" }.joined(separator: ", ")) }
    backup: { media: { volume: media } }
    """
  }

  private static func compose(_ line: String) -> String {
    """
    services:
      app:
        image: registry.example/ward:1
        \(line)
        volumes: ["media:/app/media"]
    volumes: { media: }
    networks: { back: }

    """
  }

  static func read(_ line: String, loosening keys: [String] = []) throws -> Manifest {
    try ManifestReader(file: "p/ward/plugin.yaml") { _ in compose(line) }.manifest(from: plugin(keys))
  }

  private func refuses(_ line: String, _ says: String, loosening keys: [String] = []) throws {
    let error = try #require(throws: BerthError.self, "\(line)") { _ = try Self.read(line, loosening: keys) }
    #expect(error.code == "bad-plugin" && error.summary.contains(says), "\(line): \(error.summary)")
    #expect(error.location?.hasPrefix("p/ward/files/compose.yaml:") == true)
    #expect(error.remedy?.text.contains("berth app check") == true)
  }

  /// How each exception is written by those who want the host.
  static let attacks: [(key: String, line: String)] = [
    ("privileged", "privileged: true"), ("pid", "pid: host"), ("ipc", "ipc: host"), ("uts", "uts: host"),
    ("userns_mode", "userns_mode: host"), ("cgroup", "cgroup: host"), ("cgroup_parent", "cgroup_parent: /"),
    ("security_opt", "security_opt: [\"seccomp:unconfined\"]"), ("devices", "devices: [\"/dev/sda:/dev/sda\"]"),
    ("device_cgroup_rules", "device_cgroup_rules: [\"a *:* rwm\"]"), ("group_add", "group_add: [disk]"),
    ("sysctls", "sysctls: { net.ipv4.ip_forward: 1 }"), ("runtime", "runtime: other"),
    ("oom_score_adj", "oom_score_adj: -1000"),
  ]

  @Test("each key that reaches beyond the container is refused, with the line that would accept it")
  func exceptions() throws {
    #expect(Set(Self.attacks.map(\.key)) == Set(ComposeKey.Exception.allCases.map(\.rawValue)))
    for (key, line) in Self.attacks {
      try refuses(
        line, "'services.app.\(key)': '\(key)' reaches beyond the container; say 'loosen: { \(key): REASON }'")
    }
  }

  @Test("control: the same file is taken once the plugin names the key, and the plan has the reason")
  func accepted() throws {
    for (key, line) in Self.attacks {
      let manifest = try Self.read(line, loosening: [key])
      #expect(manifest.weakenings([:]) == [Weakening(service: "app", line: key, reason: "it must")])
    }
  }

  @Test("a plugin that loosens a key which its file does not have is refused, so that no reason outlives its line")
  func idle() throws {
    try refuses("init: true", "the plugin loosens 'pid', which does not stand here", loosening: ["pid"])
  }

  @Test("a key that cannot stand in the file says where it belongs", arguments: ComposeKey.refused.keys.sorted())
  func refused(_ key: String) throws {
    try refuses("\(key): x", try #require(ComposeKey.refused[key]))
  }

  @Test(
    "a key that nobody has looked at is refused, with the nearest one",
    arguments: [
      ("privilegd: true", "did you mean 'privileged'?"), ("comand: x", "did you mean 'command'?"),
      ("provider: { type: x }", "unknown key"), ("Privileged: true", "did you mean 'privileged'?"),
      ("security-opt: [x]", "did you mean 'security_opt'?"),
    ])
  func unknown(_ line: String, _ says: String) throws { try refuses(line, says) }

  @Test(
    "what is allowed is allowed in its own shape only",
    arguments: [
      ("read_only: false", "a container cannot change its image's files"), ("init: maybe", "expected true or false"),
      ("tmpfs: \"/tmp:suid\"", "'suid' is none of"), ("tmpfs: [\"/tmp:size=1m,dev\"]", "'dev' is none of"),
      ("tmpfs: \"/tmp:${WORD}\"", "'${WORD}' is none of"), ("tmpfs: tmp", "'tmp' is not an absolute path"),
      ("tmpfs: \"/${WORD}\"", "is not an absolute path"), ("networks: [host]", "'host' is no network of this file"),
      ("networks: { back: { ipv4_address: 10.0.0.1 } }", "unknown key"), ("user: { a: b }", "expected text"),
      ("command: [{ a: b }]", "expected a word or a number"), ("healthcheck: { tset: x }", "did you mean 'test'?"),
      ("ulimits: { nofile: { hart: 1 } }", "did you mean 'hard'?"),
      ("labels: { a: [b] }", "expected a word or a number"),
      ("labels: { com.docker.compose.project: other }", "are Docker's own"),
      ("labels: [\"com.docker.compose.project=other\"]", "are Docker's own"),
      ("annotations: { org.systemd.property.MemoryMax: \"0\" }", "the service manager let a container do"),
    ])
  func shapes(_ line: String, _ says: String) throws { try refuses(line, says) }

  @Test(
    "what grants nothing is taken",
    arguments: [
      "command: [a, b]", "entrypoint: a", "user: \"1000:1000\"", "working_dir: /srv", "init: true", "read_only: true",
      "tmpfs: [\"/run:mode=1777,size=64m\", /x]", "networks: { back: { aliases: [b] }, default: }", "networks: [back]",
      "ulimits: { nofile: 1024, core: { soft: 0, hard: 0 } }", "shm_size: 128m", "labels: [a=b]", "cap_drop: [NET_RAW]",
      "healthcheck: { test: [CMD, x], interval: 5s }", "extra_hosts: [\"a:10.0.0.1\"]", "x-note: { any: [thing] }",
    ])
  func taken(_ line: String) throws { _ = try Self.read(line) }

  @Test(
    "what Compose could read otherwise than Berth is refused",
    arguments: [
      ("init: !reset true", "a tag such as '!reset'"), ("command: !override [x]", "a tag such as '!override'"),
      ("user: !!binary cm9vdA==", "a tag such as"), ("<<: { privileged: true }", "reaches beyond the container"),
      ("\"<<\": { init: true }", "merge keys are not allowed"),
      ("user: \"a\\0b\"", "control character"), ("? privileged\n    : true", "reaches beyond the container"),
      ("\"privileged\": true", "reaches beyond the container"), ("&a privileged: true", "reaches beyond the container"),
      ("\"privi\\u006ceged\": true", "reaches beyond the container"),
      ("privileged: true\n    privileged: false", "stands here twice"),
    ])
  func otherwise(_ line: String, _ says: String) throws { try refuses(line, says) }

  @Test("a second document, which Compose would lay over the first, is refused")
  func documents() throws {
    let error = try #require(throws: BerthError.self) {
      _ = try Self.read("init: true\n---\nservices: { app: { privileged: true } }\nx-more:\n  x:")
    }
    #expect(error.code == "bad-plugin", "\(error.summary)")
  }

  @Test("a few names that stand for millions of nodes, and what is nested without end, are refused at once")
  func bombs() throws {
    let letters = "abcdefghi".map(String.init)
    let bomb = zip(letters, letters.dropFirst()).map {
      "\($1): &\($1) [\(Array(repeating: "*\($0)", count: 9).joined(separator: ","))]"
    }
    let line = "x-z:\n      a: &a [1,1,1,1,1,1,1,1,1]\n" + bomb.map { "      \($0)\n" }.joined() + "    init: true"
    let began = ContinuousClock.now
    let error = try #require(throws: BerthError.self) { _ = try Self.read(line) }
    #expect(error.code == "bad-plugin" && error.summary.contains("aliases multiply"), "\(error.summary)")
    #expect(error.location == "p/ward/files/compose.yaml")
    try refuses("x-z: \(String(repeating: "[", count: 200))\(String(repeating: "]", count: 200))", "there is too much")
    #expect(ContinuousClock.now - began < .seconds(5))
  }
}
