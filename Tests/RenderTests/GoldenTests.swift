import Foundation
import Testing

/// What is rendered for the plugins that ship, byte for byte.
///
/// `RECORD_GOLDEN=1 swift test --filter GoldenTests` writes the files anew and fails, so that a recording is looked at.
@Suite("Golden files") struct GoldenTests {
  static let folder = Plugins.tests.appending(path: "Golden")
  static let isRecording = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1"

  @Test("what is rendered for a plugin in a scope is what was agreed on", arguments: Plugins.ids, Stage.allCases)
  func golden(_ id: String, _ stage: Stage) throws {
    let text = try Rendering(try Plugins.plugin(id), stage).text
    let file = Self.folder.appending(path: "\(id)-\(stage.rawValue).txt")
    if Self.isRecording {
      try Data(text.utf8).write(to: file)
      Issue.record("'\(file.lastPathComponent)' was recorded: look at the difference, then run without RECORD_GOLDEN")
      return
    }
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    guard Array(text.utf8) != Array(expected.utf8) else { return }
    let pairs = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
    let first = pairs.first { $0.0 != $0.1 }
    Issue.record(
      """
      '\(file.lastPathComponent)' differs; the first line to do so is
        rendered: \(first?.0 ?? "(one text ends before the other)")
        golden:   \(first?.1 ?? "")
      RECORD_GOLDEN=1 writes it anew
      """)
  }

  @Test("there is a golden file for every plugin and scope, and none without")
  func complete() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    #expect(names == Plugins.ids.flatMap { id in Stage.allCases.map { "\(id)-\($0.rawValue).txt" } }.sorted())
  }

  @Test("the built-in plugins and those in plugins.d all pass, and none is missing")
  func plugins() {
    #expect(Plugins.catalog.entries.compactMap(\.problem).map(\.description) == [])
    #expect(
      Set(Plugins.ids).isSuperset(
        of: ["armagetron", "icecast", "luanti", "mosquitto", "mumble", "postgres", "redis", "teeworlds"]))
  }
}
