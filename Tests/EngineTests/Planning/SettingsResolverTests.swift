import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Settings")
struct SettingsResolverTests {
  private func resolve(
    _ settings: [Setting], chosen: [String: String] = [:], stored: [StoredSetting] = [], drops: Bool = false
  ) throws -> (values: [String: Value], stored: [StoredSetting]) {
    var names = Variables()
    names.set("instance.name", to: .text("PvP"))
    names.set("host.name", to: .text("harbour"))
    let manifest = Manifest(
      id: "demo", name: "Demo", summary: "A server", category: .game, version: "1", settings: settings,
      services: [Service(exec: ["/usr/bin/true"])])
    return try SettingsResolver(manifest: manifest, drops: drops).resolve(chosen: chosen, stored: stored, names: names)
    {
      String(repeating: "s", count: $0)
    }
  }

  @Test("a default may name the instance and the host")
  func defaults() throws {
    let (values, stored) = try resolve([
      Setting("title", .string, default: "{{instance.name}} on {{host.name}}"), Setting("players", .int, default: "8"),
      Setting("open", .bool, default: "yes"),
    ])
    #expect(values == ["title": .text("PvP on harbour"), "players": .integer(8), "open": .boolean(true)])
    #expect(stored.map(\.key) == ["title", "players", "open"])
    #expect(stored.map(\.value) == ["PvP on harbour", "8", "yes"])
  }

  @Test("an optional setting without a choice has no value and is not kept")
  func optional() throws {
    let setting = Setting("motd", .string, optional: true)
    #expect(try resolve([setting]).values == [:])
    #expect(try resolve([setting]).stored == [])
    #expect(try resolve([setting], chosen: ["motd": ""]).values == ["motd": .text("")])
  }

  @Test("every required setting that is missing is listed at once")
  func missing() async {
    let settings = [Setting("world", .string), Setting("players", .int, default: "8"), Setting("password", .password)]
    let error = await refusal { try resolve(settings, chosen: ["players": "3"]) }
    #expect(error?.code == "missing-setting")
    #expect(error?.kind == .usage)
    #expect(error?.summary == "'demo' needs a value for 'world', 'password'")
    #expect(error?.remedy == "add --set world=VALUE --set password=VALUE")
  }

  @Test(
    "an unknown setting is refused with the nearest one",
    arguments: [("playesr", "players"), ("Players", "players"), ("quux", nil)])
  func unknown(_ key: String, _ near: String?) async {
    let error = await refusal { try resolve([Setting("players", .int, default: "8")], chosen: [key: "1"]) }
    #expect(error?.code == "unknown-setting")
    #expect(error?.summary == "'demo' has no setting '\(key)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
  }

  @Test("a choice that does not fit is refused")
  func bad() async {
    let error = await refusal {
      try resolve([Setting("players", .int, default: "8", max: 16)], chosen: ["players": "17"])
    }
    #expect(error?.code == "bad-setting")
    #expect(error?.summary.contains("'17'") == true)
  }

  @Test("a password that does not fit is not quoted")
  func badPassword() async {
    let error = await refusal {
      try resolve([Setting("password", .password, length: 4)], chosen: ["password": "hunter2"])
    }
    #expect(error?.code == "bad-setting")
    #expect(error?.summary.contains("hunter2") == false)
  }

  @Test("a secret is generated with its length and kept as a secret", arguments: [(nil, 24), (12, 12)])
  func secret(_ length: Int?, _ expected: Int) throws {
    let (values, stored) = try resolve([Setting("token", .secret, length: length)])
    let text = String(repeating: "s", count: expected)
    #expect(values == ["token": .text(text)])
    #expect(stored == [StoredSetting(key: "token", value: text, isSecret: true)])
  }

  @Test("what was kept survives, and a choice is stronger")
  func kept() throws {
    let settings = [
      Setting("title", .string, default: "{{instance.name}}"), Setting("players", .int, default: "8"),
      Setting("token", .secret),
    ]
    let former = [
      StoredSetting(key: "title", value: "Old", isSecret: false),
      StoredSetting(key: "players", value: "5", isSecret: false),
      StoredSetting(key: "token", value: "kept-token", isSecret: true),
      StoredSetting(key: "gone", value: "the default of an older plugin", isSecret: false, isDefault: true),
    ]
    let (values, stored) = try resolve(settings, chosen: ["players": "6"], stored: former)
    #expect(values == ["title": .text("Old"), "players": .integer(6), "token": .text("kept-token")])
    #expect(stored.map(\.key) == ["title", "players", "token"])
    #expect(stored.map(\.isSecret) == [false, false, true])
  }

  @Test("a renamed setting has its former value, of several former names the newest one's")
  func renamed() throws {
    let setting = Setting("title", .string, default: "none", was: ["welcome", "motd"])
    let (old, older) = (
      StoredSetting(key: "welcome", value: "Hello", isSecret: false),
      StoredSetting(key: "motd", value: "Hi", isSecret: false, isDefault: true)
    )
    let (values, stored) = try resolve([setting], stored: [older])
    #expect(values == ["title": .text("Hi")])
    #expect(stored == [StoredSetting(key: "title", value: "Hi", isSecret: false, isDefault: true)])
    #expect(try resolve([setting], stored: [older, old]).values == ["title": .text("Hello")])
    let present = StoredSetting(key: "title", value: "Now", isSecret: false)
    #expect(try resolve([setting], stored: [present]).values == ["title": .text("Now")])
    #expect(try resolve([setting], chosen: ["title": "Later"], stored: [older]).values == ["title": .text("Later")])
  }

  @Test("a value that somebody chose does not go unless it may, and the error names each")
  func dropped() async throws {
    let stored = [
      StoredSetting(key: "motd", value: "Hi", isSecret: false), StoredSetting(key: "token", value: "t", isSecret: true),
      StoredSetting(key: "seats", value: "4", isSecret: false, isDefault: true),
    ]
    let error = await refusal { try resolve([], stored: stored) }
    #expect(error?.code == "dropped-settings" && error?.kind == .conflict)
    #expect(error?.summary.contains("'motd', 'token'") == true && error?.summary.contains("seats") == false)
    #expect(try resolve([], stored: stored, drops: true).stored == [])
  }

  @Test("only what nobody chose is kept as a default")
  func chosenOrNot() throws {
    let settings = [
      Setting("a", .int, default: "1"), Setting("b", .int, default: "1"), Setting("c", .int, default: "1"),
    ]
    let stored = try resolve(settings, chosen: ["b": "2", "c": "1"]).stored
    #expect(stored.map(\.isDefault) == [true, false, true])
    // A later default makes no choice of the value that an instance has.
    let later = [Setting("a", .int, default: "9"), Setting("b", .int, default: "2")]
    #expect(try resolve(later, stored: Array(stored.prefix(2))).stored.map(\.isDefault) == [true, false])
  }

  @Test("a person may bring a secret of their own")
  func ownSecret() throws {
    #expect(try resolve([Setting("token", .secret)], chosen: ["token": "mine"]).values == ["token": .text("mine")])
  }
}
