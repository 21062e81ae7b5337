import BerthKit

extension BerthError {
  /// A value that no form of `.env` keeps for a shell and for Compose.
  static func badEnvironmentValue(_ name: String) -> BerthError {
    BerthError(
      "bad-env-value", .usage,
      "the value of '\(name)' cannot stand in .env: it has a backquote beside a single quote or a final '\\'",
      remedy: "choose another value for the setting behind '\(name)'")
  }

  /// A value that a config file's format cannot hold.
  static func unsayable(_ key: String, in file: String, reason: String) -> BerthError {
    BerthError(
      "bad-config-value", .usage, "the value of '\(key)' cannot stand in \(file): \(reason)",
      remedy: "choose another value for the setting behind '\(key)'")
  }

  /// Settings make no sound route.
  static func badRoute(_ route: String, _ problem: String) -> BerthError {
    BerthError(
      "bad-route", .usage, "the route '\(route)' cannot be: \(problem)",
      remedy: "choose another value for the setting behind it")
  }

  /// A config file that the app or a person has broken. It is left as it is.
  static func brokenConfigFile(_ file: String, line: Int, format: String, problem: String) -> BerthError {
    BerthError(
      "broken-config-file", .badInput, "'\(file)' cannot be read as \(format): \(problem)", at: "\(file):\(line)",
      remedy: "mend line \(line) of \(file)")
  }
}
