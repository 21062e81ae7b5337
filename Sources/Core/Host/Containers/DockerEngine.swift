import BerthKit
import Foundation

/// The host's Docker with Compose v2.
public struct DockerEngine: ContainerEngine {
  private static let program = Container.Engine.docker.kind.program

  private let runner: any ProcessRunner
  private let files: any FileTree

  public init(runner: any ProcessRunner, files: any FileTree) {
    self.runner = runner
    self.files = files
  }

  public func require() async throws {
    guard files.isExecutable(Self.program) else { throw BerthError.noDocker() }
    async let version = runner.run(Command(Self.program, ["compose", "version", "--short"]))
    let server = try await runner.run(Command(Self.program, ["version", "--format", "{{.Server.Version}}"]))
    let compose = try await version
    guard compose.status == 0, let major = compose.output.split(separator: ".").first,
      Int(major.drop { !$0.isNumber }).map({ $0 >= 2 }) == true
    else { throw BerthError.noCompose() }
    guard server.status == 0 else { throw BerthError.dockerSilent(server.errorOutput) }
  }

  public func images() async throws -> [ContainerImage] {
    let ids = try await runner.succeed(Command(Self.program, ["image", "ls", "--quiet", "--no-trunc"]))
    let unique = Set(ids.split(separator: "\n")).sorted().map(String.init)
    guard !unique.isEmpty else { return [] }
    // One line for each; an image that has gone meanwhile only makes the status another one.
    let result = try await runner.run(
      Command(Self.program, ["image", "inspect", "--format", "{{json .}}"] + unique))
    return try result.output.split(separator: "\n").map { line in
      do { return try JSONDecoder().decode(Row.self, from: Data(line.utf8)).image } catch {
        throw BerthError.engineUnreadable("docker image inspect", "\(error)")
      }
    }
  }

  /// As `docker image inspect` prints it.
  private struct Row: Decodable {
    let Id: String
    let RepoTags: [String]?
    let RepoDigests: [String]?

    var image: ContainerImage {
      ContainerImage(
        id: Id.hasPrefix("sha256:") ? String(Id.dropFirst(7)) : Id, names: (RepoTags ?? []).map(DockerEngine.complete),
        digests: (RepoDigests ?? []).map(DockerEngine.complete))
    }
  }

  /// Docker leaves its own registry out of names.
  private static func complete(_ name: String) -> String {
    guard !ImageReference.isComplete(name) else { return name }
    return name.contains("/") ? "docker.io/\(name)" : "docker.io/library/\(name)"
  }

  /// The complete name of an image as a person wrote it; nil for an id.
  static func image(named text: String) -> String? {
    guard !text.hasPrefix("sha256:") else { return nil }
    let name = complete(text)
    let last = name.split(separator: "/").last ?? ""
    let whole = last.contains(":") || last.contains("@") ? name : "\(name):latest"
    return ImageReference.isComplete(whole) ? whole : nil
  }

  public func containers() async throws -> [EngineContainer] {
    try Self.containers(
      try await runner.succeed(Command(Self.program, ["ps", "--all", "--no-trunc", "--format", "{{json .}}"])))
  }

  /// As `docker ps --format json` prints them, a line each.
  static func containers(_ output: String) throws -> [EngineContainer] {
    struct Row: Decodable { let Names, State, Status, Labels: String }
    let folder = "\(DockerContainer.folderLabel)="
    return try output.split(separator: "\n").map { line in
      do {
        let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
        let label = row.Labels.split(separator: ",").first { $0.hasPrefix(folder) }
        return EngineContainer(
          names: row.Names.split(separator: ",").map(String.init), state: row.State, status: row.Status,
          owner: label.map { String($0.dropFirst(folder.count)) })
      } catch { throw BerthError.engineUnreadable("docker ps --format json", "\(error)") }
    }
  }

  public func volumes() async throws -> [String] {
    let names = try await runner.succeed(Command(Self.program, ["volume", "ls", "--format", "{{.Name}}"]))
    return names.split(separator: "\n").map(String.init)
  }

  public func subnets() async throws -> [Subnet] {
    guard files.isExecutable(Self.program) else { return [] }
    let ids = try await runner.succeed(Command(Self.program, ["network", "ls", "--quiet", "--no-trunc"]))
    let all = ids.split(separator: "\n").map(String.init)
    guard !all.isEmpty else { return [] }
    // One line for each; a network that has gone meanwhile only makes the status another one.
    let result = try await runner.run(
      Command(Self.program, ["network", "inspect", "--format", "{{json .IPAM.Config}}"] + all))
    return try Self.subnets(result.output)
  }

  /// As `docker network inspect` prints them, a line for each network.
  static func subnets(_ output: String) throws -> [Subnet] {
    struct Range: Decodable { let Subnet: String? }
    do {
      return try output.split(separator: "\n").flatMap { line in
        try JSONDecoder().decode([Range]?.self, from: Data(line.utf8)) ?? []
      }.compactMap { $0.Subnet.flatMap { BerthKit.Subnet($0) } }
    } catch { throw BerthError.engineUnreadable("docker network inspect", "\(error)") }
  }

  public func user(of image: String, as user: String?) async throws -> FileNumbers {
    try await ImageUsers(engine: Command(Self.program, []), runner: runner).numbers(of: user, in: image)
  }

  public func pull(_ reference: String) async throws {
    let result = try await runner.run(Command(Self.program, ["pull", "--quiet", "--", reference]))
    guard result.status == 0 else {
      throw BerthError.noImage(reference, result.errorOutput, program: "docker")
    }
  }

  /// Has Compose read the files of a project, and sees that it reads what Berth did.
  ///
  /// - Parameter files: `compose.yaml`, `compose.berth.json` and `.env`.
  public func check(_ files: [(name: String, text: String)]) async throws {
    try await TemporaryFolder.with(below: ScopePaths.system.temporary) { try await check(files, in: $0) }
  }

  private func check(_ files: [(name: String, text: String)], in folder: URL) async throws {
    var words = ["compose", "--project-directory", folder.path]
    for file in files {
      let place = folder.appendingPathComponent(file.name).path
      // Secrets are in them.
      guard
        FileManager.default.createFile(
          atPath: place, contents: Data(file.text.utf8), attributes: [.posixPermissions: 0o600])
      else { throw BerthError.badComposeFile(file.name, "it cannot be written to \(place)") }
      words += [file.name.hasPrefix(".") ? "--env-file" : "--file", place]
    }
    let result = try await runner.run(Command(Self.program, words + ["config", "--format", "json"]))
    guard result.status == 0 else { throw BerthError.badComposeFile(files.first?.name ?? "", result.errorOutput) }
    func text(_ name: String) -> String { files.first { $0.name == name }?.text ?? "" }
    let model = try ComposeModel(
      result.output, plugin: text(ScopePaths.composeFile), own: text(ScopePaths.composeOverride))
    if let surplus = model.surplus { throw BerthError.badComposeFile(ScopePaths.composeFile, surplus) }
  }
}
