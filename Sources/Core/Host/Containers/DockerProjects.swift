import BerthKit
import Foundation

/// Projects of Docker Compose on this host, known by the labels that Compose gives to containers.
public struct DockerProjects: ForeignProjects {
  private static let program = Container.Engine.docker.kind.program
  /// Seconds that a container has to become healthy. A database may need them.
  private static let patience = 180

  private let runner: any ProcessRunner
  private let files: any FileTree
  private let engine: DockerEngine

  public init(runner: any ProcessRunner, files: any FileTree) {
    self.runner = runner
    self.files = files
    engine = DockerEngine(runner: runner, files: files)
  }

  public func project(in folder: String) async throws -> ForeignProject {
    try await engine.require()
    // What was started in another folder is another project, though Compose gives both the name of their folders.
    let there: [DockerContainer] = try await inspect(labelled(DockerContainer.folderLabel, folder))
    // What is left of a project by another name is nothing of one that runs.
    let running = Set(there.filter(\.foreignState.isAlive).map(\.project)).sorted()
    let names = running.isEmpty ? Set(there.map(\.project)).sorted() : running
    guard let name = names.first else { throw BerthError.noProject(folder) }
    guard names.count == 1 else { throw BerthError.severalProjects(names, folder) }
    let containers = there.filter { $0.project == name }
    let images = try await images(Set(containers.map(\.image)).sorted())
    let surroundings = try await surroundings(of: name, containers)
    var found: [ForeignContainer] = []
    for container in DockerContainer.ordered(containers) {
      // An image that is gone cannot say it.
      let user = container.hasNamedUser ? try? await engine.user(of: container.image, as: container.user) : nil
      found.append(container.container(of: images[container.image], user: user, in: surroundings))
    }
    return ForeignProject(name: name, containers: found)
  }

  /// The ids of all containers with a label, whether they run or not.
  private func labelled(_ label: String, _ value: String) async throws -> [String] {
    lines(try await docker("ps", "--all", "--quiet", "--no-trunc", "--filter", "label=\(label)=\(value)"))
  }

  private func surroundings(of project: String, _ own: [DockerContainer]) async throws -> DockerSurroundings {
    let networks = try await docker(
      "network", "ls", "--filter", "label=\(DockerContainer.projectLabel)=\(project)", "--format", "{{.Name}}")
    let known = Set(own.map(\.id))
    let ids = lines(try await docker("ps", "--all", "--quiet", "--no-trunc")).filter { !known.contains($0) }
    let others: [DockerSurroundings.Other] = try await inspect(ids, DockerSurroundings.Other.format)
    let mounts = own.flatMap(\.mounts) + others.flatMap { $0.Mounts ?? [] }
    return DockerSurroundings(
      of: project, networks: lines(networks), others: others,
      places: try await places(Set(mounts.compactMap(\.volume))),
      real: { [files] in $0.hasPrefix("/") ? files.realPath($0) : $0 })
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
      // It has the time that its project gives it, and else Docker's own.
      _ = try await docker("stop", container.id)
    }
  }

  public func start(_ containers: [ContainerHandle]) async throws -> [String] {
    var unwell: [String] = []
    for container in try await present(containers) {
      do {
        _ = try await docker("update", "--restart=\(container.restart)", container.id)
        guard container.comeback != .stopped else { continue }
        _ = try await docker("start", container.id)
        guard container.comeback != .unwatched else { continue }
        try await waitUntilHealthy(container)
        if container.comeback == .paused { _ = try await docker("pause", container.id) }
      } catch let error as BerthError where container.isAuxiliary && error.kind == .failure {
        unwell.append(container.name)
      }
    }
    return unwell
  }

  private func waitUntilHealthy(_ container: ContainerHandle) async throws {
    let end = ContinuousClock.now + .seconds(Self.patience)
    while true {
      let states: [DockerContainer] = try await inspect([container.id])
      guard let now = states.first else { return }
      if now.isWell { return }
      guard now.isOnItsWay, ContinuousClock.now < end else {
        let log = try await runner.run(Command(Self.program, ["logs", "--tail", "5", container.id]))
        throw BerthError.containerFailed(container.name, log.output + log.errorOutput)
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  private func inspect<Row: Decodable>(_ ids: [String], _ format: String = "{{json .}}") async throws -> [Row] {
    guard !ids.isEmpty else { return [] }
    // One line for each; a container that has gone meanwhile only makes the status another one.
    let result = try await runner.run(Command(Self.program, ["container", "inspect", "--format", format] + ids))
    return try lines(result.output).map { line in
      do { return try JSONDecoder().decode(Row.self, from: Data(line.utf8)) } catch {
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
