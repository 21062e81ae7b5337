import Testing

@testable import BerthArchive

@Suite("The name of a file that is no text")
struct FileNameTests {
  @Test(
    "is typed as it is shown, and every other backslash is one",
    arguments: [
      ("data/a b", "data/a b"), (#"a\134b"#, #"a\b"#), (#"a\b"#, #"a\b"#), (#"a\\b"#, #"a\\b"#),
      (#"\x4g\x4"#, #"\x4g\x4"#),
      (#"\x41\101"#, "AA"), (#"\\x41"#, #"\x41"#), (#"\\101"#, #"\101"#), (#"\\\x41"#, #"\\x41"#),
      (#"\x00\000"#, #"\x00\000"#),
      (#"\777\xé1"#, #"\777\xé1"#), (#"x\"#, #"x\"#), (#"x\\"#, #"x\\"#),
    ])
  func typed(_ text: String, _ name: String) { #expect(FileName.bytes(typed: text) == Array(name.utf8)) }

  @Test("has each of its bytes in either spelling")
  func bytes() {
    for byte in UInt8(1)...255 where byte != 0x2f {
      let name = [0x61, byte, 0x31, 0x5c, byte]
      #expect(FileName.bytes(typed: FileName.text(name)) == name)
      let digits = String(byte, radix: 16)
      let hex = (digits.count < 2 ? "0" : "") + digits
      #expect(FileName.bytes(typed: #"a\x\#(hex)1"#) == [0x61, byte, 0x31])
      #expect(FileName.bytes(typed: #"a\x\#(hex.uppercased())1"#) == [0x61, byte, 0x31])
    }
  }
}
