import BerthKit

/// What an app can do and be told, for programs: the honest form of a manage script's `--help`.
public struct Capabilities: Sendable, Encodable {
  private struct Option: Sendable, Encodable {
    let key: String
    let type: String
    let `default`: String?
    let required: Bool
    let secret: Bool
    let choices: [String]
    let min: Double?
    let max: Double?
    let length: Int?
    let pattern: String?
    let help: String?

    private enum Key: String, CodingKey {
      case key, type, `default`, required, secret, choices, min, max, length, pattern, help
    }

    func encode(to encoder: any Encoder) throws {
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
      try container.encode(help, forKey: .help)
    }
  }

  private struct Port: Sendable, Encodable {
    let role: String
    let protocols: [TransportProtocol]
    let address: String
    let help: String?

    private enum Key: String, CodingKey { case role, protocols, address, help }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(role, forKey: .role)
      try container.encode(protocols, forKey: .protocols)
      try container.encode(address, forKey: .address)
      try container.encode(help, forKey: .help)
    }
  }

  private let app: String
  private let version: String
  private let services: [String]
  private let settings: [Option]
  private let ports: [Port]
  private let backup: [String]
  private let query: String?
  private let console: String?
  private let routes: [String]
  /// The verbs of `berth manage`.
  private let manage: [String]

  private enum Key: String, CodingKey {
    case app, version, services, settings, ports, backup, query, console, routes, manage
  }

  public init(_ manifest: Manifest) {
    app = manifest.id
    version = manifest.version
    services = manifest.services.map(\.id)
    settings = manifest.settings.map {
      Option(
        key: $0.id, type: $0.kind.rawValue, default: $0.defaultValue?.source, required: $0.isRequired,
        secret: $0.isSecret, choices: $0.choices, min: $0.minimum, max: $0.maximum, length: $0.length,
        pattern: $0.pattern, help: $0.help)
    }
    ports = manifest.ports.map { Port(role: $0.role, protocols: $0.protocols, address: $0.bind, help: $0.help) }
    backup = manifest.backup.map(\.id)
    query = manifest.query?.kind.rawValue
    console = manifest.console?.kind.rawValue
    routes = manifest.routes.map(\.id)
    manage = ManageVerb.allCases.filter { $0.isAvailable(manifest) }.map(\.rawValue)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(app, forKey: .app)
    try container.encode(version, forKey: .version)
    try container.encode(services, forKey: .services)
    try container.encode(settings, forKey: .settings)
    try container.encode(ports, forKey: .ports)
    try container.encode(backup, forKey: .backup)
    try container.encode(query, forKey: .query)
    try container.encode(console, forKey: .console)
    try container.encode(routes, forKey: .routes)
    try container.encode(manage, forKey: .manage)
  }

  /// The same for people, a line each.
  public var lines: [String] {
    func list(_ words: [String]) -> String { words.isEmpty ? "-" : words.joined(separator: ", ") }
    return [
      "services  \(list(services))", "ports     \(list(ports.map(\.role)))", "backup    \(list(backup))",
      "players   \(query ?? "-")", "console   \(console ?? "-")", "routes    \(list(routes))",
      "manage    \(list(manage))",
    ]
      + settings.map { setting in
        let rest = [
          setting.required ? "required" : nil, setting.secret ? "secret" : nil,
          setting.choices.isEmpty ? nil : "one of \(list(setting.choices))",
          setting.default.map { "'\($0)' by itself" },
        ].compactMap { $0 }
        return (["setting   \(setting.key): \(setting.type)"] + rest).joined(separator: ", ")
      }
  }
}
