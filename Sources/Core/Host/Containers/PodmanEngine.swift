import BerthKit
import Foundation

/// The Podman of the host or of one person, with its generator for systemd (podman-systemd.unit(5)).
public struct PodmanEngine: ContainerEngine {
  private static let program = Container.Engine.podman.kind.program

  private let runner: any ProcessRunner
  private let files: any FileTree
  private let paths: ScopePaths
  private let environment: [String: String]

  /// - Parameters:
  ///   - paths: those of the system scope or of a person's.
  ///   - environment: what a person's Podman needs to find what it has, such as `XDG_RUNTIME_DIR`.
  public init(
    runner: any ProcessRunner, files: any FileTree, paths: ScopePaths = .system, environment: [String: String] = [:]
  ) {
    self.runner = runner
    self.files = files
    self.paths = paths
    self.environment = environment
  }

  private var isPersons: Bool { paths.scope == .user }

  private var generator: String {
    let kind = isPersons ? "user" : "system"
    return "/usr/lib/systemd/\(kind)-generators/podman-\(kind)-generator"
  }

  private func podman(_ words: String...) -> Command { Command(Self.program, words, environment: environment) }

  public func require() async throws {
    guard files.isExecutable(Self.program) else { throw BerthError.noPodman() }
    guard files.isExecutable(generator) else { throw BerthError.noQuadlet() }
    if isPersons { try RootlessNeeds(files: files).require() }
  }

  public func images() async throws -> [ContainerImage] {
    let output = try await runner.succeed(podman("image", "ls", "--all", "--format", "json"))
    do { return try JSONDecoder().decode([Row].self, from: Data(output.utf8)).map(\.image) } catch {
      throw BerthError.engineUnreadable("podman image ls --format json", "\(error)")
    }
  }

  /// As `podman image ls --format json` prints it; a key without a value may be missing.
  private struct Row: Decodable {
    let Id: String
    let Names: [String]?
    let RepoDigests: [String]?

    var image: ContainerImage { ContainerImage(id: Id, names: Names ?? [], digests: RepoDigests ?? []) }
  }

  public func containers() async throws -> [EngineContainer] {
    let output = try await runner.succeed(podman("ps", "--all", "--format", "json"))
    return try Self.containers(output)
  }

  /// As `podman ps --format json` prints them (podman-ps(1)).
  static func containers(_ output: String) throws -> [EngineContainer] {
    struct Row: Decodable {
      let Names: [String]?
      let State: String
      let Status: String?
      let Labels: [String: String]?
    }
    do {
      return try JSONDecoder().decode([Row].self, from: Data(output.utf8)).map { row in
        EngineContainer(
          names: row.Names ?? [], state: row.State, status: row.Status ?? "",
          owner: row.Labels?["PODMAN_SYSTEMD_UNIT"])
      }
    } catch { throw BerthError.engineUnreadable("podman ps --format json", "\(error)") }
  }

  /// None that could be in the way: an instance's volumes are folders of its own.
  public func volumes() async throws -> [String] { [] }

  public func subnets() async throws -> [Subnet] {
    guard files.isExecutable(Self.program) else { return [] }
    return try Self.subnets(try await runner.succeed(podman("network", "ls", "--format", "json")))
  }

  /// As `podman network ls --format json` prints them (podman-network-ls(1)).
  static func subnets(_ output: String) throws -> [Subnet] {
    struct Range: Decodable { let subnet: String }
    struct Row: Decodable { let subnets: [Range]? }
    do {
      return try JSONDecoder().decode([Row].self, from: Data(output.utf8)).flatMap { $0.subnets ?? [] }
        .compactMap { Subnet($0.subnet) }
    } catch { throw BerthError.engineUnreadable("podman network ls --format json", "\(error)") }
  }

  public func user(of image: String, as user: String?) async throws -> FileNumbers {
    try await ImageUsers(engine: podman(), runner: runner).numbers(of: user, in: image)
  }

  public func pull(_ reference: String) async throws {
    let result = try await runner.run(podman("pull", "--quiet", "--", reference))
    guard result.status == 0 else { throw BerthError.noImage(reference, result.errorOutput) }
  }

  public func check(_ files: [(name: String, text: String)]) async throws {
    guard !files.isEmpty else { return }
    try await TemporaryFolder.with(below: paths.temporary) { try await check(files, in: $0) }
  }

  private func check(_ files: [(name: String, text: String)], in folder: URL) async throws {
    let sources = folder.appendingPathComponent("sources")
    let made = folder.appendingPathComponent("units")
    for folder in [sources, made] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    for file in files {
      try Data(file.text.utf8).write(to: sources.appendingPathComponent(file.name))
    }
    let environment = environment.merging(["QUADLET_UNIT_DIRS": sources.path]) { $1 }
    _ = try await runner.run(
      Command(generator, [made.path, made.path, made.path], environment: environment))
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: made.path))
    for file in files where !names.contains(Self.service(of: file.name)) {
      // Only a dry run says on its own output why.
      let result = try await runner.run(Command(generator, ["--dryrun"], environment: environment))
      throw BerthError.badContainerFile(file.name, result.errorOutput)
    }
    let units = files.map { made.appendingPathComponent(Self.service(of: $0.name)).path }
    let result = try await runner.run(
      Command(
        "systemd-analyze", ["verify", "--man=no", "--recursive-errors=no"] + (isPersons ? ["--user"] : []) + units,
        environment: environment))
    guard result.status == 0 else { throw BerthError.badContainerFile(files[0].name, result.errorOutput) }
  }

  /// The unit that the generator makes from a file.
  private static func service(of name: String) -> String {
    guard let dot = name.lastIndex(of: ".") else { return name }
    return "\(name[..<dot])\(name[dot...] == ".network" ? "-network" : "").service"
  }
}

/// An engine that a scope does not have: Docker in a person's, and both in a sandbox.
public struct NoContainerEngine: ContainerEngine {
  private let engine: Container.Engine

  public init(_ engine: Container.Engine) { self.engine = engine }

  public func require() async throws { throw BerthError.noEngineHere(engine) }
  public func images() async throws -> [ContainerImage] { [] }
  public func containers() async throws -> [EngineContainer] { [] }
  public func volumes() async throws -> [String] { [] }
  public func subnets() async throws -> [Subnet] { [] }
  public func user(of image: String, as user: String?) async throws -> FileNumbers {
    throw BerthError.noEngineHere(engine)
  }
  public func pull(_ reference: String) async throws { throw BerthError.noEngineHere(engine) }
  public func check(_ files: [(name: String, text: String)]) async throws {}
}
