import BerthKit
import GRDB

/// What open operations claim: names, folders, ports and host names of instances as they will be and as they were.
///
/// A plan is made from what the registry says, with no lock held. Whether another operation has claimed something since
/// is asked in the transaction in which the operation begins, so that of two that want the same one plans again.
extension Journal {
  /// A number that is another one as soon as an operation claims something.
  public func generation() throws -> Int64 { try registry.database.read(Self.generation) }

  /// What tells whether any operation was at work between two looks.
  public struct Pulse: Sendable, Equatable {
    let latest: Int64
    let open: Int
    /// Whether none was at work, or has broken off.
    public var isCalm: Bool { open == 0 }
  }

  /// How many operations there were so far, and how many of them are open.
  public func pulse() throws -> Pulse {
    try registry.database.read { db in
      Pulse(
        latest: try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'operation'") ?? 0,
        open: try Int.fetchOne(db, sql: "SELECT count(*) FROM operation WHERE ended_at IS NULL") ?? 0)
    }
  }

  /// The claims of operations that are open, of those that broke off too, as these may be taken back.
  ///
  /// Whoever reads the instances as well reads them after these: what an operation that has ended claimed is there by
  /// then.
  public func claims() throws -> [InstanceRecord] {
    let texts = try registry.database.read { db in
      try String.fetchAll(db, sql: "SELECT record FROM operation_claim ORDER BY number")
    }
    guard !texts.isEmpty else { return [] }
    let all: [InstanceRecord]? = try? JSONText.value("[\(texts.joined(separator: ","))]")
    return all ?? texts.compactMap { try? JSONText.value($0) }
  }

  static func generation(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'operation_claim'") ?? 0
  }

  static func claim(_ records: [InstanceRecord], for operation: Int64, _ db: Database) throws {
    guard !records.isEmpty else { return }
    let insert = try db.makeStatement(sql: "INSERT INTO operation_claim (operation, uid, record) VALUES (?, ?, ?)")
    for record in records { try insert.execute(arguments: [operation, record.uid, try JSONText.of(record)]) }
  }
}
