import BerthHost
import BerthKit
import Foundation
import Testing

@testable import BerthEngine

/// What programs read, key for key: `Golden/NAME.json` has each report with everything that it can hold, and with as little.
///
/// `RECORD_GOLDEN=1 swift test --filter ReportGoldenTests` writes the files anew and fails, so that a recording is looked at.
@Suite("The JSON of reports")
struct ReportGoldenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")
  private static let isRecording = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1"

  /// A report with as much as it can say, and with as little.
  struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let full: any Report
    let bare: any Report

    var testDescription: String { name }
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  private static func keys(_ report: any Report) throws -> Set<String> {
    let data = try JSONEncoder().encode(report)
    return Set((try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]).keys)
  }

  @Test("each is what was agreed on", arguments: ReportExamples.all)
  func golden(_ example: Example) throws {
    let text = try "[\n" + Self.json(example.full) + ",\n" + Self.json(example.bare) + "]\n"
    let file = Self.folder.appending(path: "\(example.name).json")
    if Self.isRecording {
      try Data(text.utf8).write(to: file)
      Issue.record("'\(file.lastPathComponent)' was recorded: look at the difference, then run without RECORD_GOLDEN")
      return
    }
    #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self), "RECORD_GOLDEN=1 writes it anew")
  }

  @Test("each has the same keys whatever it has to say, and null for what nobody knows", arguments: ReportExamples.all)
  func sameKeys(_ example: Example) throws {
    #expect(try Self.keys(example.full) == Self.keys(example.bare))
  }

  @Test("every key is in snake case, in what a report holds too", arguments: ReportExamples.all)
  func snakeCase(_ example: Example) throws {
    /// Objects by names of the user's own.
    let open: Set = ["labels", "images", "settings"]
    func check(_ value: Any) {
      if let list = value as? [Any] { list.forEach(check) }
      guard let object = value as? [String: Any] else { return }
      for (key, value) in object {
        #expect(key.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil, "\(key)")
        if !open.contains(key) || value is [Any] { check(value) }
      }
    }
    check(try JSONSerialization.jsonObject(with: JSONEncoder().encode(example.full)))
  }

  @Test("the schema that is published says the same")
  func schema() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let run = try await SubprocessRunner().run(Command("python3", ["\(root)/scripts/report-schema", "--check"]))
    #expect(run.status == 0, "\(run.errorOutput)")
  }

  @Test("there is a file for every report, and none without")
  func complete() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    #expect(names == ReportExamples.all.map { "\($0.name).json" }.sorted())
  }
}
