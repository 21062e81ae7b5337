import BerthKit

/// Manifest × instance → the app's own config files.
public struct ConfigRenderer: Sendable {
  private let plugin: any AppPlugin

  public init(plugin: any AppPlugin) { self.plugin = plugin }

  /// The config files that the manifest declares, without those of services that the instance does not have.
  ///
  /// - Parameters:
  ///   - replacesBroken: whether a text that is not what its format says counts as none.
  ///   - existing: the text that a file has now, by its path. In files with keys, what a person or the app wrote beside
  ///     Berth's own keys is kept; a template and a plugin's own format are always whole.
  /// - Throws: `bad-config-value` when a value cannot be said in the file's format, `broken-config-file` when an existing
  ///   file is not what its format says.
  public func files(
    variables: Variables, replacesBroken: Bool = false, existing: (String) throws -> String? = { _ in nil }
  ) throws -> [RenderedFile] {
    try plugin.manifest.enabledConfig(variables.settings).map { file in
      guard let path = try variables.text(file.location) else {
        throw BerthError.unsayable("", in: file.id, reason: "its path names an unset setting")
      }
      let former = try existing(path) ?? ""
      let edits = try edits(of: file, variables)
      var isBroken = false
      let text: String
      do { text = try self.text(of: file, edits, variables, path: path, existing: former) } catch let error
        as BerthError
        where replacesBroken && error.code == "broken-config-file"
      {
        isBroken = true
        text = try self.text(of: file, edits, variables, path: path, existing: "")
      }
      return RenderedFile(
        path: path, text: text, isSecret: mentioned(in: file, variables).contains(where: variables.isSecret),
        service: file.service, edits: edits, isWrittenByApp: file.isWrittenByApp, replacesBroken: isBroken)
    }
  }

  /// The names that may stand in the file's text.
  private func mentioned(in file: ConfigFile, _ variables: Variables) -> [String] {
    switch file.format {
    case .custom: variables.names
    case .template: variables.names.filter { file.template?.contains($0) == true }
    default: (file.values + file.initial).flatMap(\.value.variables)
    }
  }

  /// What is set in a file with keys; nil for one that is written whole.
  private func edits(of file: ConfigFile, _ variables: Variables) throws -> ConfigEdits? {
    guard file.format != .template, file.format != .custom else { return nil }
    // An unset optional setting leaves its key out, and the program takes its own default.
    func assignment(_ entry: ConfigFile.Entry, isInitial: Bool) throws -> ConfigAssignment {
      let literal = file.format.hasTypes ? entry.typedLiteral : nil
      return ConfigAssignment(entry.path, try literal ?? variables.resolve(entry.value), isInitial: isInitial)
    }
    return ConfigEdits(
      id: file.id, format: file.format, encoding: file.encoding,
      assignments: try file.values.map { try assignment($0, isInitial: false) }
        + file.initial.map { try assignment($0, isInitial: true) })
  }

  private func text(
    of file: ConfigFile, _ edits: ConfigEdits?, _ variables: Variables, path: String, existing: String
  ) throws -> String {
    if let edits { return try ConfigText.applying(edits, to: existing, file: path) }
    guard file.format == .custom else {
      return try encoded(TemplateFormat.text(file.template ?? "", file: file.id, variables), file, variables)
    }
    guard let writer = plugin as? any ConfigFileWriting else {
      throw BerthError.badManifest("the plugin cannot write '\(file.id)'", at: plugin.manifest.id, key: "config")
    }
    return try encoded(writer.contents(of: file, with: variables), file, variables)
  }

  /// A whole file's text in its program's encoding.
  private func encoded(_ text: String, _ file: ConfigFile, _ variables: Variables) throws -> String {
    guard let encoding = file.encoding else { return text }
    do { return RawText.text(of: RawText.bytes(of: try encoding.encoded(text))) } catch let refused as Refused {
      let name = mentioned(in: file, variables).first { name in
        variables[name].map { (try? encoding.encoded($0.plain)) == nil } ?? false
      }
      throw BerthError.unsayable(name ?? file.id, in: file.id, reason: refused.reason)
    }
  }
}
