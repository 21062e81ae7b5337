import BerthKit
import Crypto
import Foundation

/// SHA-256 of what a text is on the disk, as lowercase hexadecimal digits.
package enum Checksum {
  package static func text(_ text: String) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: SHA256.hash(data: Data(RawText.bytes(of: text))).flatMap {
        [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
      },
      as: UTF8.self)
  }
}
