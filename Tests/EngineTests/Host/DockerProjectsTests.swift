import BerthKit
import Foundation
import Synchronization
import Testing

@testable import BerthHost

/// How Docker's answers are read and what it is told; whether it does it is tried on a host that has it.
@Suite("Projects that people run with Docker Compose")
struct DockerProjectsTests {
  /// Answers by the first words of a command. A fake, since Docker needs a host of its own.
  private final class Docker: ProcessRunner {
    private let said = Mutex<[[String]]>([])
    private let containers: [String: String]

    /// Containers outside of any project, as JSON by id.
    private let others: [String: String]

    init(_ containers: [String: String], others: [String: String] = [:]) {
      self.containers = containers
      self.others = others
    }

    var orders: [[String]] {
      said.withLock { $0 }.filter { ["update", "stop", "start", "pause"].contains($0[0]) }
    }

    func run(_ command: Command) async throws -> CommandResult {
      said.withLock { $0.append(command.arguments) }
      let words = command.arguments
      let output =
        switch words[0] {
        case "compose": "2.26.1\n"
        case "version": "26.1.5\n"
        case "ps" where !words.contains("--all"): ""
        case "ps" where words.contains("--filter"): containers.keys.sorted().joined(separator: "\n") + "\n"
        case "ps": (Array(containers.keys) + others.keys).sorted().joined(separator: "\n") + "\n"
        case "network": "old_net\n"
        case "container": words.dropFirst(4).compactMap { containers[$0] ?? others[$0] }.joined(separator: "\n")
        case "image":
          #"{"Id":"sha256:1","Config":{"Env":["KEY=a=b","PATH=/bin"],"Cmd":["postgres"],"Entrypoint":["/run"],"WorkingDir":"/"}}"#
            + "\n"
        case "logs": "it ended\n"
        default: ""
        }
      return CommandResult(status: 0, output: output, errorOutput: "")
    }

    func pieces(_ command: Command, each: @Sendable @escaping ([UInt8]) async throws -> Void) async throws -> Int32 {
      0
    }
  }

  private static func container(
    _ id: String, _ name: String, service: String, needs: String = "", project: String = "old", isSingle: Bool = false,
    status: String = #"{"Status":"running"}"#
  ) -> String {
    """
    {"Id":"\(id)","Name":"/\(name)","State":\(status),"Image":"sha256:1","HostConfig":{"RestartPolicy":\
    {"Name":"on-failure","MaximumRetryCount":3},"Memory":1048576000,"NanoCpus":1500000000,"Devices":[{"PathOnHost":"/dev/dri"}],\
    "CapAdd":["NET_ADMIN"],"ExtraHosts":["a:10.0.0.1"],"Privileged":true,"ShmSize":67108864,"Dns":[],"Ulimits":null,\
    "NetworkMode":"old_default","PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}},"Mounts":[{"Type":"volume","Name":"old_rows","Source":\
    "/var/lib/docker/volumes/old_rows/_data","Destination":"/rows","Driver":"local","Mode":"rw","RW":true},\
    {"Type":"bind","Source":"/srv/old/conf","Destination":"/conf","RW":false},{"Type":"tmpfs","Source":"","Destination":"/tmp"}],\
    "Config":{"Image":"postgres:15-alpine","User":"1001:1002","Env":["KEY=a=b","EMPTY=","BROKEN"],"Cmd":["postgres","-c","x=1"],"Entrypoint":["/run"],\
    "Hostname":"\(id)","WorkingDir":"/","Healthcheck":{"Test":["CMD","true"]},"StopSignal":"SIGINT","Labels":{\
    "com.docker.compose.project":"\(project)","com.docker.compose.service":"\(service)",\
    "com.docker.compose.depends_on":"\(needs)","com.docker.compose.oneoff":"\(isSingle ? "True" : "False")","traefik.enable":"true"}},"NetworkSettings":{"Networks":{"old_net":{"Aliases":["\(service)","\(name)","sql"],\
    "IPAMConfig":{"IPv4Address":"10.0.0.9"}},"old_default":{"Aliases":null,"IPAMConfig":null},"proxy":{"Aliases":["x"]}},"Ports":\
    {"5432/tcp":[{"HostIp":"127.0.0.1","HostPort":"5432"}],"53/udp":[{"HostIp":"::","HostPort":"53"}],"9/tcp":null}}}
    """
  }

  private let host: TestHost

  init() throws {
    host = try TestHost(.system)
    try host.install(program: "/usr/bin/docker")
  }

  private func projects(_ docker: Docker) -> DockerProjects { DockerProjects(runner: docker, files: host.files) }

  @Test("a container is read: image, user, variables, volumes and ports")
  func reads() async throws {
    let docker = Docker(
      ["1": Self.container("1", "old_store", service: "store")],
      others: [
        "9":
          #"{"Id":"9","Name":"/gallery","Mounts":[{"Type":"volume","Name":"old_rows","Source":"/x","Destination":"/y"}]}"#,
        "8": #"{"Id":"8","Name":"/logs","Mounts":[{"Type":"bind","Source":"/srv/old/conf/a,b","Destination":"/y"}]}"#,
        "7": #"{"Id":"7","Name":"/watch","Mounts":[{"Type":"bind","Source":"/srv","Destination":"/y"}]}"#,
        "6": #"{"Id":"6","Name":"/none","Mounts":null}"#,
      ])
    let project = try await projects(docker).project(in: "/srv/old")
    #expect(
      project
        == ForeignProject(
          name: "old",
          containers: [
            ForeignContainer(
              handle: ContainerHandle(id: "1", name: "old_store", restart: "on-failure:3"), service: "store",
              image: "docker.io/library/postgres:15-alpine", user: FileNumbers(user: 1001, group: 1002),
              environment: ["KEY": "a=b", "EMPTY": ""], imageEnvironment: ["KEY": "a=b", "PATH": "/bin"],
              mounts: [
                .init(
                  target: "/rows", path: "/var/lib/docker/volumes/old_rows/_data", volume: "old_rows",
                  sharers: ["gallery"]),
                .init(target: "/conf", path: "/srv/old/conf", volume: nil, readOnly: true, sharers: ["logs"]),
              ],
              ports: [
                .init(published: PortNumber(.udp, 53), address: "::", target: 53),
                .init(published: PortNumber(.tcp, 5432), address: "127.0.0.1", target: 5432),
              ], networks: ["proxy"],
              facts: [
                .user: "1001:1002", .command: "postgres -c x=1", .entrypoint: "/run", .workingFolder: "/",
                .healthcheck: "CMD true", .networks: "default\nnet",
                .aliases: "sql", .address: "10.0.0.9", .hosts: "a:10.0.0.1", .sharedMemory: "67108864",
                .memory: "1048576000", .processors: "1.5", .devices: "/dev/dri", .capabilities: "NET_ADMIN",
                .privileged: "true", .stopSignal: "SIGINT",
              ], imageFacts: [.command: "postgres", .entrypoint: "/run", .workingFolder: "/"],
              labels: ["traefik.enable"])
          ]))
  }

  @Test("those that wait for others start after them and stop before, and Docker starts none by itself meanwhile")
  func order() async throws {
    let docker = Docker([
      "1": Self.container(
        "1", "a_web", service: "web", needs: "store:service_healthy:false,cache:service_started:false"),
      "2": Self.container("2", "b_store", service: "store"),
      "3": Self.container("3", "c_cache", service: "cache", needs: "store:service_started:true"),
      "4": Self.container("4", "d_once", service: "web", isSingle: true),
    ])
    let found = try await projects(docker).project(in: "/srv/old").containers
    #expect(found.map(\.handle.name).filter { $0 != "d_once" } == ["b_store", "c_cache", "a_web"])
    #expect(found.filter(\.isSingleCommand).map(\.handle.name) == ["d_once"])
    let three = found.map(\.handle).filter { $0.name != "d_once" }
    try await projects(docker).stop(three)
    let unwell = try await projects(docker).start(
      three + [ContainerHandle(id: "gone", name: "gone", restart: "no")])
    #expect(unwell == [])
    #expect(
      docker.orders
        == ["1", "3", "2"].flatMap { [["update", "--restart=no", $0], ["stop", $0]] }
        + ["2", "3", "1"].flatMap { [["update", "--restart=on-failure:3", $0], ["start", $0]] })
  }

  @Test(
    "one that does not run is read with the ports that it would open",
    arguments: [
      (#"{"Status":"exited","ExitCode":137}"#, .ended(137), [8080]), (#"{"Status":"created"}"#, .created, [8080]),
      (#"{"Status":"paused"}"#, .paused, [53, 5432]), (#"{"Status":"restarting"}"#, .unwell, [53, 5432]),
      (#"{"Status":"running","Health":{"Status":"unhealthy"}}"#, .unwell, [53, 5432]),
      (#"{"Status":"dead"}"#, .dead, [8080]),
    ] as [(String, ForeignContainer.State, [Int])])
  func states(_ status: String, _ state: ForeignContainer.State, _ ports: [Int]) async throws {
    let docker = Docker(["1": Self.container("1", "old_store", service: "store", status: status)])
    let found = try await projects(docker).project(in: "/srv/old").containers
    #expect(found.map(\.state) == [state])
    #expect(found.flatMap(\.ports).map(\.published.number) == ports)
  }

  @Test(
    "a name that Docker makes, or that is that of the network's owner, is not the project's",
    arguments: [
      ("old_default", "page", "page"), ("old_default", "1", nil), ("host", "page", nil), ("container:9", "page", nil),
    ]
      as [(String, String, String?)])
  func names(_ network: String, _ name: String, _ told: String?) async throws {
    let text = Self.container("1", "old_store", service: "store")
      .replacing("\"NetworkMode\":\"old_default\"", with: "\"NetworkMode\":\"\(network)\"")
      .replacing("\"Hostname\":\"1\"", with: "\"Hostname\":\"\(name)\"")
    let found = try await projects(Docker(["1": text])).project(in: "/srv/old").containers
    #expect(found.map { $0.facts[.hostname] } == [told])
  }

  @Test("what is left of a project by another name is nothing of the one that runs")
  func leftovers() async throws {
    let docker = Docker([
      "1": Self.container("1", "a", service: "a"),
      "2": Self.container("2", "b", service: "b", project: "before", status: #"{"Status":"exited","ExitCode":0}"#),
    ])
    let project = try await projects(docker).project(in: "/x")
    #expect(project.name == "old" && project.containers.map(\.service) == ["a"])
  }

  @Test("each comes back as it was: started, paused, or stopped with its own time to start")
  func comebacks() async throws {
    let docker = Docker(["1": Self.container("1", "a", service: "a"), "2": Self.container("2", "b", service: "b")])
    let handles = [
      ContainerHandle(id: "1", name: "a", restart: "always", comeback: .stopped),
      ContainerHandle(id: "2", name: "b", restart: "no", comeback: .paused),
    ]
    #expect(try await projects(docker).start(handles) == [])
    #expect(
      docker.orders == [
        ["update", "--restart=always", "1"], ["update", "--restart=no", "2"], ["start", "2"], ["pause", "2"],
      ])
    // One that was not well before is waited for by nobody.
    let sick = Docker([
      "1": Self.container("1", "a", service: "a", status: #"{"Status":"running","Health":{"Status":"unhealthy"}}"#)
    ])
    #expect(
      try await projects(sick).start([ContainerHandle(id: "1", name: "a", restart: "no", comeback: .unwatched)]) == [])
  }

  @Test("a circle of those that wait for each other is started all the same")
  func circle() async throws {
    let docker = Docker([
      "1": Self.container("1", "a", service: "a", needs: "b:service_started:true"),
      "2": Self.container("2", "b", service: "b", needs: "a:service_started:true"),
    ])
    #expect(try await projects(docker).project(in: "/x").containers.map(\.service) == ["a", "b"])
  }

  @Test(
    "one that ends or gets sick is an error with its last words",
    arguments: [#"{"Status":"exited"}"#, #"{"Status":"running","Health":{"Status":"unhealthy"}}"#])
  func sick(_ status: String) async throws {
    let docker = Docker(["1": Self.container("1", "old_store", service: "store", status: status)])
    let handle = ContainerHandle(id: "1", name: "old_store", restart: "no")
    let error = await #expect(throws: BerthError.self) { try await projects(docker).start([handle]) }
    #expect(error?.code == "container-failed" && error?.cause == "it ended\n")
    // One from which nothing was taken is named, and does not keep the others from starting.
    let admin = ContainerHandle(id: "1", name: "old_admin", restart: "no", isAuxiliary: true)
    #expect(try await projects(docker).start([admin]) == ["old_admin"])
  }

  @Test("no project, two of them, and an answer that nobody can read are errors")
  func refuses() async throws {
    func code(_ containers: [String: String]) async -> String? {
      await #expect(throws: BerthError.self) { try await projects(Docker(containers)).project(in: "/x") }?.code
    }
    #expect(await code([:]) == "no-project")
    #expect(
      await code([
        "1": Self.container("1", "a", service: "a"), "2": Self.container("2", "b", service: "b", project: "new"),
      ]) == "several-projects")
    #expect(await code(["1": "{}"]) == "engine-unreadable")
  }

  @Test(
    "the name of an image is completed as Docker does it",
    arguments: [
      ("postgres", "docker.io/library/postgres:latest"), ("postgres:15-alpine", "docker.io/library/postgres:15-alpine"),
      ("me/app:1", "docker.io/me/app:1"), ("ghcr.io/me/app", "ghcr.io/me/app:latest"),
      ("localhost:5000/app", "localhost:5000/app:latest"), ("sha256:0123", nil), ("UPPER", nil),
    ])
  func images(_ text: String, _ complete: String?) { #expect(DockerEngine.image(named: text) == complete) }

  @Test(
    "data of a volume lies where Docker mounts it from, which is empty once its containers have stopped",
    arguments: [
      (#""Driver":"local","Options":null"#, nil),
      (#""Driver":"local","Options":{"size":"1g"}"#, nil),
      (#""Driver":"local","Options":{"type":"none","o":"bind","device":"/srv/films"}"#, "/srv/films"),
      (#""Driver":"local","Options":{"o":"ro,rbind","device":"/srv/films"}"#, "/srv/films"),
      (#""Driver":"local","Options":{"type":"nfs","o":"addr=10.0.0.1","device":":/films"}"#, "nfs::/films"),
      (#""Driver":"rclone","Options":{}"#, "rclone:v"),
    ] as [(String, String?)])
  func places(_ volume: String, _ place: String?) throws {
    #expect(try JSONDecoder().decode(DockerVolume.self, from: Data("{\"Name\":\"v\",\(volume)}".utf8)).place == place)
  }
}
