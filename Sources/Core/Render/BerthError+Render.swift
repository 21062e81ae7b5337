import BerthKit

extension BerthError {
  /// A value that a config file's format cannot hold.
  static func unsayable(_ key: String, in file: String, reason: String) -> BerthError {
    BerthError(
      "bad-config-value", .usage, "the value of '\(key)' cannot stand in \(file): \(reason)",
      remedy: "choose another value for the setting behind '\(key)'")
  }
}
