import BerthKit

/// Manifest × instance → the app's own config files.
public struct ConfigRenderer: Sendable {
  private let plugin: any AppPlugin

  public init(plugin: any AppPlugin) { self.plugin = plugin }

  /// The config files that the manifest declares, without those of services that the instance does not have.
  ///
  /// - Parameter existing: the text that a file has now, by its path. In files of lines with keys, what a person
  ///   wrote beside Berth's own keys is kept; a template and a plugin's own format are always whole.
  /// - Throws: `bad-config-value` when a value cannot be said in the file's format.
  public func files(variables: Variables, existing: (String) throws -> String? = { _ in nil }) throws -> [RenderedFile]
  {
    try plugin.manifest.enabledConfig(variables.settings).map { file in
      guard let path = try variables.text(file.location) else {
        throw BerthError.unsayable("", in: file.id, reason: "its path names an unset setting")
      }
      let names = file.format == .custom ? variables.names : file.values.flatMap(\.value.variables)
      let mentioned = file.format == .template ? variables.names.filter { file.template?.contains($0) == true } : names
      return RenderedFile(
        path: path, text: try text(of: file, variables, try existing(path) ?? ""),
        isSecret: mentioned.contains(where: variables.isSecret), service: file.service)
    }
  }

  private func text(of file: ConfigFile, _ variables: Variables, _ existing: String) throws -> String {
    func merged(_ format: any KeyedText.Format.Type, _ line: (String, Value) throws -> String) throws -> String {
      KeyedText(format: format, owned: try lines(of: file, variables, line)).merged(into: existing)
    }
    switch file.format {
    case .properties: return try merged(PropertiesFormat.self, PropertiesFormat.line)
    case .words: return try merged(WordsFormat.self, WordsFormat.line)
    case .env: return try merged(EnvironmentFormat.self) { "\($0)=\(EnvironmentText.quoted($1.plain))" }
    case .template: return try TemplateFormat.text(file.template ?? "", file: file.id, variables)
    case .custom:
      guard let writer = plugin as? any ConfigFileWriting else {
        throw BerthError.badManifest("the plugin cannot write '\(file.id)'", at: plugin.manifest.id, key: "config")
      }
      return try writer.contents(of: file, with: variables)
    }
  }

  private func lines(
    of file: ConfigFile, _ variables: Variables, _ line: (String, Value) throws -> String
  ) throws -> [KeyedText.Owned] {
    try file.values.map { entry in
      // An unset optional setting leaves its key out, and the program takes its own default.
      guard let value = try variables.resolve(entry.value) else { return KeyedText.Owned(key: entry.key, line: nil) }
      guard !value.plain.hasControlCharacter else {
        throw BerthError.unsayable(entry.key, in: file.id, reason: "it has a control character")
      }
      do { return KeyedText.Owned(key: entry.key, line: try line(entry.key, value)) } catch let refused as Refused {
        throw BerthError.unsayable(entry.key, in: file.id, reason: refused.reason)
      }
    }
  }
}

/// A format cannot say a value.
struct Refused: Error { let reason: String }

/// `key = value`, the value running to the end of the line.
enum PropertiesFormat {
  static func line(_ key: String, _ value: Value) throws -> String {
    let text = value.plain
    // What would begin a longer value in one of the programs that read this format.
    if text.hasPrefix("\"\"\"") || text.hasPrefix("{") || text.hasSuffix("\\") {
      throw Refused(reason: "a value may not begin with \"\"\" or {, nor end with \\")
    }
    if text != text.trimmingSpaces { throw Refused(reason: "a value may not begin or end with a space") }
    return text.isEmpty ? "\(key) =" : "\(key) = \(text)"
  }
}

/// `key value`, the value in quotes unless it is one plain word. Truth is `1` and `0`, as these programs read it.
enum WordsFormat {
  static func line(_ key: String, _ value: Value) throws -> String {
    if case .boolean(let isTrue) = value { return "\(key) \(isTrue ? 1 : 0)" }
    let text = value.plain
    let isPlainWord =
      !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-/:".contains($0)) }
    if isPlainWord { return "\(key) \(text)" }
    return "\(key) \"\(text.backslashing("\\\""))\""
  }
}

extension String {
  var trimmingSpaces: String {
    let tail = drop { $0 == " " }
    return String(tail.reversed().drop { $0 == " " }.reversed())
  }
}
