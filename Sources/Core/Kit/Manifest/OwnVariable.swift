/// A variable that the containers of one instance have beside what the plugin says. Its value is kept as a setting, whose
/// key is `env.NAME`, or `env.NAME@SERVICE` where one service alone has it.
public struct OwnVariable: Sendable, Hashable {
  /// What tells its key from a setting's.
  private static let prefix = "env."

  public let name: String
  /// The service that has it; nil for all that run in containers.
  public let service: String?

  public init(_ name: String, service: String? = nil) {
    self.name = name
    self.service = service
  }

  /// The one that a key stands for; nil where it cannot stand for any.
  public init?(key: String) {
    guard Self.isKey(key) else { return nil }
    let parts = key.dropFirst(Self.prefix.count).split(separator: "@", omittingEmptySubsequences: false).map(
      String.init)
    // Some programs have dots and dashes in the names of their variables, which no shell takes and both engines do.
    guard parts.count <= 2, let name = parts.first, name.utf8.count <= 255,
      name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.\-]*/) != nil,
      parts.count < 2 || ManifestValidator.isIdentifier(parts[1])
    else { return nil }
    self.init(name, service: parts.count == 2 ? parts[1] : nil)
  }

  /// Whether a key means a variable, well written or not.
  public static func isKey(_ key: String) -> Bool { key.hasPrefix(prefix) }

  public var key: String { Self.prefix + name + (service.map { "@\($0)" } ?? "") }

  /// What its value may be. It may hold a password, so that none is ever shown.
  fileprivate var setting: Setting {
    Setting(
      key, .password, optional: true, length: Setting.longest, group: "Variables",
      help: "In the environment of \(service.map { "its container '\($0)'" } ?? "all its containers")")
  }
}

extension Manifest {
  /// What a person may give a value: a setting of the plugin's, or a variable of the instance's own.
  ///
  /// - Returns: nil for a key that is neither.
  /// - Throws: `bad-variable` for a variable that no instance of the app can have.
  public func choice(_ key: String) throws -> Setting? {
    guard OwnVariable.isKey(key) else { return setting(key) }
    guard let variable = OwnVariable(key: key) else { throw BerthError.badVariable(key) }
    let containers = services.filter { $0.container != nil }
    guard !containers.isEmpty else { throw BerthError.noContainers(key, app: id) }
    let holders = containers.filter { variable.service == nil || $0.id == variable.service }
    guard !holders.isEmpty else {
      throw BerthError.unknownContainer(key, variable.service ?? "", of: id, known: containers.map(\.id))
    }
    if let owner = holders.first(where: { variableNames(of: $0).contains(variable.name) }) {
      throw BerthError.variableOfPlugin(key, owner, app: id)
    }
    return variable.setting
  }

  /// The same for what is stored already: nil too for a variable that an instance can no longer have.
  public func stored(_ key: String) -> Setting? { try? choice(key) }

  /// The variables that a plugin gives the container of a service.
  package func variableNames(of service: Service) -> Set<String> {
    Set(service.environment.map(\.name) + (compose(service)?.variables ?? []))
  }
}

extension Service {
  /// The variables of an instance's own that its containers have.
  ///
  /// - Parameter settings: those of the instance, by key.
  public func ownVariables(_ settings: [String: Value]) -> [String: String] {
    guard container != nil else { return [:] }
    var found: [String: String] = [:]
    for (key, value) in settings {
      guard let variable = OwnVariable(key: key), variable.service ?? id == id else { continue }
      // What is said of one service stands before what is said of all.
      if variable.service != nil || found[variable.name] == nil { found[variable.name] = value.plain }
    }
    return found
  }
}
