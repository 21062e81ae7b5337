@testable import BerthKit
import Testing

@Suite("Sizes, host names and addresses") struct WordsOfValuesTests {
  @Test(
    "a size is a whole number with a binary unit",
    arguments: [
      ("1", 1), ("1023", 1023), ("1K", 1024), ("64M", 67_108_864), ("1G", 1_073_741_824), ("2T", 2_199_023_255_552),
      ("9223372036854775807", Int.max), ("8388607T", 9_223_370_937_343_148_032),
    ])
  func sizes(_ text: String, _ bytes: Int) {
    #expect(ByteSize.bytes(of: text) == bytes)
    #expect(ByteSize.bytes(of: ByteSize.text(ofBytes: bytes)) == bytes)
  }

  @Test(
    "anything else is no size",
    arguments: [
      "", "0", "0G", "K", "1k", "1KB", "1 G", "1.5G", "-1G", "+1G", "1GG", "１G", "8388608T", "9223372036854775808",
      "infinity",
    ])
  func noSizes(_ text: String) {
    #expect(ByteSize.bytes(of: text) == nil)
  }

  @Test("a number of bytes is written with the largest unit that loses nothing")
  func sizeTexts() {
    #expect(ByteSize.text(ofBytes: 1_073_741_824) == "1G")
    #expect(ByteSize.text(ofBytes: 1_610_612_736) == "1536M")
    #expect(ByteSize.text(ofBytes: 1000) == "1000")
  }

  @Test(
    "host names follow RFC 1123",
    arguments: [
      "localhost", "a", "play.example.org", "4chan.org", "x-1.y--z", "127.0.0.1", String(repeating: "a", count: 63),
    ])
  func hostNames(_ text: String) {
    #expect(Setting.isHostname(text))
  }

  @Test(
    "anything else is no host name",
    arguments: [
      "", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "ä.org", "a/b", "a:1", "::1", "$x",
      String(repeating: "a", count: 64),
      Array(repeating: String(repeating: "a", count: 63), count: 4).joined(separator: "."),
    ])
  func noHostNames(_ text: String) {
    #expect(!Setting.isHostname(text))
  }

  @Test("a port is bound to an IPv4 or IPv6 address", arguments: ["0.0.0.0", "127.0.0.1", "::", "::1", "2001:db8::7"])
  func addresses(_ text: String) {
    #expect(HostAddress.isAddress(text))
  }

  @Test(
    "anything else is no address",
    arguments: [
      "", "localhost", "127.1", "256.0.0.1", "[::1]", "::1%eth0", " 0.0.0.0", "0.0.0.0\0", "0.0.0.0\0\nx = y", "*",
    ])
  func noAddresses(_ text: String) {
    #expect(!HostAddress.isAddress(text))
  }
}
