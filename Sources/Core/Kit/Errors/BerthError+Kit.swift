extension BerthError {
  /// A folder of plugins that was named when an instance was made, and that others can change by now.
  static func unsafePluginFolder(_ folder: String, app: String, _ place: String) -> BerthError {
    BerthError(
      "unsafe-plugin-folder", .notAllowed,
      "the plugin of '\(app)' in '\(folder)' is not read: others can change '\(place)', and with it what it makes Berth do",
      at: place, remedy: .again("--plugins", folder).or(.run(Command("namei", ["-l", "\(folder)/\(app)"]))))
  }

  // MARK: Plugins from elsewhere

  static func badPluginSource(_ text: String, _ problem: String) -> BerthError {
    BerthError(
      "bad-plugin-source", .usage, "a plugin cannot be taken from '\(printable(text))': \(problem)",
      remedy: .berth("app", "add", "--help"))
  }

  // MARK: Names

  /// No plugin describes that app.
  public static func unknownApp(_ app: String, known: [String]) -> BerthError {
    BerthError(
      "unknown-app", .usage, "there is no app '\(printable(app))'\(nearestPhrase(app, known))",
      remedy: .berth("app", "list")
    )
  }

  /// The id is neither `default` nor a lowercase UUID.
  public static func badInstanceID(_ text: String) -> BerthError {
    BerthError(
      "bad-instance-id", .usage, "'\(printable(text))' is not an instance id: it is 'default' or a lowercase UUID",
      remedy: "leave the id out and Berth makes one")
  }

  /// The name cannot be shown on one line, is empty or too long, or could be taken for an id.
  public static func badInstanceName(_ name: String, _ reason: String) -> BerthError {
    BerthError(
      "bad-instance-name", .usage, "'\(printable(name))' cannot be an instance name: \(reason)",
      remedy: .newName)
  }

  /// The name of a pool is more than one plain word.
  static func badPool(_ text: String) -> BerthError {
    BerthError(
      "bad-pool", .usage, "'\(printable(text))' is not the name of a pool: [a-z][a-z0-9-]{0,31}",
      remedy: .again("--pool", "NAME").or("choose another name"))
  }

  // MARK: Settings

  /// The app declares no such setting.
  public static func unknownSetting(_ key: String, app: String, known: [String]) -> BerthError {
    BerthError(
      "unknown-setting", .usage, "'\(app)' has no setting '\(key)'\(nearestPhrase(key, known))",
      remedy: .berth("app", "show", app))
  }

  /// The same, with what the setting is called by now where the plugin has renamed it.
  public static func unknownSetting(_ key: String, of manifest: Manifest) -> BerthError {
    guard let renamed = manifest.settings.first(where: { $0.formerIDs?.contains(key) == true }) else {
      return unknownSetting(key, app: manifest.id, known: manifest.settings.map(\.id))
    }
    return BerthError(
      "unknown-setting", .usage, "the setting '\(key)' of '\(manifest.id)' is called '\(renamed.id)' now",
      remedy: .berth("app", "show", manifest.id))
  }

  /// The value does not fit what the setting declares.
  public static func badSetting(_ key: String, value: String, expected: String) -> BerthError {
    BerthError(
      "bad-setting", .usage, "'\(printable(value))' does not fit the setting '\(key)': expected \(expected)",
      remedy: .setting([key]))
  }

  /// Settings that must be chosen were not.
  public static func missingSettings(_ keys: [String], app: String) -> BerthError {
    BerthError(
      "missing-setting", .usage,
      "'\(app)' needs a value for \(keys.map { "'\($0)'" }.joined(separator: ", "))",
      remedy: .setting(keys))
  }

  /// The app declares no such port role.
  public static func unknownPortRole(_ role: String, app: String, known: [String]) -> BerthError {
    BerthError(
      "unknown-port-role", .usage, "'\(app)' has no port role '\(role)'\(nearestPhrase(role, known))",
      remedy: .berth("app", "show", app))
  }

  /// A setting that stands in a path of a backup set has a value that is no part of a file's name.
  static func badBackupPath(set: String, variable: String, value: String, isSecret: Bool) -> BerthError {
    BerthError(
      "bad-backup-path", .usage,
      "'{{\(variable)}}' stands in a path of the backup set '\(set)' and cannot be '\(isSecret ? "…" : printable(value))'",
      remedy: variable.hasPrefix("settings.") ? .setting([String(variable.dropFirst("settings.".count))]) : nil)
  }

  // MARK: Plugins

  /// A manifest that cannot be read as one.
  ///
  /// - Parameter place: the file, with the line where it is known.
  public static func badManifest(_ problem: String, at place: String, key: String?, cause: String? = nil) -> BerthError
  {
    let subject = key.map { "'\($0)': " } ?? ""
    var error = BerthError(
      "bad-plugin", .badInput, visible(subject + problem), at: place, remedy: .berth("app", "check", fileOf(place)),
      cause: cause)
    error.key = key
    return error
  }

  /// What a plugin declares and nothing uses. It is allowed, and most often a mistake.
  ///
  /// - Parameter place: the file, with the line where it is known.
  static func unused(_ problem: String, at place: String, key: String?) -> BerthError {
    var error = badManifest(problem, at: place, key: key)
    error.code = "unused"
    return error
  }

  /// A fleet file that cannot be read as one, or that asks for what cannot be.
  ///
  /// - Parameter place: the file, with the line where it is known.
  public static func badFleet(_ problem: String, at place: String, key: String?, cause: String? = nil) -> BerthError {
    let subject = key.map { "'\($0)': " } ?? ""
    return BerthError(
      "bad-fleet", .badInput, visible(subject + problem), at: place, remedy: .berth("plan", "-f", fileOf(place)),
      cause: cause)
  }

  /// The settings of the host cannot be read as such.
  ///
  /// - Parameter place: the file, with the line where it is known.
  public static func badHostConfig(_ problem: String, at place: String, key: String?, cause: String? = nil)
    -> BerthError
  {
    let subject = key.map { "'\($0)': " } ?? ""
    return BerthError(
      "bad-host-config", .badInput, visible(subject + problem), at: place, remedy: "mend \(fileOf(place))", cause: cause
    )
  }

  /// A text with settings that a person has edited cannot be read as such.
  ///
  /// - Parameter place: the file, with the line where it is known.
  public static func badSettings(_ problem: String, at place: String, key: String?, cause: String? = nil)
    -> BerthError
  {
    let subject = key.map { "'\($0)': " } ?? ""
    return BerthError(
      "bad-settings", .badInput, visible(subject + problem), at: place, remedy: "mend \(fileOf(place))", cause: cause)
  }

  /// Two plugins carry one id.
  public static func duplicatePlugin(_ id: String, first: String, second: String) -> BerthError {
    BerthError(
      "duplicate-plugin", .badInput, "two plugins have the id '\(id)': \(first) and \(second)", at: second,
      remedy: "rename or remove one of them")
  }

  /// The app is known but its plugin cannot be used.
  public static func brokenPlugin(_ id: String, _ underlying: BerthError) -> BerthError {
    BerthError(
      "broken-plugin", .badInput, "the plugin of '\(id)' is broken: \(underlying.summary)", at: underlying.location,
      remedy: .berth("app", "check", id), cause: underlying.cause)
  }

  /// There is no file or folder to check.
  /// - Parameter isPath: whether it cannot be the name of an app.
  public static func noPlugin(at path: String, isPath: Bool) -> BerthError {
    BerthError(
      "no-plugin", isPath ? .badInput : .usage,
      isPath
        ? "there is no plugin.yaml at '\(path)'" : "'\(path)' is neither a known app nor a folder with a plugin.yaml",
      at: isPath ? path : nil, remedy: .berth("app", "list"))
  }

  // MARK: Wording

  /// `; did you mean 'x'?` when another known word is near, else nothing.
  public static func nearestPhrase(_ word: String, _ known: [String]) -> String {
    nearest(to: word, in: known.filter { $0 != word }).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Text with control characters made visible, for quoting hostile input in an error.
  package static func printable(_ text: String) -> String { String(visible(text).prefix(120)) }

  private static func visible(_ text: String) -> String {
    guard text.hasControlCharacter else { return text }
    return text.unicodeScalars.map { $0.isControl ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
  }

  private static func fileOf(_ place: String) -> String {
    guard let colon = place.lastIndex(of: ":"), Int(place[place.index(after: colon)...]) != nil else { return place }
    return String(place[..<colon])
  }
}
