import BerthKit

/// One call of a manage script, read from its words.
public struct ManageOrder: Sendable, Equatable {
  /// Nothing but help is asked for when it is nil.
  public var verb: ManageVerb?
  public var operands: [String] = []
  /// The instance; nil for none, which is the same as `default`.
  public var instance: String?
  public var service: String?
  /// How many backups stay once another one was made.
  public var maxBackups: Int?
  /// Words for Berth itself, such as `--root DIR`.
  public var global: [String] = []

  /// Berth's own options, with whether a value follows.
  static let globals: [String: Bool] = GlobalFlag.allCases.reduce(into: [:]) { known, flag in
    known[flag.word] = flag.takesValue
    if let letter = flag.letter { known["-\(letter)"] = flag.takesValue }
  }

  /// - Parameters:
  ///   - words: everything behind the app's name.
  ///   - app: for errors.
  /// - Throws: `bad-manage-word` for a word that nobody knows, one verb too many, or a value that is missing or none.
  public init(_ words: [String], app: String) throws {
    let verbs = ManageVerb.allCases
    var rest = words[...]
    func value(of word: String, _ name: String) throws -> String {
      guard let value = rest.popFirst() else {
        throw BerthError.badManageWord("'\(word)' needs \(name) behind it", app: app)
      }
      return value
    }
    while let word = rest.popFirst() {
      // What follows a word is its value, whatever it looks like.
      switch word {
      case "--help", "-h":
        verb = nil
        return
      case "--instance": instance = try value(of: word, "an id or a name")
      case "--service": service = try value(of: word, "a service")
      case "--debug": global.append("--verbose")
      case "--max-backups":
        let text = try value(of: word, "a number")
        guard let number = Int(text), number > 0 else {
          throw BerthError.badManageWord("'\(word)' takes a number from 1 on, not '\(text)'", app: app)
        }
        maxBackups = number
      default:
        if let takesValue = Self.globals[word] {
          global += takesValue ? [word, try value(of: word, "a value")] : [word]
        } else if let found = verbs.first(where: { word == $0.rawValue || word == "--\($0.rawValue)" }) {
          if let verb {
            throw BerthError.badManageWord("'\(verb.rawValue)' and '\(word)' exclude each other", app: app)
          }
          verb = found
          for name in found.operands where word.hasPrefix("-") { operands.append(try value(of: word, name)) }
        } else if let verb, operands.count < verb.operands.count, !word.hasPrefix("-") || word == "-" {
          operands.append(word)
        } else {
          let known = verbs.map { word.hasPrefix("-") ? "--\($0.rawValue)" : $0.rawValue }
          let near = nearest(to: word, in: known).map { "; did you mean '\($0)'?" } ?? ""
          throw BerthError.badManageWord("there is no '\(word)'\(near)", app: app)
        }
      }
    }
    guard let verb else { return }
    guard operands.count == verb.operands.count else {
      throw BerthError.badManageWord(
        "'\(verb.rawValue)' needs \(verb.operands.joined(separator: " and "))", app: app)
    }
    guard ![.createService, .removeService].contains(verb) || service != nil else {
      throw BerthError.badManageWord("'\(verb.rawValue)' needs --service", app: app)
    }
    guard maxBackups == nil || verb == .backup else {
      throw BerthError.badManageWord("'--max-backups' goes with a backup", app: app)
    }
  }
}

extension ManageOrder {
  /// What is asked for; nil for help.
  ///
  /// - Throws: `bad-manage-word` for what the app cannot do.
  public func verb(of manifest: Manifest) throws -> ManageVerb? {
    guard let verb, !verb.isAvailable(manifest) else { return verb }
    throw BerthError.badManageWord("'\(manifest.id)' has no '\(verb.rawValue)'", app: manifest.id)
  }

  /// The help in the form of Python's argparse, by which panels find out what a script can do.
  public static func help(_ manifest: Manifest, version: String) -> String {
    let options = [
      ("-h, --help", "show this help message and exit"), ("--debug", "say every step"),
      ("--instance INSTANCE", "the instance: its id or its name; 'default' unless it is said"),
      ("--service SERVICE", "only this service of it"),
      ("--max-backups MAX_BACKUPS", "with --backup: keep no more than so many"),
    ]
    let verbs = ManageVerb.allCases.filter { $0.isAvailable(manifest) }.map { verb in
      (([" --\(verb.rawValue)"] + verb.operands).joined(separator: " ").dropFirst().description, verb.help)
    }
    let lines = (options + verbs).map { word, help in
      word.count > 28
        ? "  \(word)\n\(String(repeating: " ", count: 32))\(help)"
        : "  \(word)\(String(repeating: " ", count: 30 - word.count))\(help)"
    }
    return """
      usage: manage [--instance INSTANCE] [--service SERVICE] OPTION

      \(manifest.name), managed by Berth \(version). Each option is a subcommand too, without its dashes.

      options:
      \(lines.joined(separator: "\n"))
      """
  }
}

extension BerthError {
  /// What a manage script was told and does not understand.
  public static func badManageWord(_ problem: String, app: String) -> BerthError {
    BerthError("bad-manage-word", .usage, problem, remedy: .berth("manage", app, "--help"))
  }
}
