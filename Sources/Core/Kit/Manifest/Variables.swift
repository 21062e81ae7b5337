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
  /// How an app says true and false, by the names of the settings that have words of their own.
  private var words: [String: [String]] = [:]

  public init() {}

  /// The settings of a manifest alone, for what is read before there is an instance.
  ///
  /// - Parameter values: by id; an optional setting without a value is absent.
  public init(settings values: [String: Value], of manifest: Manifest) {
    for setting in manifest.settings {
      set("settings.\(setting.id)", to: values[setting.id], isSecret: setting.isSecret)
      words["settings.\(setting.id)"] = setting.words
    }
  }

  /// The value of a name as the app's programs are told it; nil when it is an optional setting without a value, or unknown.
  public subscript(name: String) -> Value? {
    guard case .boolean(let truth)? = values[name], let words = words[name] else { return values[name] }
    return .text(words[truth ? 0 : 1])
  }

  /// Whether a name's value is the word for false. The word itself is a text like any other.
  public func isFalse(_ name: String) -> Bool { values[name] == .boolean(false) }

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
    if template.segments.count == 1 { return try value(of: template.segments[0]) }
    var text = ""
    for segment in template.segments {
      guard let value = try value(of: segment) else { return nil }
      text += value.plain
    }
    return .text(text)
  }

  /// What one part of a text stands for; nil as in ``resolve(_:)``.
  public func value(of segment: Template.Segment) throws -> Value? {
    switch segment {
    case .literal(let text): .text(text)
    case .variable(let name): try value(of: name)
    case .filtered(let name, let filter): try value(of: name).map(filter.apply)
    }
  }

  /// The text with all placeholders replaced by plain text; nil as in ``resolve(_:)``.
  public func text(_ template: Template) throws -> String? { try resolve(template)?.plain }

  private func value(of name: String) throws -> Value? {
    if let value = self[name] { return value }
    guard unset.contains(name) else {
      throw BerthError.badManifest("there is no variable '\(name)'", at: "template", key: nil)
    }
    return nil
  }
}
