/// What helps: a command to type, or a change that no command makes.
///
/// A command of Berth's is kept as its words, and never stands in a text, so that whoever knows the command line (the program
/// itself) shows only what its parser takes, with the options by which the same scope is reached.
public struct Remedy: Sendable {
  /// One thing that may help.
  public enum Form: Sendable {
    /// The words behind `berth`, each complete or a name in capitals.
    case berth([String])
    /// The command that was typed, with these options beside or in place of its own.
    case again([String], asRoot: Bool)
    /// Everything else: another program's command, or a change to make.
    case prose(String)
  }

  /// The best first. The first that fits the command that was typed is shown.
  public let forms: [Form]

  public init(_ forms: [Form]) { self.forms = forms }

  /// A command of Berth's that stands by itself.
  public static func berth(_ words: String...) -> Remedy { Remedy([.berth(words)]) }

  /// The command that was typed, with options that it takes; where it takes none of these, what comes next.
  public static func again(_ options: String...) -> Remedy { Remedy([.again(options, asRoot: false)]) }

  /// The command that was typed, by root.
  public static func asRoot(_ options: String...) -> Remedy { Remedy([.again(options, asRoot: true)]) }

  /// A command of another program.
  public static func run(_ command: Command) -> Remedy { Remedy([.prose(command.line)]) }

  /// A text that is put together elsewhere.
  public static func prose(_ text: String) -> Remedy { Remedy([.prose(text)]) }

  /// Another remedy where this one does not fit.
  public func or(_ other: Remedy) -> Remedy { Remedy(forms + other.forms) }

  /// What is left of it once an instance is gone: the forms that do not name it.
  public func without(_ key: InstanceKey) -> Remedy {
    Remedy(
      forms.filter { form in
        guard case .berth(let words) = form else { return true }
        return !(words.contains(key.app) && words.contains(key.id.text))
      })
  }

  /// The first form as it is, for whoever does not know what was typed.
  public var text: String {
    switch forms.first {
    case .berth(let words): Command("berth", words).line
    case .again(let options, let isByRoot): "\(isByRoot ? "as root" : "add") \(Command(options).line)".trimmed
    case .prose(let text): text
    case nil: ""
    }
  }
}

extension Remedy {
  /// The same with each part cut in its middle where it is longer than so many bytes.
  func bounded(to most: Int) -> Remedy {
    Remedy(
      forms.map { form in
        switch form {
        case .berth(let words): .berth(words.map { $0.bounded(to: most) })
        case .again(let options, let asRoot): .again(options.map { $0.bounded(to: most) }, asRoot: asRoot)
        case .prose(let text): .prose(text.bounded(to: most))
        }
      })
  }
}

extension Command {
  /// Words by themselves, for messages.
  fileprivate init(_ words: [String]) { self.init(words.first ?? "", Array(words.dropFirst())) }
}

extension String {
  fileprivate var trimmed: String { hasSuffix(" ''") ? String(dropLast(3)) : self }
}

extension Remedy: ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self.init([.prose(text)]) }
}

extension Remedy: Hashable, CustomStringConvertible {
  /// Two that say the same are the same.
  public static func == (left: Remedy, right: Remedy) -> Bool { left.text == right.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
  public var description: String { text }
}

extension Remedy: Encodable {
  /// Options for the command that was typed have no meaning without it, so the caller resolves them first. Every other remedy
  /// stands by itself.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    guard case .again = forms.first, let whole = encoder.userInfo[.wholeRemedy] as? @Sendable (Remedy) -> Remedy else {
      return try container.encode(text)
    }
    try container.encode(whole(self).text)
  }
}

extension CodingUserInfoKey {
  /// What makes a remedy whole, a function from a ``Remedy`` to another.
  public static let wholeRemedy: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "berth.whole-remedy") else { preconditionFailure("a plain word") }
    return key
  }()
}

extension Remedy {
  /// A value for a setting.
  public static func setting(_ keys: [String]) -> Remedy {
    Remedy([
      .again(keys.flatMap { ["--set", "\($0)=VALUE"] }, asRoot: false),
      .again(keys.map { "\($0)=VALUE" }, asRoot: false),
      .prose("choose another value for \(keys.map { "'\($0)'" }.joined(separator: ", "))"),
    ])
  }

  /// The values that ``setting(_:)`` asks for, as they are given to an instance that is there: an update takes none.
  package func setting(of key: InstanceKey) -> Remedy {
    let values = forms.lazy.compactMap { form -> [String]? in
      guard case .again(let words, _) = form, words.allSatisfy({ $0.hasSuffix("=VALUE") }) else { return nil }
      return words
    }.first
    guard let values, !values.isEmpty else { return self }
    let others = forms.filter { if case .prose = $0 { false } else { true } }
    return Remedy(others + [.berth(["config", "set", key.app, "--instance", key.id.text] + values)])
  }

  /// Another name for the instance that is made.
  public static var newName: Remedy {
    .again("--instance-name", "NAME").or(.again("--as", "NAME")).or("choose another name")
  }
}
