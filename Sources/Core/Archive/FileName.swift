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

  /// What a person types: plain text, in which the spelling may be used too.
  static func bytes(typed text: String) -> Bytes {
    Array(text.utf8).withUnsafeBytes { text in
      var name = Bytes()
      var at = 0
      while at < text.count {
        if text[at] == UInt8(ascii: "\\"), let value = octal(text, at + 1), value != 0 {
          name.append(value)
          at += 4
        } else {
          name.append(text[at])
          at += 1
        }
      }
      return name
    }
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
