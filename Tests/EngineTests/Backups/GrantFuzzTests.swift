import BerthKit
import TestSupport
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Whatever a stranger's head says and a person answers, what is believed holds nothing that was not confirmed.
@Suite("What is believed of random heads") struct GrantFuzzTests {
  private static let uid = "99999999-9999-4999-8999-999999999999"

  private static func head(_ mangler: inout Mangler, _ manifest: Manifest) -> BackupHead {
    func word(_ words: String...) -> String { mangler.pick(words) }
    let record = InstanceRecord(
      uid: "11111111-1111-4111-8111-111111111111", key: InstanceKey(app: "pier", id: .default),
      name: InstanceName(unchecked: "Guest"), slug: "../guest", state: .ready, user: word("root", "berth-000000000000"),
      version: "1", directory: word("/etc", "/"), labels: mangler.below(2) == 0 ? [:] : ["a": word("b", "c")],
      limits: mangler.below(2) == 0 ? InstanceLimits() : InstanceLimits(cpus: Double(1 + mangler.below(99))),
      backup: mangler.below(2) == 0 ? nil : BackupPolicy(schedule: word("daily", "minutely")), fleet: word("north", ""),
      services: [word("main", "evil")],
      ports: mangler.below(2) == 0
        ? [] : [.init(role: word("web", "ssh"), port: PortNumber(.tcp, 1 + mangler.below(65_535)), address: "0.0.0.0")],
      pool: mangler.below(2) == 0 ? nil : word("shop", "bar"), folders: ["/etc"], registration: "/etc/cron.d/x",
      createdAt: "2026-11-21T09:00:00Z")
    let values = [
      "image": "evil.example/x:1", "downloads": "/", "memory": "1T", "limits": "/etc", "title": "Theirs",
      "env.PROXY": "http://evil.example",
    ]
    let settings = values.sorted { $0.key < $1.key }.filter { _ in mangler.below(2) == 0 }
    return BackupHead(
      id: Self.uid, kind: .full, createdAt: "2026-11-21T09:00:00Z", hostName: "x", instance: record,
      settings: settings.map { StoredSetting(key: $0.key, value: $0.value, isSecret: false) }, manifest: manifest,
      sets: [], owner: mangler.below(2) == 0 ? nil : FileNumbers(user: 0, group: 0))
  }

  @Test("nothing is taken that was not accepted, and all that was accepted is")
  func answers() throws {
    let manifest = PierPlugin().manifest
    let outward = manifest.outwardSettings
    var mangler = Mangler(seed: 0x64A7)
    for number in 0..<Fuzz.inputs(500) {
      let head = Self.head(&mangler, manifest)
      let isCopy = mangler.below(2) == 0
      var grants = ArchiveGrants(head, manifest, into: nil, kept: nil, isCopy: isCopy)
      let accepted = Set(grants.items.map(\.item).filter { _ in mangler.below(2) == 0 })
      try grants.answer(accepting: accepted, declining: [])
      let believed = grants.head(uid: Self.uid, takesOpen: false)
      let instance = believed.instance
      func word(_ setting: String) -> String {
        OwnVariable.isKey(setting) ? "variables" : setting == "limits" ? "settings.limits" : setting
      }
      func isAsked(_ setting: String) -> Bool { outward.contains(setting) || OwnVariable.isKey(setting) }
      let isRight =
        instance.uid == Self.uid && instance.user == nil && instance.directory == nil && instance.fleet == nil
        && instance.folders.isEmpty && instance.registration == nil && instance.services.isEmpty
        && instance.limits == (accepted.contains("limits") ? head.instance.limits : InstanceLimits())
        && instance.labels == (accepted.contains("labels") ? head.instance.labels : [:])
        && instance.backup == (accepted.contains("schedule") ? head.instance.backup : nil)
        && instance.pool == (accepted.contains("pool") ? head.instance.pool : nil)
        && believed.owner == (accepted.contains("owners") ? head.owner : nil)
        && !instance.ports.contains { $0.port.number < 1024 && !accepted.contains("ports") }
        && believed.settings.allSatisfy { !isAsked($0.key) || accepted.contains(word($0.key)) }
        && head.settings.allSatisfy { setting in
          isAsked(setting.key) && !accepted.contains(word(setting.key))
            || believed.settings.contains { $0.key == setting.key }
        }
      if !isRight { Issue.record("\(number): accepted \(accepted.sorted()) of \(grants.items)") }
    }
  }
}
