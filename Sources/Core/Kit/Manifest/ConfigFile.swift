/// One of the app's own config files.
public struct ConfigFile: Sendable, Equatable, Codable {
  public enum Format: String, Sendable, Codable, CaseIterable {
    /// `key = value` lines.
    case properties
    /// `key value` lines with quotes where needed, as Teeworlds and Source read them.
    case words
    /// `KEY="value"` lines that a shell and systemd read alike.
    case env
    /// `key=value` lines in `[sections]`, as Qt and its like read them.
    case ini
    /// Elements with text, and attributes.
    case xml
    /// RFC 8259, without comments.
    case json
    case yaml
    case toml
    /// Unreal Engine's `ini`: sections, keys that may repeat, and lists such as `OptionSettings=(A=1,B="x")`.
    case unreal
    /// A whole file with placeholders, from the plugin's `files/` folder.
    case template
    /// Written by the Swift plugin itself; see ``ConfigFileWriting``.
    case custom
  }

  /// The letters that a program reads, where it does not read UTF-8.
  public enum Encoding: String, Sendable, Codable, CaseIterable {
    /// ISO 8859-1: a byte for each letter of Western Europe.
    case latin1 = "latin-1"
    case ascii
  }

  /// What the Quake III engine takes before the name of a variable. A key of a `words` file may begin with one of them.
  public static let setWords: Set<String> = ["set", "seta", "sets", "setu"]

  /// Who writes a file beside Berth.
  public enum Writer: String, Sendable, Codable, CaseIterable {
    /// The program, as it runs or ends.
    case app
  }

  /// A key that Berth owns, and its value.
  public struct Entry: Sendable, Equatable, Codable {
    /// The keys on the way from the top of the file to the value; never empty.
    public var path: [String]
    public var value: Template
    /// Whether a literal such as `true` or `5` is text even in a format that tells text from numbers.
    public var isText: Bool

    public init(path: [String], _ value: Template, isText: Bool = false) {
      self.path = path
      self.value = value
      self.isText = isText
    }

    /// A key at the top of the file.
    public init(_ key: String, _ value: Template) { self.init(path: [key], value) }

    /// The path as errors name it.
    public var key: String { path.joined(separator: ".") }
  }

  /// The file's name, in the config folder unless ``path`` says otherwise.
  public var id: String
  public var format: Format
  /// How the program reads what is not ASCII; nil for UTF-8.
  public var encoding: Encoding?
  /// A path below `{{paths.config}}` or `{{paths.data}}`.
  public var path: Template?
  /// Keys in document order; a key whose value is an unset optional setting is left out.
  public var values: [Entry]
  /// Keys that are set only where the file does not have them, so that the app or a person may change them later.
  public var initial: [Entry]
  /// The text of a `template`.
  public var template: String?
  /// The service that reads it; nil when it is all services' file. A file of a service that an instance does not have
  /// is not written.
  public var service: String?
  /// Who writes it too. Berth changes such a file only while its services are stopped; nil for Berth alone.
  public var writer: Writer?

  public init(
    _ id: String, _ format: Format, encoding: Encoding? = nil, path: Template? = nil, values: [Entry] = [],
    initial: [Entry] = [], template: String? = nil, service: String? = nil, writtenBy writer: Writer? = nil
  ) {
    self.id = id
    self.format = format
    self.encoding = encoding
    self.path = path
    self.values = values
    self.initial = initial
    self.template = template
    self.service = service
    self.writer = writer
  }

  /// Whether the app writes it too. Keys that are set once are there for it to change.
  public var isWrittenByApp: Bool { writer == .app || !initial.isEmpty }

  /// Where the file lies, in variables.
  public var location: Template { path ?? Template(segments: [.variable("paths.config"), .literal("/\(id)")]) }
}

extension ConfigFile.Format {
  /// How many keys lead to a value; nil where the file is no keys at all.
  var depth: ClosedRange<Int>? {
    switch self {
    case .properties, .words, .env: 1...1
    case .ini: 1...2
    case .unreal: 2...3
    case .xml, .json, .yaml, .toml: 1...Int.max
    case .template, .custom: nil
    }
  }
}

extension ConfigFile.Entry {
  /// The literal's own type, `true`, `5` or `0.5`, where the value is no placeholder and not marked as text.
  public var typedLiteral: Value? {
    guard !isText, let text = value.literalText else { return nil }
    return Value(literal: text)
  }
}

extension Value {
  /// A truth or a number as JSON writes it; nil for any other text.
  init?(literal text: String) {
    if text == "true" || text == "false" {
      self = .boolean(text == "true")
      return
    }
    let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
    let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isNumber =
      parts.count <= 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
    // `007` is more often a word than a number.
    guard isNumber, let whole = parts.first, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return nil }
    // Only what is written again as it was.
    if parts.count == 1, let integer = Int(text), String(integer) == text {
      self = .integer(integer)
    } else if parts.count == 2, let number = Double(text), String(number) == text {
      self = .number(number)
    } else {
      return nil
    }
  }
}
