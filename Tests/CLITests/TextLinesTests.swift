import Testing

@testable import BerthCLI

@Suite("Lines of a text")
struct TextLinesTests {
  @Test("end at each line feed, also behind a carriage return")
  func lines() {
    #expect("a\r\nb\n\nc".lines == ["a\r", "b", "", "c"])
    #expect("".lines == [""])
    #expect("a\r".lines == ["a\r"])
  }
}
