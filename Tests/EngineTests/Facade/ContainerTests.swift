import BerthKit
import Foundation
import Synchronization
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Apps in containers")
struct ContainerTests {
  private static let old = ContainerImage(
    id: String(repeating: "1", count: 64), names: [CratePlugin.image],
    digests: ["registry.example/crate@sha256:\(String(repeating: "a", count: 64))"])
  private static let new = ContainerImage(
    id: String(repeating: "2", count: 64), names: [CratePlugin.image],
    digests: ["registry.example/crate@sha256:\(String(repeating: "b", count: 64))"])
  private static let side = ContainerImage(id: String(repeating: "3", count: 64), names: ["localhost/side:1"])

  private static let file = "/etc/containers/systemd/crate@default.container"
  private static let sideFile = "/etc/containers/systemd/crate-side@default.container"

  private func host(_ kind: TestHost.Kind = .system) throws -> TestHost {
    let host = try TestHost(kind)
    host.containers.set {
      $0.images = [Self.side]
      $0.registry = [CratePlugin.image: Self.old]
    }
    return host
  }

  private func berth(_ host: TestHost, version: String = "1") -> Berth { host.berth([CratePlugin(version: version)]) }

  @Test("an installation fetches the image, fixes it by its id, and runs it")
  func installs() async throws {
    let host = try host()
    let report = try await berth(host).install(InstallRequest(app: "crate", name: "Kids"))
    #expect(report.status == .running)
    #expect(report.services.map(\.unit) == ["crate@default.service"])
    #expect(host.containers.now.pulled == [CratePlugin.image])
    #expect(report.record.images["main"]?.id == Self.old.id)
    #expect(report.record.images["main"]?.digest == Self.old.digests[0])
    #expect(report.record.version == "1")
    let text = try host.files.read(Self.file)
    #expect(text.contains("\nImage=\(Self.old.id)\n"))
    #expect(text.contains("\nContainerName=crate_kids\n"))
    #expect(try host.registry.instances() == [report.record])
    // The user's number is known before there is a user.
    let number = host.users.numbers(of: report.record.user).user
    #expect(text.contains("\nUser=\(number):\(number)\n"))
    // What it is shown of its own is there, and belongs to it.
    #expect(host.files.isFolder("/var/lib/berth/instances/crate/default/data/config"))
    #expect(host.files.isFolder("/var/lib/berth/instances/crate/default/data/media"))
  }

  /// A crate that reads a file.
  private struct Configured: AppPlugin {
    var manifest: Manifest {
      var manifest = CratePlugin().manifest
      manifest.config = [ConfigFile("app.conf", .properties, values: [.init("key", "value")])]
      return manifest
    }
  }

  @Test("a FIFO in the place of its config file is named by a restart and a start, and waited for by nobody")
  func fifo() async throws {
    let host = try host()
    let berth = host.berth([Configured()])
    let record = try await berth.install(InstallRequest(app: "crate")).record
    let path = "\(host.paths.instance(record.key))/config/app.conf"
    try host.files.remove(path)
    #expect(mkfifo(host.folder.path + path, 0o600) == 0)
    func refused(_ verb: Control) async throws -> String? {
      do {
        _ = try await berth.control(verb, [record])[0].result.get()
        return nil
      } catch let error as BerthError { return "\(error.code) \(error.summary)" }
    }
    let problem = "unreadable-file the service cannot read its config file '\(path)': it is no regular file"
    let restart = try await refused(.restart)
    #expect(restart == problem)
    #expect(try await berth.list()[0].status == .running)
    #expect(try await refused(.stop) == nil)
    let start = try await refused(.start)
    #expect(start == problem)
    // The control: a file can be read.
    try host.files.remove(path)
    try host.files.write("key = value\n", to: path, mode: 0o600, owner: nil, anchor: nil)
    #expect(try await refused(.start) == nil)
  }

  @Test("an image that is there is not fetched, and one from no registry goes by its id")
  func present() async throws {
    let host = try host()
    host.containers.set { $0.images.append(Self.old) }
    let report = try await berth(host).install(InstallRequest(app: "crate", settings: ["side": "true"]))
    #expect(host.containers.now.pulled == [])
    #expect(report.record.images["side"] == ImagePin(reference: "localhost/side:1", id: Self.side.id))
    #expect(try host.files.read(Self.sideFile).contains("\nImage=\(Self.side.id)\nPull=never\n"))
  }

  @Test("the generator reads all files of a batch in one call, before anything is put in place")
  func checked() async throws {
    let host = try host()
    _ = try await berth(host).install(
      (1...3).map { InstallRequest(app: "crate", name: "n\($0)", settings: ["side": "true"]) })
    #expect(host.containers.now.checked.count == 1)
    #expect(host.containers.now.checked[0].count == 9)
  }

  @Test("what the generator refuses leaves nothing behind")
  func refused() async throws {
    let host = try host()
    host.containers.set { $0.problem = BerthError("bad-quadlet", .failure, "no") }
    let before = try Snapshot(host)
    let error = await refusal { try await berth(host).install(InstallRequest(app: "crate")) }
    #expect(error?.code == "bad-quadlet")
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.locks.held.isEmpty)
  }

  @Test("without Podman, and with an image that cannot be had, nothing is begun")
  func missing() async throws {
    let host = try host()
    let before = try Snapshot(host)
    host.containers.set { $0.isMissing = true }
    #expect(await refusal { try await berth(host).install(InstallRequest(app: "crate")) }?.code == "no-podman")
    host.containers.set {
      $0.isMissing = false
      $0.registry = [:]
    }
    #expect(await refusal { try await berth(host).install(InstallRequest(app: "crate")) }?.code == "no-image")
    // One that was made on the host is not asked for anywhere.
    host.containers.set { $0.images = [] }
    let request = InstallRequest(app: "crate", settings: ["image": "localhost/crate:1"])
    let pulled = host.containers.now.pulled
    #expect(await refusal { try await berth(host).install(request) }?.code == "no-image")
    #expect(host.containers.now.pulled == pulled)
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("a plan says that an image will be fetched, and fetches none")
  func dryRun() async throws {
    let host = try host()
    let plan = try await berth(host).planInstall([InstallRequest(app: "crate")])
    #expect(plan.changes[0].reasons.contains("the image \(CratePlugin.image) is fetched"))
    #expect(host.containers.now.pulled == [])
  }

  @Test("an update fetches the image anew, and restarts only when it is another one")
  func updates() async throws {
    let host = try host()
    let berth = berth(host)
    _ = try await berth.install(InstallRequest(app: "crate"))
    let wish = ChangeWish(refreshes: true)
    #expect(try await berth.change("update", [host.record(app: "crate")], wish).isEmpty)
    host.containers.set { $0.registry = [CratePlugin.image: Self.new] }
    // Whatever else is changed does not bring a newer image along.
    _ = try await berth.change("config set", [host.record(app: "crate")], ChangeWish(labels: ["a": "b"]))
    #expect(try host.files.read(Self.file).contains(Self.old.id))
    let plan = try await berth.planChange("update", [host.record(app: "crate")], wish)
    #expect(plan.isEmpty)
    let outcomes = try await berth.change("update", [host.record(app: "crate")], wish)
    #expect(try outcomes.map { try $0.result.get().status } == [.running])
    #expect(try host.record(app: "crate").images["main"]?.id == Self.new.id)
    #expect(try host.files.read(Self.file).contains("\nImage=\(Self.new.id)\n"))
  }

  @Test("images can be fetched to find out about an update, and nothing else changes")
  func looks() async throws {
    let host = try host()
    let berth = berth(host)
    _ = try await berth.install(InstallRequest(app: "crate"))
    let before = try Snapshot(host)
    host.containers.set { $0.registry = [CratePlugin.image: Self.new] }
    let plan = try await berth.planChange(
      "update", [host.record(app: "crate")], ChangeWish(refreshes: true), fetches: true)
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(plan.changes[0].reasons.contains { $0.hasPrefix("image of main: ") })
  }

  @Test("a backup knows its images, and a restore says when the host has another one")
  func backups() async throws {
    let host = try host()
    let notices = Notices()
    var options = Berth.Options()
    options.notice = { notices.add($0) }
    let berth = host.berth([CratePlugin()], options: options)
    let record = try await berth.install(InstallRequest(app: "crate")).record
    let backup = try await berth.backup(record, BackupWish())
    #expect(try berth.backup(backup.id).head?.instance.images == record.images)
    _ = try await berth.restore(RestoreRequest(app: "crate")).result.get()
    #expect(!notices.all.contains { $0.hasPrefix("image of ") })
    _ = try await berth.remove([record], keepsData: false)
    host.containers.set { $0.images = [Self.side, Self.new] }
    var request = RestoreRequest(app: "crate")
    request.backup = backup.id
    #expect(try await berth.planRestore(request).changes[0].reasons.contains { $0.hasPrefix("image of main: ") })
    let report = try await berth.restore(request).result.get()
    #expect(report.record.images["main"]?.id == Self.new.id)
    #expect(
      notices.all.filter { $0.hasPrefix("image of ") } == [
        "image of main: the backup was made with \(Self.old.digests[0]), and this host has \(Self.new.digests[0]) as "
          + CratePlugin.image
      ])
  }

  @Test("an update that fails goes back to the image from before")
  func goesBack() async throws {
    let host = try host()
    let berth = berth(host)
    _ = try await berth.install(InstallRequest(app: "crate"))
    let former = try host.record(app: "crate")
    host.containers.set { $0.registry = [CratePlugin.image: Self.new] }
    host.logs.set("crate@default.service", ["no such file"])
    // The new image does not start, the old one does.
    host.fault.watch { [weak manager = host.manager, files = host.bystander] call in
      guard call.hasPrefix("start ") else { return }
      let isNew = (try? files.read(Self.file).contains(Self.new.id)) == true
      manager?.set {
        $0.outcomes["crate@default.service"] =
          UnitState(active: isNew ? "failed" : "active", sub: isNew ? "failed" : "running")
      }
    }
    let error = await refusal {
      try await berth.change("update", [former], ChangeWish(refreshes: true))
    }
    #expect(error?.code == "not-ready")
    #expect(try host.record(app: "crate") == former)
    #expect(try host.files.read(Self.file).contains("\nImage=\(Self.old.id)\n"))
    #expect(host.manager.known.units["crate@default.service"]?.active == "active")
  }

  @Test("a new name stops the containers before they are called otherwise")
  func renames() async throws {
    let host = try host()
    let berth = berth(host)
    _ = try await berth.install(InstallRequest(app: "crate", name: "Kids"))
    host.manager.set { $0.calls = [] }
    _ = try await berth.change("config set", [host.record(app: "crate")], ChangeWish(name: "Adults"))
    let calls = host.manager.known.calls.filter { !$0.hasPrefix("states") && !$0.hasPrefix("processes") }
    let stop = try #require(calls.firstIndex { $0.hasPrefix("stop ") })
    let reload = try #require(calls.firstIndex { $0.hasPrefix("reload") })
    let start = try #require(calls.firstIndex { $0.hasPrefix("start ") })
    #expect(stop < reload && reload < start)
    #expect(try host.files.read(Self.file).contains("\nContainerName=crate_adults\n"))
  }

  @Test("a part that is turned off goes with its files, and comes back with them")
  func parts() async throws {
    let host = try host()
    let berth = berth(host)
    _ = try await berth.install(InstallRequest(app: "crate", settings: ["side": "true"]))
    _ = try await berth.change("config set", [host.record(app: "crate")], ChangeWish(settings: ["side": "false"]))
    #expect(!host.files.exists(Self.sideFile))
    #expect(!host.files.exists("/var/lib/berth/instances/crate/default/side.container.env"))
    #expect(host.manager.known.units["crate-side@default.service"] == nil)
    #expect(host.manager.known.units["crate@default.service"]?.active == "active")
    _ = try await berth.change("config set", [host.record(app: "crate")], ChangeWish(settings: ["side": "true"]))
    #expect(host.manager.known.units["crate-side@default.service"]?.active == "active")
  }

  @Test("a removal leaves nothing", arguments: [true, false])
  func removes(_ keepsData: Bool) async throws {
    let host = try host()
    let berth = berth(host)
    // What all instances of a host share is made by the first.
    _ = try await berth.install(InstallRequest(app: "crate"))
    _ = try await berth.remove(try host.record(app: "crate").key, keepsData: false)
    let before = try Snapshot(host)
    _ = try await berth.install(InstallRequest(app: "crate", settings: ["side": "true"]))
    _ = try await berth.remove(try host.record(app: "crate").key, keepsData: keepsData)
    #expect(!host.files.exists(Self.file) && !host.files.exists(Self.sideFile))
    #expect(!host.files.exists("/etc/containers/systemd/crate@default.network"))
    let left = try Snapshot(host).changes(since: before)
    if !keepsData { #expect(left == []) }
  }

  @Test("a file of that name that is not Berth's is left alone")
  func foreign() async throws {
    let host = try host()
    try host.files.makeFolder("/etc/containers/systemd", mode: 0o755, owner: nil)
    try host.files.write("[Container]\nImage=mine\n", to: Self.file, mode: 0o644, owner: nil, anchor: nil)
    let before = try Snapshot(host)
    #expect(await refusal { try await berth(host).install(InstallRequest(app: "crate")) }?.code == "unit-taken")
    #expect(try Snapshot(host).changes(since: before) == [])
  }

  @Test("a place of its own is another one in a copy, and no value that is kept")
  func ownPlaces() async throws {
    let host = try host()
    let berth = berth(host)
    _ = try await berth.install(InstallRequest(app: "crate"))
    #expect(try host.registry.settings(of: try host.record(app: "crate").uid).allSatisfy { $0.key != "media" })
    let shown = try berth.settings(of: try host.record(app: "crate")).first { $0.key == "media" }
    #expect(shown?.value == "/var/lib/berth/instances/crate/default/data/media")
    try host.files.makeFolder("/srv/media", mode: 0o755, owner: nil)
    let second = try await berth.install(InstallRequest(app: "crate", settings: ["media": "/srv/media"]))
    let text = try host.files.read("/etc/containers/systemd/crate@\(second.record.key.id).container")
    #expect(text.contains("\"chosen:1:/srv/media\""))
  }
}

private final class Notices: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }
  func add(_ text: String) { texts.withLock { $0.append(text) } }
}
