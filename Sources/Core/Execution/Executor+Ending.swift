import BerthKit
import BerthPlan
import BerthStore

extension Executor {
  /// Notes that nothing is taken back any more.
  package func finish() throws {
    guard operation != Self.unwritten else { return }
    // The files are on the disk before the journal says so.
    host.files.flush(Set(receipts.flatMap(\.undo.touchedFolders)))
    guard stuck.isEmpty else { return try leaveStuck() }
    do { try host.registry.journal.setState(.finishing, of: operation) } catch let error as BerthError
      where isOrder && error.code == Self.diskFull
    { return }
  }

  /// Notes how the manager has followed. Where there is no room for that, the order is given once more when there is.
  func endOrder() throws {
    do {
      try end(
        failures.isEmpty ? .done : .failed, error: failures.values.first?.summary, outcome: .done, failure: .failed)
    } catch let error as BerthError where error.code == Self.diskFull {
      options.notice("\(error.summary): how this ended is not written down")
    }
  }

  package func end(
    _ state: OperationRecord.State, error: String? = nil, outcome: OperationRecord.State? = nil,
    failure: OperationRecord.State = .undone
  ) throws {
    guard operation != Self.unwritten else { return }
    try host.registry.journal.end(
      operation, state, at: host.clock.timestamp(), error: error, outcome: outcome,
      failures: keptFailures, failure: failure, untried: untried)
  }

  /// What could not be taken back stays in the journal, and nothing that it needs is cleared away.
  func leaveStuck() throws {
    try host.registry.journal.leave(
      operation, receipts: try Self.encoded(stuck), error: leftovers.joined(separator: "\n"),
      failures: keptFailures, stuck: Set(stuck.compactMap(\.owner.uid)))
  }

  /// Removes what was set aside. After this nothing can be taken back.
  func clearAway() async {
    // Whatever fails from here on, the operation has succeeded.
    try? faults.pass()
    let left = await Self.removeSetAside(receipts, host)
    for path in left { options.notice("could not be cleared away: \(path)") }
    guard stuck.isEmpty else { return }
    try? faults.pass()
    do { try end(.done) } catch {
      options.notice("the journal could not be closed; run: \(Remedy.berth("operations", "recover"))")
    }
  }

  /// Removes what was set aside, the folders that held nothing else, and users whom nothing belongs to any more.
  ///
  /// - Returns: what could not be removed.
  package static func removeSetAside(_ receipts: [Receipt], _ host: HostServices) async -> [String] {
    let gone = receipts.flatMap(\.undo.setAside)
    var left = gone.map(\.aside).filter { path in
      do { try host.files.remove(path) } catch { return true }
      return false
    }
    if !gone.isEmpty { host.files.removeFolderIfEmpty(host.paths.trash) }
    // An instance's own folders belong to it also when they are empty.
    let own = ScopePaths.ownFolders.map { "/\($0)" }
    let kept = [host.paths.units, host.paths.containers] + ProxyConfig.Kind.allCases.map(\.sites)
    // A panel's folder for its files was there before Berth, and without it the next instance is not shown to the panel.
    let theirs = gone.map(\.path).filter { !$0.hasSuffix(ScopePaths.registrationEnding) }
    for folder in Set(theirs.map(ScopePaths.folder))
    where !kept.contains(folder) && !own.contains(where: folder.hasSuffix) {
      host.files.removeFolderIfEmpty(folder)
    }
    let users = receipts.flatMap { receipt -> [String] in
      if case .makeUsers(let names) = receipt.undo { names } else { [] }
    }
    let missing = Set(host.users.missing(users))
    let present = users.filter { !missing.contains($0) }
    do { if !present.isEmpty { try await host.users.remove(present) } } catch {
      left.append("the users \(present.joined(separator: ", "))")
    }
    return left
  }
}
