import BerthKit

/// A setting as an app declares it.
public struct SettingDeclaration: Report {
  public let setting: Setting

  init(_ setting: Setting) { self.setting = setting }

  /// What it is without a choice, with what stands for other values in it; nil for none, or a secret.
  private var standard: String? { setting.isSecret ? nil : setting.defaultValue?.source }

  public var fields: ReportFields { fields(default: standard) }

  func fields(default standard: String?) -> ReportFields {
    [
      "key": setting.id, "group": setting.group, "type": setting.kind.rawValue, "default": standard,
      "required": setting.isRequired, "secret": setting.isSecret, "choices": setting.choices, "words": setting.words,
      "min": setting.minimum, "max": setting.maximum, "length": setting.length, "pattern": setting.pattern,
      "help": setting.help,
    ]
  }
}

/// A setting of an instance with everything that has to be known to change it.
public struct SettingReport: Report {
  /// A key of a config file of the app that the setting's value goes into.
  public struct Place: Report, Equatable {
    public let file: String
    public let key: String

    public var fields: ReportFields { ["file": file, "key": key] }
  }

  public let setting: Setting
  /// Nil for none, or a secret that is not shown.
  public let value: String?
  /// What it is without a choice; nil for none, or a secret.
  public let standard: String?
  /// Where it goes.
  public let places: [Place]

  public var fields: ReportFields {
    SettingDeclaration(setting).fields(default: standard) + ["value": value, "places": places]
  }

  /// What may be written there, for people: `int, 1 to 64`.
  public var kind: String {
    func number(_ value: Double) -> String {
      setting.kind == .size
        ? ByteSize.text(ofBytes: Int(value)) : value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
    let bounds =
      switch (setting.minimum, setting.maximum) {
      case (let low?, let high?): ", \(number(low)) to \(number(high))"
      case (let low?, nil): ", from \(number(low))"
      case (nil, let high?): ", up to \(number(high))"
      case (nil, nil): ""
      }
    let choices = setting.choices.isEmpty ? "" : ": \(setting.choices.joined(separator: ", "))"
    return "\(setting.kind.rawValue)\(choices)\(bounds)"
  }
}
