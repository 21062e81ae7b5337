import BerthKit
import Testing

@Suite("Ranges of addresses") struct SubnetTests {
  @Test(
    "they are read as they are written",
    arguments: ["10.213.0.0/16", "0.0.0.0/0", "255.255.255.255/32", "192.168.240.32/27"])
  func read(_ text: String) throws { #expect(try #require(Subnet(text)).description == text) }

  @Test(
    "what is none is refused",
    arguments: [
      "", "10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.1/8", "256.0.0.0/8", "010.0.0.0/8", "10.0.0.0/08",
      "10.0.0.0/-1",
      "10.0.0.0/8/8", "::/0", "+1.0.0.0/8", "10..0.0/8", "4294967296.0.0.0/8", "10.0.0.0/",
    ])
  func refused(_ text: String) { #expect(Subnet(text) == nil) }

  @Test("two overlap where one lies in the other, and not side by side")
  func overlaps() throws {
    let (all, wide, small, next) = try (
      #require(Subnet("0.0.0.0/0")), #require(Subnet("10.0.0.0/8")), #require(Subnet("10.1.2.32/27")),
      #require(Subnet("10.1.2.64/27"))
    )
    #expect(wide.overlaps(small) && small.overlaps(wide) && all.overlaps(next) && wide.contains(small))
    #expect(!small.contains(wide) && !small.overlaps(next) && !next.overlaps(small))
    #expect(Subnet.around(small.last, bits: 27) == small)
  }
}
