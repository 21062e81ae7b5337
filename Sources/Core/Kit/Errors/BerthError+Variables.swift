/// Why an instance cannot have a variable of its own.
extension BerthError {
  static func badVariable(_ key: String) -> BerthError {
    BerthError(
      "bad-variable", .usage,
      "'\(printable(key))' is no variable: expected env.NAME, or env.NAME@SERVICE for one service, with letters, digits, "
        + "'_', '.' and '-' in NAME",
      remedy: .setting(["env.NAME"]))
  }

  static func noContainers(_ key: String, app: String) -> BerthError {
    BerthError(
      "bad-variable", .usage,
      "'\(app)' cannot have '\(key)': it runs no containers, and its programs have the environment that the plugin says",
      remedy: .berth("app", "show", app))
  }

  static func unknownContainer(_ key: String, _ service: String, of app: String, known: [String]) -> BerthError {
    BerthError(
      "bad-variable", .usage,
      "'\(app)' cannot have '\(key)': it has no container '\(service)'\(nearestPhrase(service, known))",
      remedy: .berth("app", "show", app))
  }

  /// It would take the place of what the plugin says.
  static func variableOfPlugin(_ key: String, _ service: Service, app: String) -> BerthError {
    let name = OwnVariable(key: key)?.name ?? key
    let settings = service.environment.filter { $0.name == name }.flatMap(\.value.variables).compactMap { variable in
      variable.hasPrefix("settings.") ? String(variable.dropFirst("settings.".count)) : nil
    }
    let source = settings.map { "'\($0)'" }.joined(separator: " and ")
    return BerthError(
      "bad-variable", .usage,
      "'\(app)' cannot have '\(key)': the plugin itself sets \(name) of '\(service.id)'"
        + (settings.isEmpty ? "" : ", by the setting \(source)"),
      remedy: settings.isEmpty ? .berth("app", "show", app) : .setting(settings))
  }
}
