import GRDB
import Synchronization

/// Counts the registry's commits among the calls that change the host. A process that is dead commits nothing.
final class RegistryWatch: TransactionObserver, Sendable {
  private let fault: Fault
  private let tables = Mutex<Set<String>>([])
  /// Whether commits can fail, too.
  private let counts: Bool

  init(_ fault: Fault, counts: Bool) {
    self.fault = fault
    self.counts = counts
  }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
  func databaseDidChange(with event: DatabaseEvent) { tables.withLock { _ = $0.insert(event.tableName) } }

  func databaseWillCommit() throws {
    let changed = tables.withLock { $0.sorted() }
    guard !changed.isEmpty else { return }
    if fault.isDead { throw InjectedFault(number: 0, call: "commit, when dead already") }
    if counts { try fault.before("commit \(changed.joined(separator: " "))") }
  }

  /// What has been committed cannot fail any more, but the process can end here.
  func databaseDidCommit(_ db: Database) {
    let hadChanges = tables.withLock { tables in
      defer { tables = [] }
      return !tables.isEmpty
    }
    if counts, hadChanges { try? fault.after() }
  }

  func databaseDidRollback(_ db: Database) { tables.withLock { $0 = [] } }
}
