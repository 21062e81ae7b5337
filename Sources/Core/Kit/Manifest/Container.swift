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
  public var devices: [Device]
  /// The name of the file for Docker Compose that says the rest; nil for a container of Podman's.
  public var composeFile: String?

  public init(image: Template, user: Template? = nil, devices: [Device] = [], composeFile: String? = nil) {
    self.image = image
    self.user = user
    self.devices = devices
    self.composeFile = composeFile
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

  /// The tag; nil when there is none.
  public static func tag(_ text: String) -> String? {
    let name = text.prefix { $0 != "@" }
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return nil }
    return String(name[name.index(after: colon)...])
  }
}
