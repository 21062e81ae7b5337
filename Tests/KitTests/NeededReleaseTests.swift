import BerthKit
import Testing

@Suite("The oldest Berth that a plugin needs") struct NeededReleaseTests {
  @Test(
    "is compared number by number, and a shorter version means its first release",
    arguments: [
      ("berth >= 0.2", "0.2.0", true), ("berth >= 0.2", "0.10.0", true), ("berth >= 1", "0.99.9", false),
      ("berth >= 0.2.1", "0.2.0", false), ("berth >= 0.2.1", "0.2.1", true), ("berth >= 0.10", "0.9.9", false),
    ])
  func compared(_ text: String, _ release: String, _ isMet: Bool) {
    #expect(NeededRelease(text)?.isMet(by: release) == isMet)
    #expect(NeededRelease(text)?.text == text)
  }
}
