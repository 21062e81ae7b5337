import BerthKit
import Foundation

/// Reads the journal by `journalctl`, in its export format: no line is guessed at, and none is too long for it.
public struct JournalctlReader: LogReader {
  private let runner: any ProcessRunner
  private let paths: ScopePaths

  public init(runner: any ProcessRunner, paths: ScopePaths) {
    self.runner = runner
    self.paths = paths
  }

  public func entries(
    of units: [String], since: String?, last: Int?, follow: Bool, namesUnits: Bool,
    each: @Sendable @escaping (LogEntry) async throws -> Void
  ) async throws {
    let journal = paths.scope == .sandbox ? ["--directory=\(paths.journal)"] : []
    let groups = paths.scope == .sandbox ? try await managerGroups(journal) : []
    let fields = JournalExport.fields(namesUnits: namesUnits).joined(separator: ",")
    var words = ["--output=export", "--output-fields=\(fields)", "--no-pager", "--quiet"] + journal
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
    let journalctl = Command("journalctl", words)
    let reading = Reading(newest: picksLast ? last : nil)
    let status = try await runner.pieces(journalctl) { piece in
      for entry in await reading.take(piece) { try await each(entry) }
    }
    for entry in await reading.end() { try await each(entry) }
    // 1 is "nothing matched" in some versions.
    guard status == 0 || status == 1 else { throw BerthError.managerRefused(journalctl, "status \(status)") }
  }

  /// What has been read, and which entries of it are handed over when.
  private actor Reading {
    private let newest: Int?
    private var export = JournalExport()
    private var held: [LogEntry] = []

    /// - Parameter newest: how many of the newest entries are wanted, which the end tells; nil for all, as they come.
    init(newest: Int?) { self.newest = newest }

    func take(_ piece: [UInt8]) -> [LogEntry] {
      let entries = export.take(piece)
      guard let newest else { return entries }
      held += entries
      // Not at each entry: what remains moves each time.
      if held.count > newest, held.count - newest > max(newest, 1000) { held.removeFirst(held.count - newest) }
      return []
    }

    func end() -> [LogEntry] {
      let last = export.last().map { [$0] } ?? []
      return newest.map { (held + last).suffix($0) } ?? last
    }
  }

  /// The control groups that the sandbox's manager has had, as the journal knows them. Where a person's are depends on the
  /// session that they were delegated to.
  private func managerGroups(_ journal: [String]) async throws -> [String] {
    let result = try await runner.run(Command("journalctl", journal + ["--quiet", "--field=_SYSTEMD_CGROUP"]))
    return JournalSelection.managerGroups(
      in: result.output.split(separator: "\n").map(String.init), named: SandboxLayout(paths: paths).cgroup)
  }
}
