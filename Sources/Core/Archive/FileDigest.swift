import BerthFiles
import Crypto

/// A SHA-256.
typealias FileDigest = SIMD32<UInt8>

extension FileDigest {
  init(_ digest: SHA256.Digest) { self = digest.withUnsafeBytes { $0.loadUnaligned(as: FileDigest.self) } }

  init(of bytes: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    self.init(hash.finalize())
  }

  init(of bytes: Bytes) { self = bytes.withUnsafeBytes { FileDigest(of: $0) } }

  /// Reads 64 lowercase hexadecimal digits.
  init?(hex: UnsafeRawBufferPointer) {
    guard hex.count == 64 else { return nil }
    self = FileDigest()
    for index in 0..<32 {
      guard let high = Self.value(hex[2 * index]), let low = Self.value(hex[2 * index + 1]) else { return nil }
      self[index] = high << 4 | low
    }
  }

  func appendHex(to text: inout Bytes) {
    for index in 0..<32 {
      text.append(Self.digit(self[index] >> 4))
      text.append(Self.digit(self[index] & 15))
    }
  }

  /// 64 lowercase hexadecimal digits.
  var hex: String {
    var text = Bytes()
    appendHex(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }
}
