import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("The README")
struct ReadmeTests {
  /// One command of a session, with the lines that follow it.
  private struct Exchange {
    let command: [String]
    var answer: [String] = []
  }

  /// The first block of the README that shows a session.
  private static func session() throws -> [Exchange] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "README.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let block = try #require(text.components(separatedBy: "```console\n").dropFirst().first).components(
      separatedBy: "```")[0]
    return block.split(separator: "\n").reduce(into: []) { exchanges, line in
      if line.hasPrefix("$ berth ") {
        exchanges.append(Exchange(command: line.dropFirst("$ berth ".count).split(separator: " ").map(String.init)))
      } else {
        exchanges[exchanges.count - 1].answer.append(String(line))
      }
    }
  }

  /// What a host chooses: UUIDs, and ports that may be another's here.
  private static var chosen: Regex<Substring> { /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9]{4,5}\b/ }

  /// Columns are as wide as what stands in them.
  private static func words(_ line: String) -> String { line.split(separator: " ").joined(separator: " ") }

  @Test("shows a session that goes exactly so, but for ids and ports that the host chooses")
  func session() async throws {
    let exchanges = try Self.session()
    #expect(exchanges.count >= 4)
    try await SandboxFixture.with { box in
      var known: [String: String] = [:]
      func here(_ text: String) -> String {
        text.replacing(Self.chosen) { known[String($0.output)] ?? String($0.output) }
      }
      for exchange in exchanges {
        let run = try await BerthProgram.run(exchange.command.map(here), environment: ["BERTH_ROOT": box.root])
        let said = (run.status == 0 ? run.output : run.errors).split(separator: "\n").map(String.init)
        try #require(said.count == exchange.answer.count, "\(exchange.command): \(run.output)\(run.errors)")
        for (expected, found) in zip(exchange.answer, said) {
          for (mine, other) in zip(expected.matches(of: Self.chosen), found.matches(of: Self.chosen)) {
            known[String(mine.output)] = known[String(mine.output)] ?? String(other.output)
          }
          #expect(Self.words(here(expected)) == Self.words(found), "\(exchange.command)")
        }
      }
    }
  }
}
