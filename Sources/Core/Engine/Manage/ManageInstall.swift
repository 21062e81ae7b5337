import BerthKit

/// What an installer of a game panel is told, read from its words.
///
/// Source: the installers that the panel Warlock runs, and its specification of several instances on one host.
public struct ManageInstall: Sendable, Equatable {
  public var id: String?
  public var name: String?
  public var directory: String?
  /// For the app's first port.
  public var port: Int?
  /// Whether the instance is removed instead.
  public var removes = false
  /// Words for Berth itself, such as `--root DIR`.
  public var global: [String] = []

  /// - Parameters:
  ///   - words: everything behind `install`.
  ///   - app: for errors.
  /// - Throws: `bad-manage-word` for a word that nobody knows, or a value that is missing or none.
  public init(_ words: [String], app: String) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      func value() throws -> String {
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
          throw BerthError.badManageWord("'\(parts[0])' needs a value", app: app)
        }
        return value
      }
      switch parts[0] {
      case "--instance-id": id = try value()
      case "--instance-name": name = try value()
      case "--dir": directory = try value()
      case "--port":
        let text = try value()
        guard let number = Int(text), (1...65535).contains(number) else {
          throw BerthError.badManageWord("'--port' takes a number from 1 to 65535, not '\(text)'", app: app)
        }
        port = number
      // Berth asks nothing here, and never touches a firewall.
      case "--non-interactive", "--skip-firewall": break
      case "--uninstall": removes = true
      default:
        if let takesValue = ManageOrder.globals[parts[0]], takesValue || parts.count == 1 {
          global += takesValue ? [parts[0], try value()] : [word]
          continue
        }
        let known = ["--instance-id", "--instance-name", "--dir", "--port", "--uninstall"]
        throw BerthError.badManageWord(
          "an installer knows no '\(word)'"
            + (nearest(to: parts[0], in: known).map { "; did you mean '\($0)'?" } ?? ""), app: app)
      }
    }
  }
}
