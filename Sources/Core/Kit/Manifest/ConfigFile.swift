/// A file of the app that Berth writes.
public struct ConfigFile: Sendable, Equatable, Codable {
  public enum Format: String, Sendable, Codable, CaseIterable {
    /// `key = value` lines.
    case properties
    /// `key value` lines with quotes where needed, as Teeworlds and Source read them.
    case words
    /// `KEY="value"` lines that a shell and systemd read alike.
    case env
    /// A whole file with placeholders, from the plugin's `files/` folder.
    case template
    /// Written by the Swift plugin itself; see ``ConfigFileWriting``.
    case custom
  }

  public struct Entry: Sendable, Equatable, Codable {
    public var key: String
    public var value: Template

    public init(_ key: String, _ value: Template) {
      self.key = key
      self.value = value
    }
  }

  /// The file's name, in the config folder unless ``path`` says otherwise.
  public var id: String
  public var format: Format
  /// A path below `{{paths.config}}` or `{{paths.data}}`.
  public var path: Template?
  /// Keys in document order; a key whose value is an unset optional setting is left out.
  public var values: [Entry]
  /// The text of a `template`.
  public var template: String?
  /// The service that reads it; nil when it is all services' file. A file of a service that an instance does not have
  /// is not written.
  public var service: String?

  public init(
    _ id: String, _ format: Format, path: Template? = nil, values: [Entry] = [], template: String? = nil,
    service: String? = nil
  ) {
    self.id = id
    self.format = format
    self.path = path
    self.values = values
    self.template = template
    self.service = service
  }

  /// Where the file lies, in variables.
  public var location: Template { path ?? Template(segments: [.variable("paths.config"), .literal("/\(id)")]) }
}
