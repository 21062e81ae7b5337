import BerthKit

/// One call of a manage script, read from its words.
public struct ManageOrder: Sendable, Equatable {
  /// Nothing but help is asked for when it is nil.
  public var verb: ManageVerb?
  public var operands: [String] = []
  /// The instance; nil for none, which is the same as `default`.
  public var instance: String?
  public var service: String?
  /// Whether all instances of the app are meant, unless a service is named.
  public var isForAll = false
  /// How many backups stay once another one was made; 0 for all, as long as nobody says otherwise.
  public var maxBackups: Int?
  /// Seconds after which whatever may take long is answered, also when it is not over yet.
  public var patience = 20
  /// Whether it was said that everything shall go.
  public var isConfirmed = false
  /// Whether there was no word for the script at all, which is what a person types who wants to be asked.
  public var isBare = true
  /// Words for Berth itself, such as `--root DIR`.
  public var global: [String] = []

  /// Berth's own options, with whether a value follows.
  static let globals: [String: Bool] = GlobalFlag.allCases.reduce(into: [:]) { known, flag in
    known[flag.word] = flag.takesValue
    if let letter = flag.letter { known["-\(letter)"] = flag.takesValue }
  }

  /// Options that say which instances are meant, with whether a value follows.
  static let choices = ["--instance": true, "--all": false]

  /// - Parameters:
  ///   - words: everything behind the app's name.
  ///   - app: for errors.
  /// - Throws: `bad-manage-word` for a word that nobody knows, one verb too many, or a value that is missing or none.
  public init(_ words: [String], app: String) throws {
    var rest = ManageWords(words, app: app)
    while let word = rest.next() {
      // The operands of a subcommand come first: 'restart' may be what the server is told.
      if let verb, operands.count < verb.operands.count, !rest.isOption || isValue(rest) {
        operands.append(rest.whole)
        continue
      }
      switch rest.isOption ? word : "" {
      case "--help", "-h":
        verb = nil
        isBare = false
        return
      case "--instance": instance = try rest.value("an id or a name")
      case "--service": service = try rest.value("a service")
      case "--all": isForAll = true
      case "--confirm": isConfirmed = true
      case "--debug": global.append("--verbose")
      case "--max-backups":
        let text = try rest.value("a number")
        guard let number = Int(text), number >= 0 else {
          throw BerthError.badManageWord("'\(word)' takes a number from 0 on, not '\(text)'", app: app)
        }
        maxBackups = number
      case "--patience":
        let text = try rest.value("a number")
        guard let number = Int(text), (0...86400).contains(number) else {
          throw BerthError.badManageWord("'\(word)' takes 0 to 86400 seconds, not '\(text)'", app: app)
        }
        patience = number
      default:
        if rest.isOption, let takesValue = Self.globals[word] {
          global += takesValue ? [word, try rest.value("a value")] : [word]
        } else if let found = ManageVerb(word: word) {
          if let verb {
            throw BerthError.badManageWord("'\(verb.rawValue)' and '\(word)' exclude each other", app: app)
          }
          verb = found
          // Behind a flag is its value, whatever it looks like.
          for name in found.operands where rest.isOption { operands.append(try rest.value(name)) }
        } else {
          throw Self.unknown(word, app: app)
        }
      }
      try rest.requireNoValue()
    }
    isBare = verb == nil
    // A panel's shell drops an empty value, by which it clears a setting.
    if verb == .setConfig, operands.count == 1, service != nil { operands.append("") }
    try check(app)
  }

  /// Whether a word that looks like an option is the last operand. A panel puts it there as somebody typed it, behind the service
  /// or the first operand, and behind all that it says itself.
  private func isValue(_ rest: ManageWords) -> Bool {
    guard let verb, rest.left.isEmpty, operands.count == verb.operands.count - 1 else { return false }
    return service != nil || !operands.isEmpty && !["--help", "-h"].contains(rest.whole)
  }

  private func check(_ app: String) throws {
    guard maxBackups == nil || verb == .backup else {
      throw BerthError.badManageWord("'--max-backups' goes with a backup", app: app)
    }
    guard !isConfirmed || verb == .remove else {
      throw BerthError.badManageWord("'--confirm' goes with remove", app: app)
    }
    guard let verb else { return }
    guard operands.count == verb.operands.count else {
      throw BerthError.badManageWord(
        "'\(verb.rawValue)' needs \(verb.operands.joined(separator: " and "))", app: app)
    }
    guard ![.createService, .removeService].contains(verb) || service != nil else {
      throw BerthError.badManageWord("'\(verb.rawValue)' needs --service", app: app)
    }
  }

  private static func unknown(_ word: String, app: String) -> BerthError {
    let known = ManageVerb.allCases.flatMap(\.words).map { word.hasPrefix("-") ? "--\($0)" : $0 }
    let near = BerthError.nearestPhrase(word, known)
    return BerthError.badManageWord("there is no '\(word)'\(near)", app: app)
  }

  /// What is asked for; nil for help.
  ///
  /// - Throws: `bad-manage-word` for what the app cannot do.
  public func verb(of manifest: Manifest) throws -> ManageVerb? {
    guard let verb, !verb.isAvailable(manifest) else { return verb }
    throw BerthError.badManageWord("'\(manifest.id)' has no '\(verb.rawValue)'", app: manifest.id)
  }
}

/// Words one by one, with the value of an option behind it or behind `=`.
struct ManageWords {
  private let app: String
  private var rest: ArraySlice<String>
  private var word = ""
  private var inline: String?
  /// Whether `--` was said, behind which nothing is an option.
  private var isVerbatim = false
  /// Whether the last word is an option.
  private(set) var isOption = false

  init(_ words: [String], app: String) {
    rest = words[...]
    self.app = app
  }

  /// The next word, without the value that an option has behind `=`; nil at the end.
  mutating func next() -> String? {
    guard var text = rest.popFirst() else { return nil }
    // With nothing behind it, it is a word as any other.
    if text == "--", !isVerbatim {
      isVerbatim = true
      text = rest.popFirst() ?? text
    }
    inline = nil
    // '-' and '-1' are values.
    let second = text.dropFirst().first
    isOption = !isVerbatim && text.hasPrefix("-") && second != nil && second?.isNumber == false
    word = text
    if isOption, text.hasPrefix("--"), let equals = text.firstIndex(of: "=") {
      word = String(text[..<equals])
      inline = String(text[text.index(after: equals)...])
    }
    return word
  }

  /// The value of the option that was read last: what is behind `=`, or the next word, whatever that looks like.
  mutating func value(_ name: String) throws -> String {
    if let text = inline {
      inline = nil
      return text
    }
    guard let value = rest.popFirst() else {
      throw BerthError.badManageWord("'\(word)' needs \(name) behind it", app: app)
    }
    return value
  }

  /// Makes sure that nothing is behind the `=` of an option that takes nothing.
  func requireNoValue() throws {
    if inline != nil { throw BerthError.badManageWord("'\(word)' takes no value", app: app) }
  }

  /// The last word with what stands behind its `=`.
  var whole: String { inline.map { "\(word)=\($0)" } ?? word }

  /// What has not been read yet.
  var left: [String] { Array(rest) }
}

extension BerthError {
  /// What a manage script was told and does not understand.
  public static func badManageWord(_ problem: String, app: String) -> BerthError {
    BerthError("bad-manage-word", .usage, problem, remedy: .berth("manage", app, "--help"))
  }
}
