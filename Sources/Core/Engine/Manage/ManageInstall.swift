import BerthKit

/// What an installer of a game panel is told, read from its words.
///
/// Source: the installers that the panel Warlock runs, and its specification of several instances on one host.
public struct ManageInstall: Sendable, Equatable {
  public var id: String?
  public var name: String?
  /// A service of the instance, such as `app@id`.
  public var service: String?
  public var directory: String?
  /// For the app's first port.
  public var port: Int?
  /// Whether the instance is removed instead.
  public var removes = false
  /// Whether the script speaks for all instances of the app.
  public var isForAll = false
  /// Words for Berth itself, such as `--root DIR`.
  public var global: [String] = []

  /// The words of an installer, where `install` is the first word that is no option; nil where a manage script is meant.
  public static func words(in words: [String], app: String) -> [String]? {
    var rest = ManageWords(words, app: app)
    while let word = rest.next() {
      guard rest.isOption else {
        guard word == "install" else { return nil }
        return Array(words.dropLast(rest.left.count + 1)) + rest.left
      }
      guard let takesValue = ManageOrder.globals[word] ?? ManageOrder.choices[word] else { return nil }
      if takesValue, (try? rest.value("a value")) == nil { return nil }
    }
    return nil
  }

  /// - Parameters:
  ///   - words: everything but `install`.
  ///   - app: for errors.
  /// - Throws: `bad-manage-word` for a word that nobody knows, or a value that is missing or none.
  public init(_ words: [String], app: String) throws {
    var rest = ManageWords(words, app: app)
    while let word = rest.next() {
      func value() throws -> String {
        let value = try rest.value("a value")
        guard !value.isEmpty else { throw BerthError.badManageWord("'\(word)' needs a value", app: app) }
        return value
      }
      switch rest.isOption ? word : "" {
      case "--instance-id", "--instance": id = try value()
      case "--instance-name": name = try value()
      case "--service": service = try value()
      case "--all": isForAll = true
      case "--dir": directory = try value()
      case "--port":
        let text = try value()
        guard let number = Int(text), (1...65535).contains(number) else {
          throw BerthError.badManageWord("'--port' takes a number from 1 to 65535, not '\(text)'", app: app)
        }
        port = number
      // Berth asks nothing here, and never touches a firewall.
      case "--non-interactive", "--skip-firewall": break
      // The branch of the repository that a script comes from. These are Berth's own.
      case "--branch": _ = try value()
      case "--uninstall": removes = true
      case "--debug": global.append("--verbose")
      default:
        guard rest.isOption, let takesValue = ManageOrder.globals[word] else {
          let known = ["--instance-id", "--instance-name", "--service", "--dir", "--port", "--branch", "--uninstall"]
          throw BerthError.badManageWord(
            "an installer knows no '\(word)'" + BerthError.nearestPhrase(word, known),
            app: app)
        }
        global += takesValue ? [word, try value()] : [word]
      }
      try rest.requireNoValue()
    }
  }
}
