/// A value with its type, as a placeholder stands for it.
public enum Value: Sendable, Hashable, Codable {
  case text(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)

  /// The value as plain text: `true`, `8303`, `0.09`.
  public var plain: String {
    switch self {
    case .text(let text): text
    case .integer(let integer): String(integer)
    case .number(let number): String(number)
    case .boolean(let boolean): boolean ? "true" : "false"
    }
  }
}

/// What every placeholder of one instance stands for.
public struct Variables: Sendable, Equatable {
  private var values: [String: Value] = [:]
  private var unset: Set<String> = []
  private var secret: Set<String> = []

  public init() {}

  /// The settings of a manifest alone, for what is read before there is an instance.
  ///
  /// - Parameter values: by id; an optional setting without a value is absent.
  public init(settings values: [String: Value], of manifest: Manifest) {
    for setting in manifest.settings {
      set("settings.\(setting.id)", to: values[setting.id], isSecret: setting.isSecret)
    }
  }

  /// The value of a name; nil when it is an optional setting without a value, or unknown.
  public subscript(name: String) -> Value? { values[name] }

  /// Gives a name its value.
  ///
  /// - Parameters:
  ///   - value: nil for an optional setting without one.
  ///   - isSecret: what is rendered with it must then be readable by its owner alone, and never shown.
  public mutating func set(_ name: String, to value: Value?, isSecret: Bool = false) {
    values[name] = value
    if value == nil { unset.insert(name) } else { unset.remove(name) }
    if isSecret { secret.insert(name) }
  }

  /// Every name with a value.
  public var names: [String] { values.keys.sorted() }

  /// The values of the settings, by their names.
  public var settings: [String: Value] {
    let prefix = "settings."
    let own = values.filter { $0.key.hasPrefix(prefix) }
    return Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  /// Whether a text with these placeholders must be kept secret.
  public func isSecret(_ template: Template) -> Bool { template.variables.contains(where: secret.contains) }

  /// Whether the name holds a secret.
  public func isSecret(_ name: String) -> Bool { secret.contains(name) }

  /// The text with all placeholders replaced; nil when one of them is an optional setting without a value.
  ///
  /// A text that is exactly one placeholder keeps the type of its value.
  public func resolve(_ template: Template) throws -> Value? {
    if case .variable(let name)? = template.segments.first, template.segments.count == 1 {
      return try value(of: name)
    }
    var text = ""
    for segment in template.segments {
      switch segment {
      case .literal(let literal): text += literal
      case .variable(let name):
        guard let value = try value(of: name) else { return nil }
        text += value.plain
      case .filtered(let name, let filter):
        guard let value = try value(of: name) else { return nil }
        text += filter.apply(to: value.plain)
      }
    }
    return .text(text)
  }

  /// The text with all placeholders replaced by plain text; nil as in ``resolve(_:)``.
  public func text(_ template: Template) throws -> String? { try resolve(template)?.plain }

  private func value(of name: String) throws -> Value? {
    if let value = values[name] { return value }
    guard unset.contains(name) else {
      throw BerthError.badManifest("there is no variable '\(name)'", at: "template", key: nil)
    }
    return nil
  }
}
