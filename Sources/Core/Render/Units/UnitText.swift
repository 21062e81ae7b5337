import BerthKit

/// Quoting for unit files, by systemd.syntax(7) and systemd.service(5).
enum UnitText {
  /// A literal in a value that knows specifiers: `%` doubles.
  static func literal(_ text: String) -> String {
    text.unicodeScalars.map { $0 == "%" ? "%%" : String($0) }.joined()
  }

  /// A literal piece of a word in double quotes, in a line that knows specifiers but no variables (`Environment`).
  static func quotedPiece(_ text: String) -> String { literal(text).backslashing("\"\\") }

  /// A literal piece of an argument of `ExecStart`: neither a specifier nor a variable nor a quote may start in it.
  static func argumentPiece(_ text: String) -> String {
    // By scalars, since to Swift a quote with an accent above it is a character of its own.
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "%", "$": "\(scalar)\(scalar)"
      case "\\", "\"": "\\\(scalar)"
      default: String(scalar)
      }
    }.joined()
  }

  /// A literal as one whole argument of `ExecStart`.
  static func word(_ text: String) -> String { "\"\(argumentPiece(text))\"" }

  /// A path in a list of paths (`BindPaths` and its like), quoted whole. Such a path holds no colon; see ScopeResolver.
  static func listed(_ path: String) -> String {
    path.contains(" ") ? "\"\(path)\"" : path
  }

  /// The environment variable that carries a manifest variable: `ports.game` is `BERTH_PORTS_GAME`.
  ///
  /// A dash becomes two underscores, so that no two names meet.
  static func environmentName(_ variable: String) -> String {
    "BERTH_" + variable.replacing("-", with: "__").replacing(".", with: "_").uppercased()
  }

  /// The same of a placeholder; nil of literal text. A filter stands behind in lowercase, which no name is.
  static func environmentName(_ placeholder: Template.Segment) -> String? {
    switch placeholder {
    case .literal: nil
    case .variable(let name): environmentName(name)
    case .filtered(let name, let filter): "\(environmentName(name))_\(filter.rawValue)"
    }
  }
}
