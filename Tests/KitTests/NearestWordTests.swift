import Testing

@testable import BerthKit

@Suite("The nearest word") struct NearestWordTests {
  @Test(
    "a mistyped word finds its neighbour",
    arguments: [
      ("teeworld", "teeworlds"), ("teewrolds", "teeworlds"), ("lunati", "luanti"), ("luanty", "luanti"),
      ("xluanti", "luanti"), ("mumbel", "mumble"), ("id", "ip"),
    ])
  func found(_ word: String, _ expected: String) {
    #expect(nearest(to: word, in: ["teeworlds", "luanti", "mumble", "ip"]) == expected)
  }

  @Test("a word that is far from all of them finds none", arguments: ["palworld", "", "zz", "teeworlds-server-two"])
  func none(_ word: String) {
    #expect(nearest(to: word, in: ["teeworlds", "luanti", "mumble"]) == nil)
  }

  @Test("an exact match comes first, then the nearest, then the first of the alphabet")
  func order() {
    #expect(nearest(to: "port", in: ["ports", "port"]) == "port")
    #expect(nearest(to: "prts", in: ["parts", "ports"]) == "parts")
    #expect(nearest(to: "anything", in: []) == nil)
  }

  @Test("nobody is offered the word that was typed")
  func itself() {
    #expect(BerthError.nearestPhrase("port", ["ports", "port"]) == "; did you mean 'ports'?")
    #expect(BerthError.nearestPhrase("port", ["port"]) == "")
  }
}
