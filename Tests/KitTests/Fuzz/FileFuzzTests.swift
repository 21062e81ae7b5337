import BerthKit
import TestSupport
import Testing

@testable import BerthKit

/// Texts that a stranger may hand over: fleet files and plugins. Whatever stands in them, they are read or refused with
/// one of Berth's errors, and what is read keeps to its bounds.
@Suite("Broken fleet files, plugins and paths") struct FileFuzzTests {
  private static let signs = Array(" \n:,{}[]\"'-/".utf8)

  private static let fleet = """
    schema: 1
    name: north
    defaults: { labels: { place: "north" }, limits: { memory: 1G, cpus: 0.5, tasks: 64 }, enabled: true }
    instances:
      - { app: arena, name: Cup, ports: { game: 9000 }, settings: { players: 20, motd: "Hello" }, dir: /srv/cup }
      - app: arena
        name: Daily
        count: 3
        labels: &l { kind: daily }
        backup: { schedule: daily, keep: { last: 3, daily: 7 } }
        limits: { cpus: 1.5 }
      - { app: voice, id: default, labels: *l, ports: { talk: 64738 } }

    """

  @Test("a fleet file is read or refused, and no number in it is out of its bounds")
  func fleets() throws {
    var mangler = Mangler(seed: 0xF1EE7)
    let (good, count) = (Array(Self.fleet.utf8), Fuzz.inputs(1_500))
    var read = 0
    for number in 0..<count {
      let text = String(decoding: mangler.mangled(good, signs: Self.signs, ["arena", "voice", "count"]), as: UTF8.self)
      let fleet: FleetFile
      do { fleet = try FleetSample.read(text) } catch is BerthError { continue }
      read += 1
      guard fleet.instances.count <= FleetReader.largestFleet, fleet.instances.allSatisfy(Self.isBounded) else {
        Issue.record("\(number): \(text)")
        continue
      }
    }
    #expect(read > count / 100, "\(read) of \(count) were read")
  }

  private static func isBounded(_ instance: FleetInstance) -> Bool {
    instance.limits.isPlain && instance.ports.values.allSatisfy { (1...65535).contains($0) }
      && instance.directory.map { $0.hasPrefix("/") && !$0.split(separator: "/").contains("..") } ?? true
      && !(instance.name?.text.hasControlCharacter ?? false) && instance.labels.count <= 100
  }

  @Test("a plugin is read or refused, and no number or path in it is out of its bounds")
  func plugins() throws {
    var mangler = Mangler(seed: 0x9106)
    // All that a plugin can say, and mostly the least, as it is read eight times as fast.
    let (all, least, count) = (Array(Sample.yaml.utf8), Array(Sample.minimal.utf8), Fuzz.inputs(600))
    var read = 0
    for number in 0..<count {
      let text = String(decoding: mangler.mangled(number % 8 == 0 ? all : least, signs: Self.signs), as: UTF8.self)
      let manifest: Manifest
      do { manifest = try Sample.read(text) } catch is BerthError { continue }
      read += 1
      guard manifest.services.allSatisfy(Self.isBounded), manifest.settings.allSatisfy(Self.isBounded) else {
        Issue.record("\(number): \(text)")
        continue
      }
    }
    #expect(read > count / 100, "\(read) of \(count) were read")
  }

  private static func isBounded(_ service: Service) -> Bool {
    let limits = InstanceLimits(
      memory: service.limits.memory?.literalText, cpus: service.limits.cpus, tasks: service.limits.tasks)
    return limits.isPlain && !service.mounts.contains { $0.target.split(separator: "/").contains("..") }
  }

  private static func isBounded(_ setting: Setting) -> Bool {
    [setting.minimum, setting.maximum].allSatisfy { abs($0 ?? 0) <= 0x1p53 }
  }

  @Test("a path in a plugin is taken or refused, and one that is taken leaves no folder and no line")
  func paths() {
    var mangler = Mangler(seed: 0x9A75)
    let samples = ["/srv/media/films", "data/world/**/region-?.mca", "/var/www/app_static", "config/server.conf"]
      .map { Array($0.utf8) }
    let count = Fuzz.inputs(4_000, everyPoint: 20_000)
    var taken = 0
    for number in 0..<count {
      let bytes = mangler.mangled(mangler.pick(samples), signs: Array("/.*?".utf8), ["//", "/./", "\r", "\u{2028}"])
      let text = String(decoding: bytes, as: UTF8.self)
      let parts = text.split(separator: "/")
      if Setting.isPath(text) || Route.isFolder(text) || Route.isPath(text) {
        taken += 1
        if !text.hasPrefix("/") || parts.contains("..") { Issue.record("\(number): \(text.debugDescription)") }
      }
      if ManifestValidator.isFileName(text), text.contains("/") || text == ".." || text.hasControlCharacter {
        Issue.record("\(number): \(text.debugDescription) is no file's name")
      }
      if PathPattern.problem(in: text) == nil {
        taken += 1
        if text.hasPrefix("/") || parts.contains("..") { Issue.record("\(number): \(text.debugDescription)") }
        let pattern = PathPattern(text)
        _ = pattern.matches(mangler.pick(samples))
        _ = pattern.mayMatch(below: mangler.pick(samples))
      }
    }
    #expect(taken > count / 100)
  }
}
