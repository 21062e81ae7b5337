import BerthKit
import Testing

@testable import BerthCLI

@Suite("A remedy in JSON")
struct RemedyOutputTests {
  @Test("has no options for a command that does not take them")
  func options() {
    // What runs these tests takes none of Berth's options.
    let move = Remedy.again("--port", "game=N").or("choose another number")
    #expect(Output.compact([move]) == #"["choose another number"]"#)
    // The control: what stands by itself stays as it is.
    #expect(Output.compact([Remedy.berth("list", "luanti"), "try again"]) == #"["berth list luanti","try again"]"#)
  }

  @Test("leaves out values, and what stands in their place is taken for none")
  func values() throws {
    #expect(throws: BerthError.self) { try Pairs.parse(["word=…"], option: "--set") }
    #expect(try Pairs.parse(["word=a…"], option: "--set") == ["word": "a…"])
  }

  @Test("names sudo only to whom it is of use")
  func root() {
    let words = ["host", "up", "--scope", "sandbox"]
    #expect(Invocation(words).resolved(.asRoot("--scope", "system")).text == "sudo berth host up --scope system")
    #expect(
      Invocation(words, isRoot: true).resolved(.asRoot("--scope", "system")).text == "berth host up --scope system")
  }
}
