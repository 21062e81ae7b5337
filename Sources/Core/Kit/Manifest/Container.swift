/// What a service that runs in a container is made of.
public struct Container: Sendable, Equatable, Codable {
  /// What runs containers.
  public enum Engine: String, Sendable, Codable, CaseIterable {
    /// By unit files of its own (Quadlet).
    case podman
    /// By Compose.
    case docker
  }

  /// A device of the host that is shown in the container.
  public struct Device: Sendable, Equatable, Codable {
    /// Its path on the host, which it has inside too.
    public var path: String
    /// The instances that get it; nil for all.
    public var condition: Condition?

    public init(_ path: String, when condition: Condition? = nil) {
      self.path = path
      self.condition = condition
    }
  }

  /// The image's name with its registry, and with a tag or digest: fixed, or one setting of type `image`.
  public var image: Template
  /// The user and group that its first process has, as numbers; the image's own when nil.
  public var user: Template?
  /// The group that its first process has, as a number, where the user is said without one.
  public var group: Int?
  public var devices: [Device]
  /// What it runs in the place of the image's own program, and the arguments behind that.
  public var entrypoint: [Template]
  public var exec: [Template]
  /// The folder inside that it starts in; the image's own when nil.
  public var workdir: String?
  public var labels: [Label]
  /// Places inside that lie in memory, as `/path` or `/path:size=64m`.
  public var places: [String]
  /// The size of its shared memory; the engine's own when nil.
  public var shmSize: String?
  /// The service in whose network it is; nil for one of its own.
  public var network: String?
  /// Networks beside the one that all services share, and other names that it has in one.
  public var networks: [Network]
  /// The name of the file for Docker Compose that says the rest; nil for a container of Podman's.
  public var composeFile: String?

  /// What a container is marked with for other programs.
  public struct Label: Sendable, Equatable, Codable {
    public var name: String
    public var value: Template

    public init(_ name: String, _ value: Template) {
      self.name = name
      self.value = value
    }
  }

  /// A network of the instance's.
  public struct Network: Sendable, Equatable, Codable {
    /// The network that all services share.
    public static let shared = "default"

    public var name: String
    /// By which it is found there, beside the service's name.
    public var aliases: [String]

    public init(_ name: String, aliases: [String] = []) {
      self.name = name
      self.aliases = aliases
    }
  }

  public init(
    image: Template, user: Template? = nil, group: Int? = nil, devices: [Device] = [], entrypoint: [Template] = [],
    exec: [Template] = [], workdir: String? = nil, labels: [Label] = [], places: [String] = [],
    shmSize: String? = nil, network: String? = nil, networks: [Network] = [], composeFile: String? = nil
  ) {
    self.image = image
    self.user = user
    self.group = group
    self.devices = devices
    self.entrypoint = entrypoint
    self.exec = exec
    self.workdir = workdir
    self.labels = labels
    self.places = places
    self.shmSize = shmSize
    self.network = network
    self.networks = networks
    self.composeFile = composeFile
  }

  /// What an archive of an older Berth says has no words that came later.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      image: try values.decode(Template.self, forKey: .image),
      user: try values.decodeIfPresent(Template.self, forKey: .user),
      group: try values.decodeIfPresent(Int.self, forKey: .group),
      devices: try values.decode([Device].self, forKey: .devices),
      entrypoint: try values.decodeIfPresent([Template].self, forKey: .entrypoint) ?? [],
      exec: try values.decodeIfPresent([Template].self, forKey: .exec) ?? [],
      workdir: try values.decodeIfPresent(String.self, forKey: .workdir),
      labels: try values.decodeIfPresent([Label].self, forKey: .labels) ?? [],
      places: try values.decodeIfPresent([String].self, forKey: .places) ?? [],
      shmSize: try values.decodeIfPresent(String.self, forKey: .shmSize),
      network: try values.decodeIfPresent(String.self, forKey: .network),
      networks: try values.decodeIfPresent([Network].self, forKey: .networks) ?? [],
      composeFile: try values.decodeIfPresent(String.self, forKey: .composeFile))
  }

  /// Whether its programs run as the instance's own user and group.
  public var isInstanceUser: Bool {
    user.map { $0.segments == [.variable("instance.uid"), .literal(":"), .variable("instance.gid")] } ?? false
  }

  public var engine: Engine { composeFile == nil ? .podman : .docker }
}

/// The name of an image, as a container engine takes it.
public enum ImageReference {
  /// Whether the text names an image with its registry and nothing is left to guess: `docker.io/library/redis:7`, or with
  /// a digest behind `@`. Which registry a short name means differs from host to host.
  public static func isComplete(_ text: String) -> Bool {
    guard text.utf8.count <= 255, let slash = text.firstIndex(of: "/") else { return false }
    let host = text[..<slash]
    guard host.contains(".") || host.contains(":") || host == "localhost" else { return false }
    // By the grammar of the distribution project: domain, path, tag and digest.
    let grammar =
      #/
      [A-Za-z0-9][A-Za-z0-9.\-]* (:[0-9]{1,5})?
      (/[a-z0-9]+ ([._\-]+[a-z0-9]+)*)+
      (:[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127})? (@sha256:[0-9a-f]{64})?
      /#
    return text.wholeMatch(of: grammar) != nil
  }

  /// The name as Docker means it, with its registry and a tag or digest: `redis` is `docker.io/library/redis:latest`.
  public static func completed(_ text: String) -> String {
    let host = text.firstIndex(of: "/").map { text[..<$0] }
    let isNamed = host.map { $0.contains(".") || $0.contains(":") || $0 == "localhost" } ?? false
    let name = isNamed ? text : host == nil ? "docker.io/library/\(text)" : "docker.io/\(text)"
    return tag(name) == nil && !name.contains("@") ? "\(name):latest" : name
  }

  /// The name without tag and digest.
  public static func repository(_ text: String) -> String {
    let name = text.prefix { $0 != "@" }
    return String(tag(text).map { name.dropLast($0.utf8.count + 1) } ?? name)
  }

  /// The tag; nil when there is none.
  public static func tag(_ text: String) -> String? {
    let name = text.prefix { $0 != "@" }
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return nil }
    return String(name[name.index(after: colon)...])
  }
}
