import BerthKit
import Foundation

/// Reads the journal by `journalctl`, as JSON, so that no line is guessed at.
public struct JournalctlReader: LogReader {
  private let runner: any ProcessRunner
  private let paths: ScopePaths

  public init(runner: any ProcessRunner, paths: ScopePaths) {
    self.runner = runner
    self.paths = paths
  }

  public func entries(
    of units: [String], since: String?, last: Int?, follow: Bool,
    each: @Sendable @escaping (LogEntry) async throws -> Void
  ) async throws {
    var words = ["--output=json", "--no-pager", "--quiet"] + units.flatMap(selection)
    if paths.scope == .sandbox { words.append("--directory=\(paths.journal)") }
    if let since {
      words.append("--since=\(since)")
      let trial = try await runner.run(Command("journalctl", words + ["--lines=0"]))
      guard trial.status == 0 || trial.errorOutput.isEmpty else { throw BerthError.badTime(since, trial.errorOutput) }
    }
    // With a time journalctl counts its lines from the oldest, so that the newest are picked out here.
    let picksLast = since != nil && last != nil && !follow
    if let last, !picksLast { words.append("--lines=\(last)") }
    if follow { words.append("--follow") }
    let newest = Tail(limit: last ?? 0)
    let status = try await runner.lines(Command("journalctl", words)) { line in
      guard let entry = Self.entry(line) else { return }
      if picksLast { await newest.add(entry) } else { try await each(entry) }
    }
    for entry in await newest.entries { try await each(entry) }
    // 1 is "nothing matched" in some versions.
    guard status == 0 || status == 1 else {
      throw BerthError.managerRefused(Command("journalctl", words).line, "status \(status)")
    }
  }

  private actor Tail {
    private let limit: Int
    private(set) var entries: [LogEntry] = []

    init(limit: Int) { self.limit = limit }

    func add(_ entry: LogEntry) {
      entries.append(entry)
      if entries.count > limit { entries.removeFirst() }
    }
  }

  /// A private journald does not know whose unit a line is, but the unit says its name itself.
  private func selection(_ unit: String) -> [String] {
    switch paths.scope {
    case .system: ["--unit=\(unit)"]
    case .user: ["--user-unit=\(unit)"]
    case .sandbox: ["--identifier=\(unit.replacing(".service", with: ""))"]
    }
  }

  private struct Line: Decodable {
    let __REALTIME_TIMESTAMP: String
    let MESSAGE: Message?
    let SYSLOG_IDENTIFIER: String?
    let _SYSTEMD_UNIT: String?
    let _SYSTEMD_USER_UNIT: String?
    let UNIT: String?
    let USER_UNIT: String?

    /// Text, or bytes when it is not UTF-8.
    enum Message: Decodable {
      case text(String)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
          self = .text(text)
        } else if let bytes = try? container.decode([UInt8].self) {
          self = .text(String(decoding: bytes, as: UTF8.self))
        } else {
          self = .text("")
        }
      }
    }
  }

  static func entry(_ text: String) -> LogEntry? {
    guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)),
      let microseconds = Int(line.__REALTIME_TIMESTAMP), case .text(let message)? = line.MESSAGE
    else { return nil }
    let time = Date(timeIntervalSince1970: Double(microseconds / 1_000_000))
    let named = [line.USER_UNIT, line.UNIT, line._SYSTEMD_USER_UNIT, line._SYSTEMD_UNIT].compactMap { $0 }
      .first { $0.contains("@") && $0.hasSuffix(".service") && !$0.hasPrefix("user@") }
    return LogEntry(
      time: time.formatted(.iso8601), unit: named ?? (line.SYSLOG_IDENTIFIER ?? "?") + ".service", message: message)
  }
}
