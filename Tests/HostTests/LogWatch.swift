import TestSupport

/// Waits for what a service writes, since it writes when it likes.
enum LogWatch {
  /// The instance's lines once one of them has the text; all there are after ten seconds.
  static func lines(_ box: SandboxFixture, _ app: String, until text: String) async throws -> [String] {
    var lines: [String] = []
    for _ in 0..<50 {
      let output = try await box.berth("logs", app, "--json").output
      lines = try output.split(separator: "\n").compactMap { try JSON(parsing: String($0))["message"].text }
      if lines.contains(where: { $0.contains(text) }) { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    return lines
  }
}
