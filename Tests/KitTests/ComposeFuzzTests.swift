@testable import BerthKit
import Foundation
import TestSupport
import Testing
import Yams

/// Files for Docker Compose that are put together at random from what strangers write.
///
/// `BERTH_FUZZ=1000000 scripts/test --filter KitTests.ComposeFuzzTests` takes as many as are asked for.
@Suite("Random files for Docker Compose") struct ComposeFuzzTests {
  /// A generator that gives the same numbers again, so that a failure can be tried anew.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  private static let lines = [
    "privileged: true", "privileged: &p true", "pid: host", "ipc: host", "cap_add: [ALL]", "network_mode: host",
    "security_opt: [\"seccomp:unconfined\"]", "devices: [/dev/sda]", "volumes: [\"/:/host\"]",
    "volumes: [\"media:/m\"]",
    "volumes: [{ type: bind, source: /, target: /h }]", "userns_mode: host", "cgroup: host", "read_only: false",
    "tmpfs: [\"/t:suid,dev\"]", "tmpfs: /t", "command: [a]", "user: root", "init: true", "labels: { a: b }",
    "<<: *x", "x-y: { privileged: true }", "\"privileged\" : true", "? pid\n    : host", "post_start: [{ command: x }]",
    "use_api_socket: true", "sysctls: { a: b }", "ulimits: { nofile: 1 }", "healthcheck: { test: x }",
    "networks: [back]",
    "image: registry.example/b:1", "entrypoint: !reset null", "configs: [a]", "secrets: [a]", "- a", "{ pid: host }",
  ]
  private static let tops = [
    "volumes: { media: }", "volumes: { media: { driver_opts: { device: / } } }", "networks: { back: }", "name: x",
    "networks: { back: { external: true } }", "include: [a.yaml]", "---", "x-a: &x { privileged: true }", "...",
    "secrets: { a: { file: /etc/shadow } }", "configs: { a: { file: /etc/shadow } }", "volumes: { media: { name: x } }",
  ]
  /// Every key that a file which is taken may have; written down here again, so that the list cannot grow unseen.
  private static let harmless: Set<String> = [
    "image", "command", "entrypoint", "user", "init", "labels", "tmpfs", "volumes", "ulimits", "healthcheck",
    "networks",
    "cap_drop", "dns", "dns_opt", "dns_search", "domainname", "expose", "extra_hosts", "hostname",
    "platform", "read_only", "shm_size", "stdin_open", "tty", "working_dir",
  ]

  private static func text(_ dice: inout Dice) -> String {
    var text = "services:\n  app:\n    image: registry.example/a:1\n"
    for _ in 0..<Int.random(in: 0...3, using: &dice) { text += "    \(lines.randomElement(using: &dice) ?? "")\n" }
    for _ in 0..<Int.random(in: 0...2, using: &dice) { text += "\(tops.randomElement(using: &dice) ?? "")\n" }
    guard Int.random(in: 0..<3, using: &dice) == 0 else { return text }
    // Some bytes are changed, taken away or doubled.
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &dice) {
      guard let index = bytes.indices.randomElement(using: &dice) else { break }
      switch Int.random(in: 0..<4, using: &dice) {
      case 0: bytes.remove(at: index)
      case 1: bytes.insert(bytes.randomElement(using: &dice) ?? 0x20, at: index)
      case 2: bytes[index] = UInt8.random(in: 0...255, using: &dice)
      default: bytes[index] = [0x3a, 0x0a, 0x26, 0x2a, 0x21, 0x7b, 0x22, 0x23].randomElement(using: &dice) ?? 0x20
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("what is taken asks for nothing of the host's, whatever the file is")
  func fuzz() throws {
    let count = Fuzz.inputs(1_000, everyPoint: 4_000)
    let seed = UInt64.random(in: 1...UInt64.max)
    var dice = Dice(state: seed)
    let service = Service("app", .container(Container(image: "", composeFile: "compose.yaml")))
    var taken = 0
    for number in 0..<count {
      let text = Self.text(&dice)
      do {
        let reader = ComposeFileReader(file: YAMLFile(path: "compose.yaml", kind: .plugin), declared: [service])
        let file = try reader.read(text, name: "compose.yaml")
        taken += 1
        #expect(file.volumes.allSatisfy { $0 == "media" || Mount.isVolume($0) })
        let all = try #require(try Yams.load(yaml: text) as? [String: Any])
        let app = try #require((all["services"] as? [String: Any])?["app"] as? [String: Any])
        let keys = Set(app.keys.filter { !$0.hasPrefix("x-") })
        #expect(keys.isSubset(of: Self.harmless), "seed \(seed), file \(number): \(keys)\n\(text)")
        let mounts = "\(app["volumes"] ?? "") \(app["tmpfs"] ?? "")"
        #expect(
          !["suid,", "/host", "bind", ",dev"].contains { mounts.contains($0) && !mounts.contains("nosuid") }, "\(text)")
      } catch let error as BerthError {
        #expect(error.code == "bad-plugin", "seed \(seed), file \(number): \(error)")
      }
    }
    // A reader that refuses everything would pass, too.
    #expect(taken > count / 100, "\(taken) of \(count)")
  }
}
