import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("The files by which game panels find instances")
struct PanelRegistrationTests {
  private let guid = DemoPlugin().manifest.panelID
  private let key = InstanceKey(app: "demo", id: .default)
  private var file: String { "/var/lib/warlock/\(guid).app" }

  private func install(_ host: TestHost, _ name: String? = nil) async throws -> InstanceRecord {
    try await host.berth().install(InstallRequest(app: "demo", name: name)).record
  }

  private func configure(_ host: TestHost, _ registrations: String) throws {
    try host.files.makeFolder(host.paths.config, mode: 0o755, owner: nil)
    try host.files.write(
      "schema: 1\nregistrations: \(registrations)\n", to: host.paths.hostConfig, mode: 0o644, owner: nil, anchor: nil)
  }

  private func write(_ host: TestHost, _ text: String, to path: String) throws {
    try host.files.makeFolder(ScopePaths.folder(of: path), mode: 0o755, owner: nil)
    try host.files.write(text, to: path, mode: 0o644, owner: nil, anchor: nil)
  }

  @Test("each instance of root's has one with its folder in it, which goes with it")
  func installs() async throws {
    let host = try TestHost(.system)
    _ = try await install(host)
    let second = try await install(host, "PvP")
    let other = "/var/lib/warlock/\(guid).\(second.key.id.text).app"
    #expect(try host.files.list("/var/lib/warlock").count == 2)
    #expect(try host.files.read(file) == "/var/lib/berth/instances/demo/default")
    #expect(try host.files.read(other) == "/var/lib/berth/instances/demo/\(second.key.id.text)")
    #expect(try await host.berth().doctor() == [])
    try await host.berth().remove(second.key, keepsData: false)
    #expect(!host.files.exists(other) && host.files.exists(file))
    // What is kept is not managed, until it is taken up.
    try await host.berth().remove(key, keepsData: true)
    #expect(!host.files.exists(file))
    _ = try await host.berth().install(InstallRequest(app: "demo", id: "default"))
    #expect(try host.files.read(file) == "/var/lib/berth/instances/demo/default")
  }

  @Test("an app has the id that its plugin says, or always the same one of its own")
  func ids() throws {
    var manifest = DemoPlugin().manifest
    let made = manifest.panelID
    #expect(
      made == guid && made.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    manifest.id = "other"
    #expect(manifest.panelID != made)
    manifest.guid = "700798f0-35be-bc6c-da84-62c510dfbd06"
    #expect(manifest.panelID == "700798f0-35be-bc6c-da84-62c510dfbd06")
  }

  @Test("one that leads elsewhere is another's: nothing is installed, and the file stays as it is")
  func taken() async throws {
    let host = try TestHost(.system)
    try write(host, "/opt/games/demo", to: file)
    let before = try Snapshot(host)
    let error = try #require(await #expect(throws: BerthError.self) { try await install(host) })
    #expect(error.code == "registration-taken" && error.kind == .conflict && error.location == file)
    #expect(error.summary.contains("'/opt/games/demo'"))
    #expect(try Snapshot(host).changes(since: before) == [])
    // An instance with an id of its own has a file of its own.
    let id = String(try #require(error.remedy?.text.split(separator: " ").last))
    _ = try await host.berth().install(InstallRequest(app: "demo", id: id))
    #expect(try host.files.read(file) == "/opt/games/demo")
  }

  @Test(
    "one that leads elsewhere by now is another's: the doctor tells it, and nothing is changed until it is out of the way",
    arguments: [
      "/elsewhere", "no folder at all", "/var/lib/berth/instances/other/default",
      "/var/lib/berth/instances/demo/default/../../../x", "/var/lib/berth/instances/demo/default\nmore", "{\"a\": 1}",
    ], ["instance", "app"])
  func changed(_ text: String, _ style: String) async throws {
    let host = try TestHost(.system)
    try configure(host, "{ style: \(style) }")
    let record = try await install(host)
    let own = try host.files.read(file)
    try write(host, text, to: file)
    let found = try await host.berth().doctor()
    #expect(found.map(\.subject) == [record.title] && found.map(\.code) == ["registration-taken"])
    let before = try Snapshot(host)
    for wish in [ChangeWish(), ChangeWish(settings: ["title": "New"])] {
      let error = try #require(
        await #expect(throws: BerthError.self) { _ = try await host.berth().change("update", [record], wish) })
      #expect(error.code == "registration-taken" && error.kind == .conflict && error.location == file)
      #expect(error.remedy?.text == "mv --no-clobber \(file) \(file).other")
    }
    #expect(try Snapshot(host).changes(since: before) == [])
    try host.files.move(file, to: "\(file).other")
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(try host.files.read(file) == own && host.files.read("\(file).other") == text)
    #expect(try await host.berth().doctor() == [])
  }

  @Test("one that is gone, empty or leads to Berth's other style is put right by an update")
  func own() async throws {
    let host = try TestHost(.system)
    let record = try await install(host)
    // The last one is where it lay before its folders were moved.
    let moved = "/srv/former/instances/demo/default"
    for text in ["", "\n", panel, "/var/lib/berth/instances/demo/default\n", moved] {
      try write(host, text, to: file)
      _ = try await host.berth().change("update", [record], ChangeWish())
      #expect(try host.files.read(file) == "/var/lib/berth/instances/demo/default", "\(text)")
    }
    try host.files.remove(file)
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(try host.files.read(file) == "/var/lib/berth/instances/demo/default")
  }

  @Test(
    "a script of somebody else's in the place of Berth's own stays beside, and is there again when the change is taken back",
    arguments: ["instance", "app"])
  func foreignScripts(_ style: String) async throws {
    let host = try TestHost(.system)
    try configure(host, "{ style: \(style) }")
    let record = try await install(host)
    let folder = style == "app" ? panel : host.paths.instance(key)
    let theirs = "#!/usr/bin/env python3\nprint('mine')\n"
    func kept(_ name: String) throws -> [String] {
      try host.files.list(folder).filter { $0.hasPrefix("\(name).2") }
    }
    try write(host, theirs, to: "\(folder)/manage.py")
    // A line more is a person's, too.
    let edited = try host.files.read("\(folder)/manage") + "echo done\n"
    try write(host, edited, to: "\(folder)/manage")
    try host.files.remove("\(folder)/installer.sh")
    try write(host, "text", to: "\(folder)/installer.sh/note")
    _ = try await host.berth().change("update", [record], ChangeWish())
    for (name, text) in [("manage.py", theirs), ("manage", edited)] {
      #expect(try kept(name).map { try host.files.read("\(folder)/\($0)") } == [text], "\(name)")
      #expect(try host.files.read("\(folder)/\(name)").contains(" manage demo "))
    }
    #expect(try kept("installer.sh").map { try host.files.read("\(folder)/\($0)/note") } == ["text"])
    #expect(try await host.berth().doctor() == [])
    // Berth's own, of a former version, leaves nothing beside.
    let former = try host.files.read("\(folder)/manage").replacing("exec ", with: "exec /opt/former/")
    try write(host, former, to: "\(folder)/manage")
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(try kept("manage").count == 1)

    try write(host, theirs, to: "\(folder)/manage")
    host.manager.set { $0.outcomes["demo@.service"] = UnitState(active: "failed", sub: "failed") }
    await #expect(throws: BerthError.self) {
      _ = try await host.berth().change("update", [record], ChangeWish(settings: ["memory": "512M"]))
    }
    #expect(try host.files.read("\(folder)/manage") == theirs && kept("manage").count == 1)
  }

  @Test("a removal leaves one that leads elsewhere by then")
  func leaves() async throws {
    let host = try TestHost(.system)
    _ = try await install(host)
    try write(host, "/elsewhere", to: file)
    try await host.berth().remove(key, keepsData: false)
    #expect(try host.files.read(file) == "/elsewhere")
  }

  @Test("the host's configuration names another folder, or none, and an update follows it")
  func configured() async throws {
    let host = try TestHost(.system)
    var record = try await install(host)
    try configure(host, "/srv/panel")
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(host.files.exists("/srv/panel/\(guid).app") && !host.files.exists(file))
    try configure(host, "none")
    record = try #require(try host.registry.instances().first)
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(!host.files.exists("/srv/panel/\(guid).app"))
    record = try #require(try host.registry.instances().first)
    #expect(record.registration == nil)
  }

  private let other = "/var/lib/warlock"
  private let panel = "/var/lib/berth/panel/demo"

  @Test("by app, one file and one script speak for all instances, and go with the last one")
  func byApp() async throws {
    let host = try TestHost(.system)
    try configure(host, "{ style: app }")
    let first = try await install(host)
    let second = try await install(host, "PvP")
    #expect(try host.files.list(other) == ["\(guid).app"])
    #expect(try host.files.read(file) == panel)
    let script = try host.files.read("\(panel)/manage.py")
    #expect(script.contains(" manage demo --all --scope system \"$@\""), "\(script)")
    #expect(try host.files.list(panel) == ["installer.sh", "manage", "manage.py"])
    #expect(try await host.berth().doctor() == [])
    // The default one is no more than any other.
    try await host.berth().remove(first.key, keepsData: false)
    #expect(try host.files.read(file) == panel && host.files.isFile("\(panel)/manage.py"))
    #expect(try await host.berth().doctor() == [])
    try await host.berth().remove(second.key, keepsData: false)
    #expect(!host.files.exists(file) && !host.files.exists(panel))
  }

  @Test("the style changes with an update of each instance, there and back")
  func styleChanges() async throws {
    let host = try TestHost(.system)
    _ = try await install(host)
    let second = try await install(host, "PvP")
    func update() async throws {
      // The one that is not the default first.
      for record in try host.registry.instances().sorted(by: { $0.name.text > $1.name.text }) {
        _ = try await host.berth().change("update", [record], ChangeWish())
      }
    }
    for _ in 1...2 {
      try configure(host, "{ style: app }")
      try await update()
      #expect(try host.files.list(other) == ["\(guid).app"] && host.files.read(file) == panel)
      #expect(try await host.berth().doctor() == [])
      try configure(host, "{ style: instance }")
      try await update()
      #expect(
        try host.files.list(other).sorted() == ["\(guid).app", "\(guid).\(second.key.id.text).app"].sorted())
      #expect(try host.files.read(file) == "/var/lib/berth/instances/demo/default")
      #expect(!host.files.exists(panel))
      #expect(try await host.berth().doctor() == [])
    }
  }

  @Test("a script for all that was deleted is named by the doctor, and restarts nothing when it is made anew")
  func panelScript() async throws {
    let host = try TestHost(.system)
    try configure(host, "{ style: app }")
    let record = try await install(host)
    try host.files.remove("\(panel)/manage.py")
    #expect(try await host.berth().doctor().map(\.subject) == [record.title])
    let before = host.manager.known.calls.count
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(host.files.isFile("\(panel)/manage.py"))
    #expect(!host.manager.known.calls.dropFirst(before).contains { $0.hasPrefix("restart") || $0.hasPrefix("stop") })
  }

  @Test("by app too, a file that leads elsewhere is another's")
  func byAppTaken() async throws {
    let host = try TestHost(.system)
    try configure(host, "{ style: app }")
    try write(host, "/opt/games/demo", to: file)
    let before = try Snapshot(host)
    let error = try #require(await #expect(throws: BerthError.self) { try await install(host) })
    #expect(error.code == "registration-taken")
    // Another id would have the same file.
    #expect(error.remedy?.text == "mv --no-clobber \(file) \(file).other")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("a person has none, unless a folder is named", arguments: [TestHost.Kind.user, .sandbox])
  func person(_ kind: TestHost.Kind) async throws {
    let host = try TestHost(kind)
    let record = try await install(host)
    #expect(record.registration == nil)
    try configure(host, "/srv/panel")
    _ = try await host.berth().change("update", [record], ChangeWish())
    #expect(try host.files.read("/srv/panel/\(guid).app") == host.paths.instance(key))
  }
}
