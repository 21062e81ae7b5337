import BerthKit
import Foundation

/// Projects of Docker Compose on this host, known by the labels that Compose gives to containers.
public struct DockerProjects: ForeignProjects {
  private static let program = Container.Engine.docker.kind.program
  /// Seconds that a container has to end, and to become healthy. A database may need them.
  private static let (grace, patience) = (120, 180)

  private let runner: any ProcessRunner
  private let engine: DockerEngine

  public init(runner: any ProcessRunner, files: any FileTree) {
    self.runner = runner
    engine = DockerEngine(runner: runner, files: files)
  }

  public func project(in folder: String) async throws -> ForeignProject {
    try await engine.require()
    let ids = try await docker(
      "ps", "--quiet", "--no-trunc", "--filter", "label=\(DockerContainer.folderLabel)=\(folder)")
    let containers = try await inspect(lines(ids)).filter { !$0.isSingleCommand }
    let names = Set(containers.map(\.project)).sorted()
    guard let name = names.first else { throw BerthError.noProject(folder) }
    guard names.count == 1 else { throw BerthError.severalProjects(names, folder) }
    let images = try await images(Set(containers.map(\.image)).sorted())
    let surroundings = try await surroundings(
      of: name, Set(containers.map(\.id)),
      volumes: Set(containers.flatMap(\.mounts).filter { $0.Type == "volume" }.compactMap(\.Name)))
    var found: [ForeignContainer] = []
    for container in DockerContainer.ordered(containers) {
      // An image that is gone cannot say it.
      let user = container.hasNamedUser ? try? await engine.user(of: container.image, as: container.user) : nil
      found.append(container.container(of: images[container.image], user: user, in: surroundings))
    }
    return ForeignProject(name: name, containers: found)
  }

  private func surroundings(
    of project: String, _ own: Set<String>, volumes: Set<String>
  ) async throws -> DockerSurroundings {
    let networks = try await docker(
      "network", "ls", "--filter", "label=com.docker.compose.project=\(project)", "--format", "{{.Name}}")
    let rows = try lines(try await docker("ps", "--no-trunc", "--format", "{{json .}}")).map { line in
      do { return try JSONDecoder().decode(DockerSurroundings.Row.self, from: Data(line.utf8)) } catch {
        throw BerthError.engineUnreadable("docker ps --format json", "\(error)")
      }
    }
    return DockerSurroundings(
      of: project, networks: lines(networks), containers: rows, own: own, places: try await places(volumes))
  }

  /// Where the data of volumes lies that Docker does not keep in a plain folder of its own.
  private func places(_ volumes: Set<String>) async throws -> [String: String] {
    guard !volumes.isEmpty else { return [:] }
    let output = try await runner.run(
      Command(Self.program, ["volume", "inspect", "--format", "{{json .}}"] + volumes.sorted())
    ).output
    return try lines(output).reduce(into: [:]) { places, line in
      do {
        let volume = try JSONDecoder().decode(DockerVolume.self, from: Data(line.utf8))
        places[volume.Name] = volume.place
      } catch { throw BerthError.engineUnreadable("docker volume inspect", "\(error)") }
    }
  }

  public func present(_ containers: [ContainerHandle]) async throws -> [ContainerHandle] {
    let known = Set(lines(try await docker("ps", "--all", "--quiet", "--no-trunc")))
    return containers.filter { known.contains($0.id) }
  }

  public func stop(_ containers: [ContainerHandle]) async throws {
    for container in try await present(containers).reversed() {
      _ = try await docker("update", "--restart=no", container.id)
      _ = try await docker("stop", "--time", "\(Self.grace)", container.id)
    }
  }

  public func start(_ containers: [ContainerHandle]) async throws -> [String] {
    var unwell: [String] = []
    for container in try await present(containers) {
      do {
        _ = try await docker("update", "--restart=\(container.restart)", container.id)
        _ = try await docker("start", container.id)
        try await waitUntilHealthy(container)
      } catch let error as BerthError where container.isAuxiliary && error.kind == .failure {
        unwell.append(container.name)
      }
    }
    return unwell
  }

  private func waitUntilHealthy(_ container: ContainerHandle) async throws {
    let end = ContinuousClock.now + .seconds(Self.patience)
    while true {
      guard let now = try await inspect([container.id]).first else { return }
      if now.isWell { return }
      guard now.isOnItsWay, ContinuousClock.now < end else {
        let log = try await runner.run(Command(Self.program, ["logs", "--tail", "5", container.id]))
        throw BerthError.containerFailed(container.name, log.output + log.errorOutput)
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  private func inspect(_ ids: [String]) async throws -> [DockerContainer] {
    guard !ids.isEmpty else { return [] }
    // One line for each; a container that has gone meanwhile only makes the status another one.
    let result = try await runner.run(
      Command(Self.program, ["container", "inspect", "--format", "{{json .}}"] + ids))
    return try lines(result.output).map { line in
      do { return try JSONDecoder().decode(DockerContainer.self, from: Data(line.utf8)) } catch {
        throw BerthError.engineUnreadable("docker container inspect", "\(error)")
      }
    }
  }

  /// By id; one that is gone is left out.
  private func images(_ ids: [String]) async throws -> [String: DockerImage] {
    guard !ids.isEmpty else { return [:] }
    let result = try await runner.run(Command(Self.program, ["image", "inspect", "--format", "{{json .}}"] + ids))
    let found = lines(result.output).compactMap { try? JSONDecoder().decode(DockerImage.self, from: Data($0.utf8)) }
    return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private func docker(_ words: String...) async throws -> String {
    try await runner.succeed(Command(Self.program, words))
  }

  private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}

/// Where there are none: in every scope but the host's own.
public struct NoForeignProjects: ForeignProjects {
  public init() {}

  public func project(in folder: String) async throws -> ForeignProject { throw BerthError.dockerNeedsSystem() }
  public func present(_ containers: [ContainerHandle]) async throws -> [ContainerHandle] { [] }
  public func stop(_ containers: [ContainerHandle]) async throws {}
  public func start(_ containers: [ContainerHandle]) async throws -> [String] { [] }
}
