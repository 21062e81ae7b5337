import BerthKit
import BerthStore
import Testing

@testable import BerthEngine

@Suite("What an adopted project has beside volumes: folders of people's, files, and somebody else's sites")
struct AdoptionMountTests {
  private static let data = "/var/lib/berth/instances/ward/default/data/volumes"

  /// Ward with a site, a folder that the operator chooses, and a file of its own.
  private struct Plugin: AppPlugin {
    var manifest: Manifest {
      var manifest = WardPlugin().manifest
      manifest.settings.append(Setting("archive", .path, default: "{{paths.data}}/archive"))
      manifest.services[1].mounts.append(Mount("/archive", from: "{{settings.archive}}"))
      manifest.routes = [Route("web", host: "{{settings.domain}}", port: "http")]
      return manifest
    }
  }

  /// - Parameter mounts: beside those of the volumes, in the container of the program.
  private func host(_ mounts: ForeignContainer.Mount..., rows: String? = nil) throws -> TestHost {
    let host = try TestHost(.system)
    try WardPlugin.runProject(on: host)
    try host.files.makeFolder("/srv/old", mode: 0o755, owner: nil)
    host.projects.set {
      $0.projects["/srv/old"]?.containers[1].mounts += mounts
      if let rows {
        $0.projects["/srv/old"]?.containers[0].mounts = [.init(target: "/rows/", path: rows, volume: nil)]
      }
    }
    host.fault.watch { [ports = host.ports] call in
      if call.hasPrefix("stop the containers") { ports.set { $0.listeners = [:] } }
    }
    return host
  }

  private func write(_ text: String, to path: String, on host: TestHost) throws {
    try host.files.makeFolder(ScopePaths.folder(of: path), mode: 0o755, owner: nil)
    try host.files.write(text, to: path, mode: 0o644, owner: nil, anchor: nil)
  }

  private func adopt(
    _ host: TestHost, _ volumes: AdoptRequest.Volumes = .copy, settings: [String: String] = [:],
    leaving: [String] = []
  ) async throws -> InstanceReport {
    try await host.berth([Plugin()]).adopt(
      AdoptRequest(app: "ward", folder: "/srv/old", settings: settings, volumes: volumes, leaving: leaving)
    ).result.get()
  }

  @Test(
    "a folder in the project's own, behind a link, is taken as a volume is", arguments: AdoptRequest.Volumes.allCases)
  func folder(_ volumes: AdoptRequest.Volumes) async throws {
    let host = try host(rows: "/srv/old/data")
    try write("Ana", to: "/mnt/disk/rows/table", on: host)
    try host.files.makeLink("/srv/old/data", to: "/mnt/disk/rows")
    let plan = try await host.berth([Plugin()]).planAdoption(
      AdoptRequest(app: "ward", folder: "/srv/old", volumes: volumes))
    #expect(plan.changes[0].reasons.contains("/mnt/disk/rows \(volumes == .copy ? "is copied" : "goes on") as rows"))
    let record = try await adopt(host, volumes).record
    #expect(try host.files.read("\(Self.data)/rows/table") == "Ana")
    #expect(host.files.exists("/mnt/disk/rows/table") == (volumes == .copy))
    #expect(try await host.berth([Plugin()]).goBack(record) == "old")
    #expect(try host.files.read("/srv/old/data/table") == "Ana")
  }

  @Test(
    "what lies in a volume of the plugin's is put there, and what it hides is not",
    arguments: AdoptRequest.Volumes.allCases)
  func nested(_ volumes: AdoptRequest.Volumes) async throws {
    let host = try host(.init(target: "/media/new", path: "/srv/old/new", volume: nil))
    let media = "/var/lib/docker/volumes/old_media/_data"
    try host.files.makeFolder("\(media)/new", mode: 0o755, owner: nil)
    if volumes == .copy { try write("hidden", to: "\(media)/new/never", on: host) }
    try write("CT", to: "/srv/old/new/scan", on: host)
    let record = try await adopt(host, volumes).record
    #expect(try host.files.read("\(Self.data)/media/new/scan") == "CT")
    #expect(try host.files.read("\(Self.data)/media/x-ray") == "bones")
    #expect(!host.files.exists("\(Self.data)/media/new/never"))
    _ = try await host.berth([Plugin()]).goBack(record)
    #expect(try host.files.read("/srv/old/new/scan") == "CT" && host.files.exists("\(media)/x-ray"))
  }

  @Test("a folder that a setting stands for stays where it is, and the setting leads to it")
  func setting() async throws {
    let host = try host(.init(target: "/archive", path: "/srv/archive", volume: nil))
    try write("old", to: "/srv/archive/1999", on: host)
    let first = try await host.berth([Plugin()]).planAdoption(AdoptRequest(app: "ward", folder: "/srv/old"))
    let user = try #require(first.instance.user)
    #expect(
      first.changes[0].reasons.contains(
        "'/srv/archive' was written as 1001:1001, and is as \(user), who has to be let in there"),
      "\(first.changes[0].reasons)")
    let record = try await adopt(host).record
    let settings = try host.registry.settings(of: record.uid)
    #expect(settings.first { $0.key == "archive" }?.value == "/srv/archive")
    #expect(try host.files.read("/srv/archive/1999") == "old")
    // What a person says stands before it, and the plan says what that means.
    let other = try self.host(.init(target: "/archive", path: "/srv/archive", volume: nil))
    try write("old", to: "/srv/archive/1999", on: other)
    try other.files.makeFolder("/srv/new", mode: 0o755, owner: nil)
    let plan = try await other.berth([Plugin()]).planAdoption(
      AdoptRequest(app: "ward", folder: "/srv/old", settings: ["archive": "/srv/new"]))
    #expect(
      plan.changes[0].reasons.contains(
        "'/srv/archive' at /archive of 'web' stays behind: another place was given"), "\(plan.changes[0].reasons)")
  }

  @Test("data that the plugin keeps nowhere is left behind only when a person says so")
  func leaves() async throws {
    let host = try host(.init(target: "/conf", path: "/srv/old/conf", volume: nil, readOnly: true))
    try write("1", to: "/srv/old/conf/a", on: host)
    try write("css", to: "/var/lib/docker/volumes/old_static/_data/page", on: host)
    let before = try Snapshot(host)
    let error = await refusal { try await adopt(host) }
    #expect(error?.code == "data-left-behind" && error?.kind == .conflict)
    #expect(error?.summary.contains("'old_static'") == true && error?.remedy?.text == "add --leave /static")
    let mistyped = await refusal { try await adopt(host, leaving: ["/static", "/statik"]) }
    #expect(mistyped?.code == "nothing-left" && mistyped?.summary.contains("'/static'") == true)
    #expect(host.projects.now.running.count == 2)
    #expect(try Snapshot(host).changes(since: before) == [])
    let plan = try await host.berth([Plugin()]).planAdoption(
      AdoptRequest(app: "ward", folder: "/srv/old", leaving: ["/static/"]))
    let reasons = plan.changes[0].reasons
    #expect(reasons.contains { $0.hasPrefix("'old_static' at /static of 'web' stays behind (") }, "\(reasons)")
    #expect(reasons.contains("'/srv/old/conf' at /conf of 'web' stays behind: it was only read"))
    #expect(try await adopt(host, leaving: ["/static/"]).status == .running)
  }

  @Test("a file cannot become a folder, and what others need cannot go on as the instance's")
  func cannot() async throws {
    func code(
      _ host: TestHost, _ volumes: AdoptRequest.Volumes = .keep
    ) async -> String? { await refusal { try await adopt(host, volumes) }?.code }
    let file = try host(rows: "/srv/old/rows.db")
    try write("Ana", to: "/srv/old/rows.db", on: file)
    #expect(await code(file, .copy) == "not-adoptable")
    let whole = try host(rows: "/srv/old")
    try write("services:", to: "/srv/old/compose.yaml", on: whole)
    #expect(await code(whole) == "cannot-keep")
    let shared = try host()
    shared.projects.set { $0.projects["/srv/old"]?.containers[1].mounts[0].sharers = ["gallery"] }
    #expect(await code(shared) == "cannot-keep")
    for host in [file, whole, shared] { #expect(host.projects.now.running.count == 2) }
    let plan = try await shared.berth([Plugin()]).planAdoption(AdoptRequest(app: "ward", folder: "/srv/old"))
    #expect(plan.changes[0].reasons.contains { $0.contains("gallery of others") })
  }

  @Test("a site that the web proxy refuses is found before anything is stopped, and stands beside the plan")
  func trial() async throws {
    let host = try host()
    try host.files.makeFolder("/etc/berth", mode: 0o755, owner: nil)
    try host.files.write("schema: 1\nproxy: nginx\n", to: "/etc/berth/host.yaml", mode: 0o644, owner: nil, anchor: nil)
    let before = try Snapshot(host)
    host.proxies.set {
      $0.problem = BerthError(
        "bad-site", .conflict, "nginx refuses it", cause: "/etc/nginx/sites-enabled/ward names it")
    }
    let plan = try await host.berth([Plugin()]).planAdoption(AdoptRequest(app: "ward", folder: "/srv/old"))
    #expect(plan.refused.map(\.error.code) == ["bad-site"] && plan.changes.count == 1)
    #expect(await refusal { try await adopt(host) }?.code == "bad-site")
    #expect(host.projects.now.running.count == 2)
    #expect(try Snapshot(host).changes(since: before) == [])
    #expect(host.proxies.now.checked.allSatisfy { $0.written.keys.contains { $0.contains("berth-ward_default") } })
    host.proxies.set { $0.problem = nil }
    #expect(try await adopt(host).status == .running)
    #expect(host.proxies.now.reloaded == [.nginx])
  }
}
