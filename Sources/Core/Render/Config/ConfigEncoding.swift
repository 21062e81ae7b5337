import BerthKit
import Foundation

extension ConfigFile.Encoding {
  /// A text in the bytes that a program with this encoding reads.
  ///
  /// A letter with its accent apart is taken as the one letter that it is. Bytes of the file that are no text stay.
  ///
  /// - Throws: ``Refused`` for a text with a character that the encoding has not.
  func encoded(_ text: String) throws -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    var bytes: [UInt8] = []
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
      switch scalar.value {
      case 0..<0x80: bytes.append(UInt8(scalar.value))
      case 0xA0...0xFF where self == .latin1: bytes.append(UInt8(scalar.value))
      default: throw Refused(reason: "its program reads \(rawValue), which lacks one of its characters")
      }
    }
    // Each by itself: side by side, two of them may be a letter in UTF-8.
    return bytes.map { $0 < 0x80 ? String(Unicode.Scalar($0)) : RawText.text(of: [$0]) }.joined()
  }
}

extension Value {
  func encoded(_ encoding: ConfigFile.Encoding?) throws -> Value {
    guard let encoding, case .text(let text) = self else { return self }
    return .text(try encoding.encoded(text))
  }
}
