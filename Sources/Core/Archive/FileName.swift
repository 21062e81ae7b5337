import BerthFiles

/// Names in the spelling of mtree(5): `\ooo` for every byte that is no plain character.
enum FileName {
  static func isPlain(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "=")
  }

  static func append(_ name: some Sequence<UInt8>, to text: inout Bytes) {
    for byte in name {
      if isPlain(byte) {
        text.append(byte)
      } else {
        text.append(UInt8(ascii: "\\"))
        text.append(0x30 + (byte >> 6))
        text.append(0x30 + (byte >> 3 & 7))
        text.append(0x30 + (byte & 7))
      }
    }
  }

  /// The spelling as text.
  static func text(_ name: some Sequence<UInt8>) -> String {
    var bytes = Bytes()
    append(name, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The name that is spelled so; nil where the spelling is not the one that ``append(_:to:)`` makes.
  static func bytes(_ spelled: UnsafeRawBufferPointer) -> Bytes? {
    var name = Bytes()
    name.reserveCapacity(spelled.count)
    var at = 0
    while at < spelled.count {
      let byte = spelled[at]
      if isPlain(byte) {
        name.append(byte)
        at += 1
        continue
      }
      guard byte == UInt8(ascii: "\\"), let value = octal(spelled, at + 1), value != 0, !isPlain(value) else {
        return nil
      }
      name.append(value)
      at += 4
    }
    return name
  }

  /// What a person types: plain text, in which a byte may be spelled as here (`\364`) or as ``VisibleText`` shows it (`\xf4`).
  ///
  /// Any other backslash is one. In a name that has such a spelling itself, its backslash is doubled: `\\xf4`.
  static func bytes(typed text: String) -> Bytes {
    Array(text.utf8).withUnsafeBytes { text in
      var name = Bytes()
      var at = 0
      while at < text.count {
        if text[at] == backslash, let (value, end) = spelled(text, at + 1) {
          name.append(value)
          at = end
        } else {
          name.append(text[at])
          at +=
            text[at] == backslash && at + 1 < text.count && text[at + 1] == backslash && spelled(text, at + 2) != nil
            ? 2 : 1
        }
      }
      return name
    }
  }

  private static let backslash = UInt8(ascii: "\\")

  /// The byte that is spelled behind a backslash, and where the spelling ends.
  private static func spelled(_ text: UnsafeRawBufferPointer, _ at: Int) -> (value: UInt8, end: Int)? {
    if let value = octal(text, at), value != 0 { return (value, at + 3) }
    guard at + 3 <= text.count, text[at] == UInt8(ascii: "x") else { return nil }
    let digits = text[(at + 1)..<(at + 3)]
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    guard let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), value != 0 else { return nil }
    return (value, at + 3)
  }

  private static func octal(_ text: UnsafeRawBufferPointer, _ at: Int) -> UInt8? {
    guard at + 3 <= text.count else { return nil }
    var value = 0
    for digit in text[at..<(at + 3)] {
      guard (0x30...0x37).contains(digit) else { return nil }
      value = value << 3 | Int(digit - 0x30)
    }
    return UInt8(exactly: value)
  }
}
