import BerthKit
import TestSupport
import Testing

@Suite("The text of a file that is not all UTF-8")
struct RawTextTests {
  @Test("gives back the bytes that it was made of, whatever they are")
  func random() {
    var generator = SystemRandomNumberGenerator()
    // The bytes of the characters that stand for bytes come up often, also cut off.
    let often: [UInt8] = [0xF4, 0x8F, 0xBE, 0xBF, 0x80, 0xC3, 0xE2, 0x0A, 0x41]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0..<24, using: &generator)).map { _ in
        Bool.random(using: &generator)
          ? often.randomElement(using: &generator) ?? 0 : .random(in: 0 ... .max, using: &generator)
      }
      let text = RawText.text(of: bytes)
      #expect(RawText.bytes(of: text) == bytes)
      // The control: what Swift reads by itself gives other bytes wherever some are not UTF-8.
      let isPlain = String(validating: bytes, as: UTF8.self) != nil
      #expect((Array(String(decoding: bytes, as: UTF8.self).utf8) == bytes) == isPlain)
      if !isPlain { #expect(text.hasControlCharacter && RawText.lineOfRawByte(in: text) != nil) }
    }
  }

  @Test("is UTF-8 as it stands, with the sign for what is none")
  func plain() {
    for text in ["", "Zoë 世界 🎮", "\u{FFFD}", "\u{FEFF}x\r\n", "\u{10FF7F}"] {
      #expect(RawText.text(of: Array(text.utf8)).isSame(as: text) && RawText.lineOfRawByte(in: text) == nil)
    }
  }

  @Test("has an editor's mark at its beginning, which plugins, fleet files and host files may have as well")
  func mark() throws {
    #expect("\u{FEFF}a\u{FEFF}".withoutByteOrderMark.isSame(as: "a\u{FEFF}") && "".withoutByteOrderMark.isEmpty)
    #expect(try Sample.read("\u{FEFF}" + Sample.yaml) == Sample.read(Sample.yaml))
    let fleet = "schema: 1\ninstances:\n  - { app: voice }\n"
    #expect(try FleetSample.read("\u{FEFF}" + fleet).instances == FleetSample.read(fleet).instances)
  }

  @Test("names the line of the first byte that is none")
  func line() {
    #expect(RawText.lineOfRawByte(in: RawText.text(of: Array("a\nb\nc".utf8) + [0xF4, 0x0A, 0xF5])) == 3)
  }

  @Test("is shown with the byte's number, and in JSON as the sign for one")
  func shown() {
    let text = RawText.text(of: Array("bient".utf8) + [0xF4, 0x74])
    #expect(VisibleText.line(text) == "bient\\xf4t")
    #expect(VisibleText.json("\"\(text)\"") == "\"bient\\ufffdt\"")
  }
}
