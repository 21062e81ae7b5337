/// The text of a file with all its bytes, also those that are not UTF-8.
///
/// Servers keep files in encodings of their own. Such a byte becomes one character of Unicode's last private block
/// (U+10FF80 to U+10FFFF), and the byte again where the text is written. Where a file has these characters themselves,
/// each of their bytes is taken so. Hence ``bytes(of:)`` gives back what ``text(of:)`` took, whatever it was.
public enum RawText {
  private static let block: ClosedRange<UInt32> = 0x10FF80...0x10FFFF
  private static let offset: UInt32 = 0x10FF00

  /// The text that these bytes are.
  public static func text(of bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !hasRawBytes(text) { return text }
    var text = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var place = 0
    while true {
      let length: Int
      switch parser.parseScalar(from: &rest) {
      case .emptyInput: return String(text)
      case .error(let count): length = count
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        guard isRawByte(scalar) else {
          text.append(scalar)
          place += encoded.count
          continue
        }
        length = encoded.count
      }
      for byte in bytes[place..<(place + length)] {
        if let scalar = Unicode.Scalar(offset + UInt32(byte)) { text.append(scalar) }
      }
      place += length
    }
  }

  /// The bytes that a text stands for.
  public static func bytes(of text: String) -> [UInt8] {
    guard hasRawBytes(text) else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let byte = byte(of: scalar) { bytes.append(byte) } else { bytes += Array(String(scalar).utf8) }
    }
    return bytes
  }

  /// The byte that a character stands for; nil for a character of the text itself.
  public static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    isRawByte(scalar) ? UInt8(truncatingIfNeeded: scalar.value) : nil
  }

  /// The line, from 1, of the first byte that is not UTF-8; nil where there is none.
  public static func lineOfRawByte(in text: String) -> Int? {
    guard hasRawBytes(text) else { return nil }
    return 1 + text.unicodeScalars.prefix { !isRawByte($0) }.count { $0 == "\n" }
  }

  private static func isRawByte(_ scalar: Unicode.Scalar) -> Bool { block.contains(scalar.value) }

  /// Whether a character of the block stands in a text; F4 begins each of them in UTF-8, and hardly another one.
  private static func hasRawBytes(_ text: String) -> Bool {
    text.utf8.contains(0xF4) && text.unicodeScalars.contains(where: isRawByte)
  }
}

extension String {
  /// Whether two texts are the same bytes. To Swift, letters with their accents apart are the same as joined ones.
  public func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  /// The text without the mark that some editors put at the beginning of a file.
  public var withoutByteOrderMark: String {
    utf8.starts(with: "\u{FEFF}".utf8) ? String(unicodeScalars.dropFirst()) : self
  }
}
