import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthHost
@testable import BerthPlanning

@Suite("What engines say of containers")
struct EngineAnswerTests {
  private static let image = ContainerImage(id: String(repeating: "1", count: 64), names: [CratePlugin.image])

  private func host() throws -> TestHost {
    let host = try TestHost(.system)
    host.containers.set { $0.images = [Self.image] }
    return host
  }

  private func berth(_ host: TestHost) -> Berth { host.berth([CratePlugin(version: "1"), WardPlugin()]) }

  private func container(
    _ condition: EngineContainer.Condition, named name: String = "crate_kids",
    owner: String? = "crate@default.service"
  ) -> EngineContainer {
    EngineContainer(name: name, condition: condition, owner: owner)
  }

  // MARK: How they are

  @Test(
    "a container that is unhealthy or paused is not running, and list, status and doctor say what helps",
    arguments: [
      (
        EngineContainer.Condition.unhealthy, Status.failed, "unhealthy", "berth restart crate --instance default",
        "the container crate_kids is unhealthy: its health check fails"
      ), (.paused, .blocked, "paused", "podman unpause crate_kids", "the container crate_kids is paused"),
    ])
  func unwell(
    _ condition: EngineContainer.Condition, _ status: Status, _ code: String, _ remedy: String, _ problem: String
  ) async throws {
    let host = try host()
    _ = try await berth(host).install([
      InstallRequest(app: "crate", id: "default", name: "Kids"), InstallRequest(app: "crate", name: "Adults"),
    ])
    host.containers.set {
      $0.containers = [container(condition), container(.unhealthy, named: "other", owner: nil)]
      $0.questions = 0
    }
    let list = try await berth(host).list()
    #expect(list.map(\.status) == [.running, status] || list.map(\.status) == [status, .running])
    // One question, however many instances there are.
    #expect(host.containers.now.questions == 1)
    let kids = try #require(list.first { $0.record.name.text == "Kids" })
    #expect(kids.services.map(\.status) == [status])
    #expect(kids.problem == problem && kids.remedy?.text == remedy)
    let one = try await berth(host).status(of: kids.record.key)
    #expect(one.status == status && one.problem == problem)
    let found = try await berth(host).doctor()
    #expect(found.map(\.code) == [code] && found.map(\.problem) == [problem] && found.map(\.remedy.text) == [remedy])
    host.containers.set { $0.containers = [container(.well)] }
    #expect(try await berth(host).list().allSatisfy { $0.status == .running && $0.remedy == nil })
    #expect(try await berth(host).doctor() == [])
  }

  @Test("an engine is not asked where nothing of its runs, and one that is silent makes nobody fail")
  func asked() async throws {
    let host = try host()
    let report = try await berth(host).install(InstallRequest(app: "crate", name: "Kids"))
    _ = try await berth(host).control(.stop, [report.record])
    host.containers.set { $0.questions = 0 }
    #expect(try await berth(host).list().map(\.status) == [.stopped])
    #expect(host.containers.now.questions == 0 && host.docker.now.questions == 0)
  }

  @Test("an image that was pruned is found before the next start fails")
  func pruned() async throws {
    let host = try host()
    _ = try await berth(host).install(InstallRequest(app: "crate", name: "Kids"))
    #expect(try await berth(host).doctor() == [])
    host.containers.set { $0.images = [] }
    let found = try await berth(host).doctor().filter { $0.code == "image-gone" }
    #expect(found.map(\.subject) == ["crate/Kids"])
    #expect(found.first?.problem.contains(CratePlugin.image) == true)
    #expect(found.first?.remedy.text == "berth update crate --instance default")
  }

  @Test("the doctor says once that Podman's instances are cut off, with the lines that mend it")
  func cutOff() async throws {
    let host = try host()
    let lines = [Command("iptables", ["-I", "DOCKER-USER", "-i", "podman+", "-j", "ACCEPT"])]
    host.ports.set { $0.missingForwards = lines }
    #expect(try await berth(host).doctor() == [])
    for name in ["Kids", "Adults"] { _ = try await berth(host).install(InstallRequest(app: "crate", name: name)) }
    let found = try await berth(host).doctor()
    #expect(found.map(\.code) == ["cut-off"] && found[0].subject == "podman")
    #expect(found.first?.remedy.text.hasPrefix(lines[0].line) == true)
    host.ports.set { $0.missingForwards = [] }
    #expect(try await berth(host).doctor() == [])
  }

  // MARK: Whose they are

  @Test(
    "a container of somebody else's that has the name is a conflict before anything is done", arguments: [true, false])
  func foreign(_ isRunning: Bool) async throws {
    let host = try host()
    let theirs = container(isRunning ? .well : .ended, owner: nil)
    host.containers.set { $0.containers = [theirs] }
    let before = try Snapshot(host)
    let error = await refusal { try await berth(host).install(InstallRequest(app: "crate", name: "Kids")) }
    #expect(error?.code == "container-taken" && error?.kind == .conflict)
    #expect(error?.summary.contains("'crate_kids'") == true)
    #expect(error?.remedy == "podman rename crate_kids crate_kids-other")
    #expect(try Snapshot(host).changes(since: before) == [])
    // Another name is free.
    #expect(try await berth(host).install(InstallRequest(app: "crate", name: "Adults")).status == .running)
  }

  @Test("one that came while the instance was stopped is not killed by its start")
  func cameMeanwhile() async throws {
    let host = try host()
    let record = try await berth(host).install(InstallRequest(app: "crate", name: "Kids")).record
    host.containers.set { $0.containers = [container(.well)] }
    // What is its own is in nobody's way.
    #expect(try await berth(host).control(.restart, [record])[0].result.get().status == .running)
    _ = try await berth(host).control(.stop, [record])
    host.containers.set { $0.containers = [container(.well, owner: nil)] }
    host.manager.set { $0.calls = [] }
    guard case .failure(let error) = try await berth(host).control(.start, [record])[0].result else {
      Issue.record("it was started")
      return
    }
    #expect(error.code == "container-taken" && error.kind == .conflict)
    #expect(!host.manager.known.calls.contains { $0.hasPrefix("start") })
    #expect(try await berth(host).doctor().contains { $0.code == "container-taken" })
  }

  @Test("Docker's belong to the instance whose folder their project has")
  func projects() async throws {
    let host = try host()
    host.docker.set { $0.images = WardPlugin.images }
    let request = InstallRequest(
      app: "ward", name: "North", settings: ["domain": "ward.example", "image": "registry.example/ward:2"])
    host.docker.set { $0.containers = [container(.ended, named: "ward_north_web", owner: "/srv/theirs")] }
    let error = await refusal { try await berth(host).install(request) }
    #expect(error?.code == "container-taken" && error?.remedy == "docker rename ward_north_web ward_north_web-other")
    host.docker.set { $0.containers = [] }
    let record = try await berth(host).install(request).record
    let folder = host.paths.instance(record.key)
    host.docker.set { $0.containers = [container(.paused, named: "ward_north_web", owner: folder)] }
    let report = try await berth(host).status(of: record.key)
    #expect(report.status == .blocked && report.remedy == "docker unpause ward_north_web")
  }

  // MARK: Their words

  @Test("Podman's list is read: states, health in brackets, and the unit of the label")
  func podman() throws {
    let json = """
      [{"Id": "a", "Names": ["web_kids"], "State": "running", "Status": "Up 3 minutes (healthy)",
        "Labels": {"PODMAN_SYSTEMD_UNIT": "web@default.service"}},
       {"Id": "b", "Names": ["sick"], "State": "running", "Status": "Up 3 minutes (unhealthy)", "Labels": null},
       {"Id": "c", "Names": ["still"], "State": "paused", "Status": "Paused"},
       {"Id": "d", "Names": ["done"], "State": "exited", "Status": "Exited (0) 2 minutes ago", "Labels": {}}]
      """
    #expect(
      try PodmanEngine.containers(json) == [
        container(.well, named: "web_kids", owner: "web@default.service"),
        container(.unhealthy, named: "sick", owner: nil),
        container(.paused, named: "still", owner: nil), container(.ended, named: "done", owner: nil),
      ])
    #expect(try PodmanEngine.containers("[]") == [])
    #expect(throws: BerthError.self) { try PodmanEngine.containers("no") }
  }

  @Test("Docker's list is read, a line for each")
  func docker() throws {
    let folder = "com.docker.compose.project.working_dir=/var/lib/berth/instances/ward/default"
    let lines = """
      {"Names":"ward_north_web","State":"running","Status":"Up 5 minutes (unhealthy)","Labels":"a=b,\(folder),c=d"}
      {"Names":"still","State":"paused","Status":"Up 5 minutes (Paused)","Labels":""}

      """
    #expect(
      try DockerEngine.containers(lines) == [
        container(.unhealthy, named: "ward_north_web", owner: "/var/lib/berth/instances/ward/default"),
        container(.paused, named: "still", owner: nil),
      ])
    #expect(throws: BerthError.self) { try DockerEngine.containers("no\n") }
  }
}
