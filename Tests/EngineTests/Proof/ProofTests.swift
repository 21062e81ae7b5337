import BerthKit
import Foundation
import FoundationXML
import Testing

@testable import BerthProof

@Suite("The level of a plugin") struct ProofTests {
  private static func check(_ level: ProofLevel, _ outcome: ProofCheck.Outcome) -> ProofCheck {
    ProofCheck(level: level, title: "a check", outcome: outcome, reason: nil, seconds: 1)
  }

  private static func level(_ checks: [ProofCheck]) -> Int? {
    ProofReport(app: "demo", version: "1", aim: .contained, checks: checks).level?.rawValue
  }

  @Test("is the last one all of whose checks have passed, and those below")
  func levels() {
    #expect(Self.level([]) == nil)
    #expect(Self.level([Self.check(.valid, .failed)]) == nil)
    #expect(Self.level([Self.check(.valid, .passed)]) == 1)
    #expect(Self.level([Self.check(.valid, .passed), Self.check(.runs, .passed), Self.check(.runs, .failed)]) == 1)
    #expect(Self.level([Self.check(.valid, .passed), Self.check(.runs, .skipped), Self.check(.lives, .failed)]) == 2)
    #expect(Self.level(ProofLevel.allCases.map { Self.check($0, .passed) }) == 8)
  }

  @Test(
    "each kind of setting is given values that it accepts, differ from the one that it has, and reach its bounds",
    arguments: [
      (Setting("a", .bool, default: "false"), "false", ["true", "false"]),
      (Setting("a", .choice, default: "b", choices: ["a", "b", "c"]), "b", ["a", "c", "b"]),
      (Setting("a", .int, default: "5", min: 1, max: 9), "5", ["1", "9"]),
      (Setting("a", .int, default: "5", min: 5), "5", ["6"]),
      (Setting("a", .float, default: "0.5", max: 2), "0.5", ["2.0"]),
      (Setting("a", .size, default: "1G", min: 1_048_576, max: 1_099_511_627_776), "1G", ["1M", "1T"]),
      (Setting("a", .hostname, optional: true), nil, ["probe.example.org"]),
      (Setting("a", .string, default: "x", pattern: "[a-z]+"), "x", ["probe"]),
      (Setting("a", .path, optional: true), nil, []),
    ])
  func values(_ setting: Setting, _ now: String?, _ expected: [String]) throws {
    let values = setting.trialValues(now: now).filter { !$0.isHostile }
    #expect(values.map(\.text) == expected)
    for value in values { _ = try setting.parse(value.text) }
    #expect(values.allSatisfy { $0.mayBeRefused == (setting.pattern != nil) })
  }

  @Test("free text is given the worst that it accepts, and text with a pattern the worst that this lets in")
  func hostile() {
    func worst(_ setting: Setting) -> String? { setting.trialValues(now: nil).first(where: \.isHostile)?.text }
    #expect(worst(Setting("a", .string, optional: true)) == Setting.hostileTexts[0])
    #expect(worst(Setting("a", .password, optional: true, length: 12)) == "Zz9\(Setting.hostileTexts[1])")
    #expect(worst(Setting("a", .secret, pattern: "[A-Za-z0-9]+")) == nil)
    #expect(worst(Setting("a", .string, optional: true, pattern: "[a-z ]+")) == "a b")
  }

  @Test("a former version that is made of the plugin itself has its settings' former names, wherever they are read")
  func former() throws {
    let manifest = Manifest(
      id: "demo", name: "Demo", summary: "Demo", category: .other, version: "2",
      settings: [
        Setting("title", .string, default: "x", was: ["name", "word"]), Setting("loud", .bool, default: "true"),
      ],
      services: [
        Service("main", exec: ["/bin/demo", "{{settings.title}}", "{{settings.loud}}"]),
        Service("extra", exec: ["/bin/extra"], when: Condition([.init("title", ["title"])])),
      ],
      config: [ConfigFile("demo.conf", .properties, values: [.init("title", "{{ settings.title }}")])],
      jobs: [Job("tell", at: [.change], settings: ["title"], action: Action(exec: ["/bin/tell"], timeout: 9))])
    let former = try ChangedPlugin(before: DeclarativePlugin(manifest: manifest)).manifest
    #expect(former.version == "2-former")
    #expect(former.settings.map(\.id) == ["name", "loud"])
    #expect(
      former.services[0].arguments.flatMap(\.words).map(\.source) == [
        "/bin/demo", "{{settings.name}}", "{{settings.loud}}",
      ])
    #expect(former.services[1].condition == Condition([.init("name", ["title"])]))
    #expect(former.jobs[0].settings == ["name"])
    #expect(former.readings().flatMap(\.names).contains("settings.name"))
    #expect(!former.readings().flatMap(\.names).contains("settings.title"))
  }

  @Test("a badge names the level, and is a document without anything from elsewhere")
  func badge() throws {
    let report = ProofReport(app: "demo", version: "1", aim: .keeps, checks: [Self.check(.valid, .passed)])
    #expect(report.badge.contains("berth level 1 of 8") && !report.badge.contains("href"))
    #expect(try XMLDocument(xmlString: report.badge).rootElement()?.name == "svg")
  }
}
