import BerthKit

/// A container as `docker container inspect` prints it, as far as Berth reads it.
///
/// Source: the Docker Engine API, "Inspect a container", and the labels of Compose v2.
struct DockerContainer: Decodable {
  struct State: Decodable {
    struct Health: Decodable { let Status: String }

    let Status: String
    let Health: Health?
    let ExitCode: Int?
  }

  struct Config: Decodable {
    let Image: String
    let User: String?
    let Env: [String]?
    let Cmd: [String]?
    let Entrypoint: [String]?
    let WorkingDir: String?
    let Hostname: String?
    let Domainname: String?
    let Healthcheck: DockerImage.Healthcheck?
    let StopSignal: String?
    /// Seconds.
    let StopTimeout: Int?
    let Labels: [String: String]?
  }

  struct Host: Decodable {
    struct Restart: Decodable {
      let Name: String
      let MaximumRetryCount: Int
    }

    struct Device: Decodable { let PathOnHost: String }

    struct Ulimit: Decodable {
      let Name: String
      let Soft: Int64
      let Hard: Int64
    }

    let RestartPolicy: Restart
    /// What is opened once it runs.
    let PortBindings: [String: [Binding]?]?
    /// Bytes; 0 for no bound.
    let Memory: Int64?
    let NanoCpus: Int64?
    let Devices: [Device]?
    let CapAdd: [String]?
    let ExtraHosts: [String]?
    let Privileged: Bool?
    let NetworkMode: String?
    let ShmSize: Int64?
    let Dns: [String]?
    let DnsOptions: [String]?
    let DnsSearch: [String]?
    let Ulimits: [Ulimit]?
    let GroupAdd: [String]?
    let Init: Bool?
    let Sysctls: [String: String]?
  }

  struct Mount: Decodable {
    let `Type`: String
    let Name: String?
    let Source: String
    let Destination: String
    let RW: Bool?

    /// The name of a volume.
    var volume: String? { `Type` == "volume" ? Name : nil }
    var isOfHost: Bool { ["volume", "bind"].contains(`Type`) }
  }

  /// A port as the host opens it.
  struct Binding: Decodable {
    let HostIp: String
    let HostPort: String
  }

  struct Network: Decodable {

    struct Membership: Decodable {
      struct Addresses: Decodable { let IPv4Address: String? }

      let Aliases: [String]?
      /// What the project's file says.
      let IPAMConfig: Addresses?
    }

    let Ports: [String: [Binding]?]?
    let Networks: [String: Membership]?
  }

  private enum CodingKeys: String, CodingKey {
    case id = "Id"
    case image = "Image"
    case name = "Name"
    case state = "State"
    case config = "Config"
    case host = "HostConfig"
    case mounts = "Mounts"
    case network = "NetworkSettings"
  }

  let id: String
  /// The id of its image.
  let image: String
  let name: String
  let state: State
  let config: Config
  let host: Host
  let mounts: [Mount]
  let network: Network
}

extension DockerContainer {
  static let folderLabel = "com.docker.compose.project.working_dir"
  static let projectLabel = "com.docker.compose.project"

  private func label(_ name: String) -> String? { config.Labels?["com.docker.compose.\(name)"] }

  var project: String { label("project") ?? "" }
  var service: String { label("service") ?? "" }
  var plainName: String { name.hasPrefix("/") ? String(name.dropFirst()) : name }
  /// Whether it was made by `docker compose run`.
  var isSingleCommand: Bool { label("oneoff") == "True" }

  /// The services that it waits for: `postgres:service_healthy:false,cache:service_started:false`.
  private var needs: [String] {
    (label("depends_on") ?? "").split(separator: ",").compactMap { $0.split(separator: ":").first.map(String.init) }
  }

  var foreignState: ForeignContainer.State {
    switch state.Status {
    case "running": state.Health?.Status == "unhealthy" ? .unwell : .running
    case "paused": .paused
    case "restarting": .unwell
    case "created": .created
    case "exited": .ended(state.ExitCode ?? 0)
    default: .dead
    }
  }

  /// Whether it runs, and is healthy where it says so.
  var isWell: Bool { state.Status == "running" && ["healthy", "none"].contains(state.Health?.Status ?? "none") }
  /// Whether it may become so.
  var isOnItsWay: Bool {
    ["created", "running", "restarting"].contains(state.Status) && state.Health?.Status != "unhealthy"
  }

  /// Each after those that it waits for, and else by name.
  static func ordered(_ containers: [DockerContainer]) -> [DockerContainer] {
    var left = containers.sorted { $0.name < $1.name }
    var ordered: [DockerContainer] = []
    while !left.isEmpty {
      let waiting = Set(left.map(\.service))
      // A circle, which Compose would not have started, is broken anywhere.
      let next = left.firstIndex { $0.needs.allSatisfy { !waiting.contains($0) } } ?? 0
      ordered.append(left.remove(at: next))
    }
    return ordered
  }

  /// Its user as it is said: `1001:1001`, a name, or nothing.
  var user: String { config.User ?? "" }

  /// - Parameters:
  ///   - image: its own; nil where Docker has it no longer.
  ///   - user: the numbers of its user, where that has a name.
  ///   - surroundings: what is not its project's.
  func container(
    of image: DockerImage?, user: FileNumbers?, in surroundings: DockerSurroundings
  ) -> ForeignContainer {
    let policy = host.RestartPolicy
    let restart =
      policy.Name == "on-failure" && policy.MaximumRetryCount > 0
      ? "on-failure:\(policy.MaximumRetryCount)" : policy.Name.isEmpty ? "no" : policy.Name
    return ForeignContainer(
      handle: ContainerHandle(
        id: id, name: plainName, restart: restart),
      service: service, state: foreignState, singleCommand: isSingleCommand,
      image: DockerEngine.image(named: config.Image), user: user ?? Self.numbers(self.user),
      environment: DockerImage.variables(config.Env),
      imageEnvironment: DockerImage.variables(image?.config.Env),
      mounts: mounts.filter(\.isOfHost).map { mount in
        .init(
          target: mount.Destination, path: surroundings.path(of: mount), volume: mount.volume,
          readOnly: mount.RW == false, sharers: surroundings.users(of: mount))
      }, ports: ports, networks: (network.Networks ?? [:]).keys.filter { !surroundings.networks.contains($0) }.sorted(),
      facts: facts(in: surroundings.networks), imageFacts: image?.facts ?? [:],
      labels: (config.Labels ?? [:]).filter { key, value in
        !key.hasPrefix("com.docker.compose.") && !key.hasPrefix("desktop.docker.io/")
          && image?.config.Labels?[key] != value
      }.keys.sorted())
  }

  /// Whether its user has a name alone, which its image has to say the numbers of.
  var hasNamedUser: Bool { !user.isEmpty && Self.numbers(user) == nil }

  /// `1001:1001`; a user without a group has that of root, as docker-run(1) says of numbers.
  private static func numbers(_ text: String) -> FileNumbers? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let user = parts.first.flatMap({ UInt32($0) }) else { return nil }
    guard parts.count > 1 else { return FileNumbers(user: user, group: 0) }
    return UInt32(parts[1]).map { FileNumbers(user: user, group: $0) }
  }

  private var ports: [ForeignContainer.Port] {
    // Docker says of what does not run only what it will open.
    let open = foreignState.isAlive ? network.Ports : host.PortBindings
    return (open ?? [:]).sorted { $0.key < $1.key }.flatMap { key, bindings -> [ForeignContainer.Port] in
      let parts = key.split(separator: "/")
      guard parts.count == 2, let target = Int(parts[0]), let transport = TransportProtocol(rawValue: String(parts[1]))
      else { return [] }
      return (bindings ?? []).compactMap { binding in
        Int(binding.HostPort).map {
          .init(
            published: PortNumber(transport, $0), address: binding.HostIp.isEmpty ? "0.0.0.0" : binding.HostIp,
            target: target)
        }
      }
    }
  }
}

/// An image as `docker image inspect` prints it, as far as Berth reads it.
struct DockerImage: Decodable {
  struct Config: Decodable {
    let User: String?
    let Env: [String]?
    let Cmd: [String]?
    let Entrypoint: [String]?
    let WorkingDir: String?
    let Healthcheck: Healthcheck?
    let Labels: [String: String]?
  }

  struct Healthcheck: Decodable { let Test: [String]? }

  private enum CodingKeys: String, CodingKey {
    case id = "Id"
    case config = "Config"
  }

  let id: String
  let config: Config

  /// `NAME=value` lines by name.
  static func variables(_ lines: [String]?) -> [String: String] {
    let pairs = (lines ?? []).compactMap { line in
      line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
    }
    return Dictionary(pairs, uniquingKeysWith: { _, last in last })
  }
}
