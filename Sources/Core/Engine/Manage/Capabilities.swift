import BerthKit

/// What an app can do and be told, for programs: the honest form of a manage script's `--help`.
public struct Capabilities: Sendable, Encodable {
  /// A setting.
  public struct Option: Sendable, Encodable {
    public let key: String
    public let type: String
    public let `default`: String?
    public let required: Bool
    public let secret: Bool
    public let choices: [String]
    public let min: Double?
    public let max: Double?
    public let length: Int?
    public let pattern: String?
    public let group: String?
    public let help: String?

    private enum Key: String, CodingKey {
      case key, type, `default`, required, secret, choices, min, max, length, pattern, group, help
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(key, forKey: .key)
      try container.encode(type, forKey: .type)
      try container.encode(`default`, forKey: .default)
      try container.encode(required, forKey: .required)
      try container.encode(secret, forKey: .secret)
      try container.encode(choices, forKey: .choices)
      try container.encode(min, forKey: .min)
      try container.encode(max, forKey: .max)
      try container.encode(length, forKey: .length)
      try container.encode(pattern, forKey: .pattern)
      try container.encode(group, forKey: .group)
      try container.encode(help, forKey: .help)
    }
  }

  /// A role of a port.
  public struct Port: Sendable, Encodable {
    public let role: String
    public let protocols: [TransportProtocol]
    public let address: String
    public let help: String?

    private enum Key: String, CodingKey { case role, protocols, address, help }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(role, forKey: .role)
      try container.encode(protocols, forKey: .protocols)
      try container.encode(address, forKey: .address)
      try container.encode(help, forKey: .help)
    }
  }

  /// A command of the console's.
  public struct Command: Sendable, Encodable {
    public let command: String
    public let help: String
  }

  public let app: String
  public let version: String
  /// The id by which panels know the app.
  public let guid: String
  public let services: [String]
  public let settings: [Option]
  public let ports: [Port]
  public let backup: [String]
  public let query: String?
  public let console: String?
  /// Some of the commands that the console takes.
  public let commands: [Command]
  public let routes: [String]
  /// The verbs of `berth manage`.
  public let manage: [String]

  private enum Key: String, CodingKey {
    case app, version, guid, services, settings, ports, backup, query, console, commands, routes, manage
  }

  public init(_ manifest: Manifest) {
    app = manifest.id
    version = manifest.version
    guid = manifest.panelID
    services = manifest.services.map(\.id)
    settings = manifest.settings.map {
      Option(
        key: $0.id, type: $0.kind.rawValue, default: $0.defaultValue?.source, required: $0.isRequired,
        secret: $0.isSecret, choices: $0.choices, min: $0.minimum, max: $0.maximum, length: $0.length,
        pattern: $0.pattern, group: $0.group, help: $0.help)
    }
    ports = manifest.ports.map { Port(role: $0.role, protocols: $0.protocols, address: $0.bind, help: $0.help) }
    backup = manifest.backup.map(\.id)
    query = manifest.query?.kind.rawValue
    console = manifest.console?.kind.rawValue
    commands = (manifest.console?.commands ?? []).map { Command(command: $0.word, help: $0.help) }
    routes = manifest.routes.map(\.id)
    manage = ManageVerb.allCases.filter { $0.isAvailable(manifest) }.map(\.rawValue)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(app, forKey: .app)
    try container.encode(version, forKey: .version)
    try container.encode(guid, forKey: .guid)
    try container.encode(services, forKey: .services)
    try container.encode(settings, forKey: .settings)
    try container.encode(ports, forKey: .ports)
    try container.encode(backup, forKey: .backup)
    try container.encode(query, forKey: .query)
    try container.encode(console, forKey: .console)
    try container.encode(commands, forKey: .commands)
    try container.encode(routes, forKey: .routes)
    try container.encode(manage, forKey: .manage)
  }
}
