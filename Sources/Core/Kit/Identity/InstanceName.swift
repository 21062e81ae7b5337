/// A person's name for an instance, unique per app on a host, and its filesystem-safe slug.
public struct InstanceName: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The name as given: one line of 1 to 64 characters.
  public let text: String

  /// Takes a name as given by a person or a script.
  ///
  /// - Throws: `bad-instance-name` when it is empty, too long, not printable on one line, or could be taken for an id.
  public init(_ text: String) throws {
    func refuse(_ reason: String) -> BerthError { .badInstanceName(text, reason) }
    guard !text.isEmpty else { throw refuse("it is empty") }
    guard text.count <= 64 else { throw refuse("it is longer than 64 characters") }
    guard !text.hasControlCharacter else { throw refuse("it has a control character") }
    guard !text.unicodeScalars.contains(where: VisibleText.isUnseen) else {
      throw refuse("it has a character that cannot be seen or turns the direction of what follows")
    }
    guard text.first != " ", text.last != " " else { throw refuse("it begins or ends with a space") }
    guard text != "default", !Self.couldBeIDPrefix(text) else { throw refuse("it could be taken for an instance id") }
    self.text = text
  }

  /// The name that an instance has when a person gave none: `default`, or the first group of its UUID.
  public init(automaticFor id: InstanceID) {
    text = id == .default ? "default" : String(id.text.prefix(8))
  }

  /// Takes a name that is known to be right, as one read back from the registry.
  public init(unchecked text: String) { self.text = text }

  public var description: String { text }

  public init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// Lowercase ASCII letters, digits and single dashes, at most 40 of them; `instance` when nothing is left.
  ///
  /// - Parameter taken: slugs of the app's other instances; a number is added until the slug is none of them.
  public func slug(avoiding taken: Set<String>) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let joined = words.isEmpty ? "instance" : words.joined(separator: "-")
    // A cut may end behind a dash.
    func shortened(by count: Int) -> String { joined.prefix(40 - count).trimming("-") }
    func numbered(_ number: Int) -> String { shortened(by: "-\(number)".count) + "-\(number)" }
    let plain = shortened(by: 0)
    guard taken.contains(plain) else { return plain }
    // A thousand names may want one slug: the first free number is found in steps that double, and then by halves.
    var (last, next) = (1, 2)
    while taken.contains(numbered(next)) { (last, next) = (next, next * 2) }
    while next - last > 1 {
      let middle = (last + next) / 2
      if taken.contains(numbered(middle)) { last = middle } else { next = middle }
    }
    return numbered(next)
  }

  private static func couldBeIDPrefix(_ text: String) -> Bool {
    text.utf8.count >= 8 && text.utf8.allSatisfy { InstanceID.isLowercaseHex($0) || $0 == UInt8(ascii: "-") }
  }
}

extension String {
  /// Whether a newline, NUL or another control character is in the text, or a byte that is not UTF-8 (``RawText``).
  public var hasControlCharacter: Bool { unicodeScalars.contains(where: \.isControl) }
}

extension Unicode.Scalar {
  /// Whether it is a control character, one of the two that end a line or paragraph, or a byte that is not UTF-8.
  var isControl: Bool {
    properties.generalCategory == .control || value == 0x2028 || value == 0x2029 || RawText.byte(of: self) != nil
  }
}
