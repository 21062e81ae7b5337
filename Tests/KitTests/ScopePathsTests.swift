import BerthKit
import Foundation
import Testing

@Suite("Paths and names of units") struct ScopePathsTests {
  private let user = ScopePaths.user(
    configHome: "/home/ann/.config", stateHome: "/home/ann/.local/state", dataHome: "/home/ann/.local/share",
    runtime: "/run/user/1000")
  private let sandbox = ScopePaths.sandbox(root: "/srv/try", runtime: "/run/berth-1")

  @Test("the system's paths follow the file hierarchy standard")
  func system() {
    let paths = ScopePaths.system
    #expect(paths.scope == .system)
    #expect(paths.plugins == "/etc/berth/plugins.d")
    #expect(paths.registry == "/var/lib/berth/registry.sqlite")
    #expect(paths.locks == "/var/lib/berth/locks")
    #expect(paths.trash == "/var/lib/berth/trash")
    #expect(paths.backups == "/var/backups/berth")
    #expect(paths.runtime == "/run/berth")
    #expect(paths.unit("x@.service") == "/etc/systemd/system/x@.service")
    #expect(paths.wants == "/etc/systemd/system/multi-user.target.wants")
  }

  @Test("a person's paths follow XDG")
  func person() {
    #expect(user.scope == .user)
    #expect(user.config == "/home/ann/.config/berth")
    #expect(user.state == "/home/ann/.local/state/berth")
    #expect(user.backups == "/home/ann/.local/share/berth/backups")
    #expect(user.units == "/home/ann/.config/systemd/user")
    #expect(user.runtime == "/run/user/1000/berth")
    #expect(user.wants == "/home/ann/.config/systemd/user/default.target.wants")
  }

  @Test("a sandbox is below one folder, but for its sockets")
  func oneFolder() {
    #expect(sandbox.scope == .sandbox)
    #expect(sandbox.root == "/srv/try")
    for path in [sandbox.config, sandbox.state, sandbox.backups, sandbox.units, sandbox.journal, sandbox.registry] {
      #expect(path.hasPrefix("/srv/try/"))
    }
    #expect(sandbox.runtime == "/run/berth-1")
    #expect(sandbox.bootTarget == "default.target")
  }

  @Test("an instance has a folder by app and id, and an environment file per service")
  func instance() {
    let key = InstanceKey(app: "luanti", id: .default)
    #expect(user.instance(key) == "/home/ann/.local/state/berth/instances/luanti/default")
    #expect(user.instance("luanti", "%i") == "/home/ann/.local/state/berth/instances/luanti/%i")
    #expect(sandbox.environment("luanti", "default", service: "main") == "/srv/try/state/instances/luanti/default/env")
    #expect(
      sandbox.environment("luanti", "default", service: "web") == "/srv/try/state/instances/luanti/default/web.env")
    #expect(
      sandbox.dropIn("luanti@default.service") == "/srv/try/config/systemd/user/luanti@default.service.d/berth.conf")
    #expect(ScopePaths.ownFolders == ["config", "data", "cache"])
  }

  @Test("the names of units are fixed for ever")
  func units() {
    #expect(UnitName.service("luanti", "main") == "luanti@.service")
    #expect(UnitName.service("luanti", "main", "default") == "luanti@default.service")
    #expect(UnitName.service("luanti", "web", "%i") == "luanti-web@%i.service")
    #expect(UnitName.target("luanti") == "luanti@.target")
    #expect(UnitName.target("luanti", "default") == "luanti@default.target")
    #expect(UnitName.patterns("luanti", services: ["main", "web"]) == ["luanti@*.service", "luanti-web@*.service"])
  }

  @Test("what a manager remembers of a timer lies where systemd puts it")
  func stamps() {
    let timer = UnitName.timer("redis", "rewrite-log", "default")
    #expect(timer == "redis-rewrite-log@default.timer")
    #expect(UnitName.timer("redis", "rewrite-log") == "redis-rewrite-log@.timer")
    #expect(ScopePaths.system.stamp(timer) == "/var/lib/systemd/timers/stamp-\(timer)")
    #expect(user.stamp(timer) == "/home/ann/.local/share/systemd/timers/stamp-\(timer)")
    #expect(sandbox.stamp(timer) == "/srv/try/state/private/home/.local/share/systemd/timers/stamp-\(timer)")
  }

  @Test("a record knows its units, its target and what messages call it")
  func record() throws {
    let id = try InstanceID("6f9619ff-8b86-4011-b42d-00c04fc964ff")
    let record = InstanceRecord(
      uid: "u", key: InstanceKey(app: "luanti", id: id), name: InstanceName(unchecked: "Kids"), slug: "kids",
      state: .ready,
      user: nil, version: nil, directory: nil, labels: [:], services: ["main", "web"], ports: [],
      createdAt: "2026-11-21T09:00:00Z")
    #expect(record.title == "luanti/Kids")
    #expect(record.target == "luanti@\(id).target")
    #expect(record.units == ["luanti@\(id).service", "luanti-web@\(id).service"])
  }

  @Test("the JSON of a stored setting has its value, unless it is secret")
  func storedSettings() throws {
    let plain = StoredSetting(key: "users", value: "5", isSecret: false)
    #expect(try JSONDecoder().decode(StoredSetting.self, from: JSONEncoder().encode(plain)) == plain)
    let data = try JSONEncoder().encode(StoredSetting(key: "token", value: "hunter2", isSecret: true))
    #expect(!String(decoding: data, as: UTF8.self).contains("hunter2"))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(StoredSetting.self, from: data) }
  }
}
