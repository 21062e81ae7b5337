import BerthKit
import BerthQuery

/// A service as manage scripts show it.
///
/// Sizes are words here (`512 MB`), since panels read them so; `berth metrics --json` has numbers.
public struct ManageService: Sendable, Encodable {
  /// A port of it.
  public struct Port: Sendable, Encodable {
    let port: Int
    let `protocol`: String
    let description: String
    /// Whether others than the host reach it, as far as the address says that somebody listens on.
    let global: Bool
    /// Whether anybody listens.
    let listening: Bool
    /// Whether it is the service that does.
    let owned: Bool
    /// Whether the host's packet filter lets everybody through.
    let open: Bool
    let option: String
  }

  /// What `get-metrics` adds.
  struct Metrics: Sendable {
    let server: ServerReport?
    let memory: Int64?
    /// The part of one processor.
    let processors: Double?
    let process: Int?
    let ports: [Port]
  }

  let service: String
  let name: String
  let instanceID: String
  var address: String?
  let port: Int?
  let isEnabled: Bool
  let folder: String
  let backups: String
  let version: String?
  let status: Status
  /// How many may play, by its settings.
  let limit: Int?
  var metrics: Metrics?

  private enum Key: String, CodingKey {
    case service, name, ip, port, enabled, version, loader, status, players, ports
    case instanceID = "instance_id"
    case limit = "max_players"
    case folder = "app_dir"
    case backups = "bak_dir"
    case count = "player_count"
    case memory = "memory_usage"
    case processors = "cpu_usage"
    case gameProcess = "game_pid"
    case serviceProcess = "service_pid"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(service, forKey: .service)
    try container.encode(name, forKey: .name)
    try container.encode(instanceID, forKey: .instanceID)
    try container.encode(address, forKey: .ip)
    try container.encode(port, forKey: .port)
    try container.encode(isEnabled, forKey: .enabled)
    try container.encode(metrics?.server?.limit ?? limit, forKey: .limit)
    try container.encode(folder, forKey: .folder)
    try container.encode(backups, forKey: .backups)
    try container.encode(version, forKey: .version)
    try container.encodeNil(forKey: .loader)
    try container.encode(Self.word(status), forKey: .status)
    guard let metrics else { return }
    // A list in any case, and nobody plays where nothing runs.
    try container.encode((metrics.server?.players ?? []).map(\.name), forKey: .players)
    try container.encode(metrics.server?.count ?? (Self.word(status) == "stopped" ? 0 : nil), forKey: .count)
    try container.encode(metrics.memory.map(Self.size) ?? "N/A", forKey: .memory)
    try container.encode(metrics.processors.map { "\(Int(($0 * 100).rounded()))%" } ?? "N/A", forKey: .processors)
    try container.encode(metrics.process ?? 0, forKey: .gameProcess)
    try container.encode(metrics.process ?? 0, forKey: .serviceProcess)
    try container.encode(metrics.ports, forKey: .ports)
  }

  /// The four words that there are.
  static func word(_ status: Status) -> String {
    switch status {
    case .running, .starting, .stopping: status.rawValue
    case .stopped, .failed, .blocked, .incomplete: "stopped"
    }
  }

  /// `9.79 GB` or `512 MB`, of 1024 each.
  static func size(_ bytes: Int64) -> String {
    let megabytes = Double(bytes) / 1_048_576
    guard megabytes >= 1024 else { return "\(Int(megabytes.rounded())) MB" }
    let hundredths = Int((megabytes / 1024 * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) GB"
  }
}

/// A setting as manage scripts show it.
public struct ManageOption: Sendable, Encodable {
  let option: String
  let defaultValue: ManageValue
  let value: ManageValue
  let type: String
  let help: String
  let choices: [String]
  let group: String

  private enum Key: String, CodingKey {
    case option, value, type, help, group
    case defaultValue = "default"
    case choices = "options"
  }

  /// - Parameter text: nil for none, or a secret, which is not shown.
  init(_ setting: Setting, value text: String?) {
    func typed(_ text: String?) -> ManageValue {
      guard let text, let value = try? setting.parse(text) else { return .none }
      return .some(value)
    }
    option = setting.id
    defaultValue = typed(setting.isSecret ? nil : setting.defaultValue?.literalText)
    value = typed(setting.isSecret ? nil : text)
    type =
      switch setting.kind {
      case .int: "int"
      case .float: "float"
      case .bool: "bool"
      case .string, .choice, .size, .hostname, .path, .image, .secret, .password: "str"
      }
    help = setting.help ?? ""
    choices = setting.choices
    // Panels show what is in this one beside what has no group anywhere else.
    group = setting.group ?? "Options"
  }

  /// The number of a port, which is changed as a setting is.
  init(_ role: PortRole, number: Int) {
    option = role.role
    defaultValue = role.defaultNumber.map { .some(.integer($0)) } ?? .none
    value = .some(.integer(number))
    type = "int"
    help = role.help ?? ""
    choices = []
    group = "Ports"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(option, forKey: .option)
    try container.encode(defaultValue, forKey: .defaultValue)
    try container.encode(value, forKey: .value)
    try container.encode(type, forKey: .type)
    try container.encode(help, forKey: .help)
    try container.encode(choices, forKey: .choices)
    try container.encode(group, forKey: .group)
  }
}

/// A value with its type in JSON; null for none.
enum ManageValue: Sendable, Equatable, Encodable {
  case none
  case some(Value)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encodeNil()
    case .some(.text(let text)): try container.encode(text)
    case .some(.integer(let number)): try container.encode(number)
    case .some(.number(let number)): try container.encode(number)
    case .some(.boolean(let flag)): try container.encode(flag)
    }
  }
}

/// A port as manage scripts show it.
public struct ManagePort: Sendable, Encodable {
  let value: Int
  let config: String?
  let service: String
  let `protocol`: String
  let description: String
}
