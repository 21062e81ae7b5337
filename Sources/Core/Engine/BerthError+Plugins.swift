import BerthKit

/// Plugins from elsewhere.
extension BerthError {
  static func alreadyAdded(_ app: String, from source: String) -> BerthError {
    BerthError(
      "app-exists", .conflict, "the plugin '\(app)' was added already, from '\(printable(source))'",
      remedy: .berth("app", "update", app))
  }

  static func notAdded(_ app: String, at origin: String) -> BerthError {
    BerthError(
      "not-added", .conflict, "the plugin '\(app)' was not taken from elsewhere", at: origin,
      remedy: .berth("app", "list"))
  }

  static func otherPlugin(_ found: String, wanted: String, from source: String) -> BerthError {
    BerthError(
      "other-plugin", .conflict, "'\(printable(source))' has the plugin '\(found)', and '\(wanted)' is to be updated",
      at: source, remedy: .berth("app", "add", source))
  }

  static func olderPlugin(_ app: String, _ version: String, than former: String) -> BerthError {
    BerthError(
      "older-plugin", .conflict,
      "version \(printable(version)) of the plugin '\(app)' is older than \(printable(former)), which is there",
      remedy: .again("--overwrite"))
  }

  static func pluginEdited(_ app: String, _ folder: String) -> BerthError {
    BerthError(
      "plugin-edited", .conflict, "somebody has changed the plugin '\(app)' since it was added", at: folder,
      remedy: .again("--overwrite"))
  }

  static func appInUse(_ app: String, _ instances: [String]) -> BerthError {
    let names = instances.prefix(5).joined(separator: ", ") + (instances.count > 5 ? ", …" : "")
    return BerthError(
      "app-in-use", .conflict, "the plugin '\(app)' has instances: \(names)", remedy: .berth("remove", app, "--all"))
  }

  static func optionOfAnotherSource(_ option: String, _ kind: String, _ source: String) -> BerthError {
    BerthError(
      "bad-plugin-source", .usage, "\(option) goes with \(kind), and '\(printable(source))' is none",
      remedy: .berth("app", "add", "--help"))
  }

  static func noChecksum(_ address: String, found: String) -> BerthError {
    BerthError(
      "no-checksum", .usage,
      "what comes from a server is taken by its checksum alone; '\(printable(address))' has the SHA-256 \(found)",
      at: address, remedy: "compare it with what its author says, then add --sha256 \(found)")
  }

  static func wrongPluginSum(_ place: String, found: String, wanted: String) -> BerthError {
    BerthError(
      "wrong-checksum", .badInput,
      "'\(printable(place))' has the SHA-256 \(found), and \(printable(wanted)) is wanted", at: place,
      remedy: "compare it with what its author says, then name it by --sha256")
  }

  static func noIndex(_ config: String, for name: String? = nil) -> BerthError {
    let what = name.map { "'\(printable($0))' would be looked up by its name, and " } ?? ""
    return BerthError(
      "no-index", .usage, "\(what)the host knows no index of plugins", at: config,
      remedy: name.map { "to take a folder, write ./\(printable($0)); an index stands under 'indexes' in \(config)" }
        ?? "name one under 'indexes' in \(config)")
  }

  static func notInIndex(_ name: String, known: [String]) -> BerthError {
    BerthError(
      "not-in-index", .usage, "no index has a plugin '\(printable(name))'\(nearestPhrase(name, known))",
      remedy: .berth("app", "list", "--available"))
  }
}
