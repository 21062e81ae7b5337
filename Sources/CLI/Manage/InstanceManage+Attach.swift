import BerthEngine
import BerthKit
import Foundation

/// A console that stays open, which a fork of the panel opens in a terminal.
extension InstanceManage {
  /// Shows what an instance writes, and gives it a command for each line of the input, until that ends.
  ///
  /// - Throws: `no-console`, or `not-running`; a command that fails is named, and the next one is waited for.
  func attach(_ instance: ManagedInstance, _ berth: Berth) async throws {
    let record = instance.record
    try berth.requireConsole(of: record)
    // What answers on its standard output is seen in the log.
    let isLogged = try berth.plugin(app).manifest.console?.role == nil
    let log = Task {
      try await berth.logs(of: record, service: instance.service, since: nil, last: 10, follow: true) { entry in
        Output.line(entry.message)
        fflush(nil)
      }
    }
    defer { log.cancel() }
    while let line = await Self.nextLine() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      do {
        let reply = try await berth.console(line, of: record, seconds: 30)
        if !reply.text.isEmpty, !isLogged { Output.line(reply.text) }
        fflush(nil)
      } catch let error as BerthError { Output.failureLine(error) }
    }
  }

  /// Reading waits, and so has a thread of its own: the log goes on meanwhile.
  private static func nextLine() async -> String? {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: Signals.endingAtOnce { readLine() }) }
    }
  }
}
