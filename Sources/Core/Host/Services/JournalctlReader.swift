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
    let journal = paths.scope == .sandbox ? ["--directory=\(paths.journal)"] : []
    let groups = paths.scope == .sandbox ? try await managerGroups(journal) : []
    var words =
      ["--output=json", "--output-fields=\(Self.fields.joined(separator: ","))", "--no-pager", "--quiet"] + journal
    words += JournalSelection(scope: paths.scope, user: Int(getuid()), managerGroups: groups).words(units)
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
      throw BerthError.managerRefused(Command("journalctl", words), "status \(status)")
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

  /// The control groups that the sandbox's manager has had, as the journal knows them. Where a person's are depends on the
  /// session that they were delegated to.
  private func managerGroups(_ journal: [String]) async throws -> [String] {
    let result = try await runner.run(Command("journalctl", journal + ["--quiet", "--field=_SYSTEMD_CGROUP"]))
    return JournalSelection.managerGroups(
      in: result.output.split(separator: "\n").map(String.init), named: SandboxLayout(paths: paths).cgroup)
  }

  /// What is read of an entry beside its time.
  private static let fields = [
    "MESSAGE", "_SYSTEMD_CGROUP", "_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT", "USER_UNIT", "UNIT",
  ]

  static func entry(_ text: String) -> LogEntry? {
    guard let line = JournalLine(text)?.fields, let microseconds = line["__REALTIME_TIMESTAMP"].flatMap({ Int($0) }),
      let message = line["MESSAGE"]
    else { return nil }
    // What the journal itself says of the writer comes first: everything without a leading "_" anybody may write. Such a
    // name counts only where nothing says otherwise, which is so for the managers, who write about their units.
    let inGroup = line["_SYSTEMD_CGROUP"]?.split(separator: "/").last { $0.hasSuffix(".service") }.map(String.init)
    let named = [line["_SYSTEMD_USER_UNIT"], line["_SYSTEMD_UNIT"], inGroup, line["USER_UNIT"], line["UNIT"]]
      .lazy.compactMap { $0 }.first { $0.contains("@") && $0.hasSuffix(".service") && !$0.hasPrefix("user@") }
    return LogEntry(time: UTCTime.text(seconds: microseconds / 1_000_000), unit: named ?? "?", message: message)
  }
}
