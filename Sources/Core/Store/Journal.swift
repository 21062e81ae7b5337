import BerthKit
import GRDB

/// The operations of a scope: what was meant before it is done, and how to take it back.
///
/// It lies in the registry's database, so that one commit is durable for both.
public struct Journal: Sendable {
  /// How many ended operations are remembered.
  static let remembered = 1000

  let registry: InstanceRegistry

  // MARK: Writing

  /// Writes down an operation before its first step, with what it claims.
  ///
  /// - Parameter generation: what ``generation()`` was before the operation was planned; nil where it claims nothing.
  /// - Returns: its number; nil when another operation has claimed something since, so that the plan has to be made anew.
  public func begin(_ draft: OperationDraft, at generation: Int64?) throws -> Int64? {
    try registry.change { db in
      if let generation, try Self.generation(db) != generation { return nil }
      return try Self.begin(draft, db)
    }
  }

  /// The same for one that nothing can have overtaken.
  public func begin(_ draft: OperationDraft) throws -> Int64 { try registry.change { try Self.begin(draft, $0) } }

  private static func begin(_ draft: OperationDraft, _ db: Database) throws -> Int64 {
    try db.execute(
      sql: """
        INSERT INTO operation (token, verb, command, user_id, user, sudo_user, started_at, state, steps, begun, plan)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'begun', ?, 0, ?)
        """,
      arguments: [
        draft.token, draft.verb, draft.command, draft.person.id, draft.person.name, draft.person.sudoUser,
        draft.startedAt, draft.steps, draft.plan,
      ])
    let number = db.lastInsertedRowID
    let insert = try db.makeStatement(
      sql: """
        INSERT INTO operation_instance (operation, position, uid, app, id, name, action) VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    for (position, item) in draft.items.enumerated() {
      try insert.execute(arguments: [
        number, position, item.uid, item.key.app, item.key.id.text, item.name.text, item.action,
      ])
    }
    try claim(draft.claims, for: number, db)
    return number
  }

  /// Writes down that a group of steps is about to be done, and how each is taken back.
  ///
  /// - Parameters:
  ///   - receipts: JSON that only the engine reads; nil when there is nothing to take back.
  ///   - begun: how many of the plan's steps are begun with these.
  public func note(_ receipts: String?, of operation: Int64, begun: Int) throws {
    try registry.change { db in
      if let receipts {
        try db.execute(
          sql: """
            INSERT INTO receipt (operation, position, receipts)
            SELECT ?, coalesce(max(position), -1) + 1, ? FROM receipt WHERE operation = ?
            """,
          arguments: [operation, receipts, operation])
      }
      try db.execute(sql: "UPDATE operation SET begun = ? WHERE id = ?", arguments: [begun, operation])
    }
  }

  /// Notes that an operation has more steps than it began with, and claims more.
  ///
  /// - Parameter generation: what ``generation()`` was before these were planned.
  /// - Returns: whether it is so; not when another operation has claimed something since.
  public func extend(
    _ operation: Int64, by steps: Int, plan: String?, claims: [InstanceRecord], at generation: Int64
  ) throws -> Bool {
    try registry.change { db in
      guard try Self.generation(db) == generation else { return false }
      try db.execute(
        sql: "UPDATE operation SET steps = steps + ?, plan = ? WHERE id = ?", arguments: [steps, plan, operation])
      try Self.claim(claims, for: operation, db)
      return true
    }
  }

  /// Writes how far an operation has come.
  public func setState(_ state: OperationRecord.State, error: String? = nil, of operation: Int64) throws {
    try registry.change { db in
      try db.execute(
        sql: "UPDATE operation SET state = ?, error = coalesce(?, error) WHERE id = ?",
        arguments: [state.rawValue, error, operation])
    }
  }

  /// Ends an operation. Its plan and receipts are forgotten, and with them what was secret in them.
  ///
  /// - Parameters:
  ///   - outcome: what became of the instances that nothing else is known of; the operation's state when nil.
  ///   - failures: what went wrong, by the instance's uid; those had the outcome `failure`.
  ///   - untried: the uids of those whose turn never came.
  public func end(
    _ operation: Int64, _ state: OperationRecord.State, at time: String, error: String? = nil,
    outcome: OperationRecord.State? = nil, failures: [String: String] = [:],
    failure: OperationRecord.State = .undone, untried: Set<String> = []
  ) throws {
    try registry.change { db in
      try db.execute(
        sql: "UPDATE operation SET state = ?, ended_at = ?, error = ?, plan = NULL WHERE id = ?",
        arguments: [state.rawValue, time, error, operation])
      try Self.note(outcome ?? state, failures, failure, untried, of: operation, db)
      try db.execute(sql: "DELETE FROM receipt WHERE operation = ?", arguments: [operation])
      try db.execute(sql: "DELETE FROM operation_claim WHERE operation = ?", arguments: [operation])
      try db.execute(
        sql: "DELETE FROM operation WHERE id <= ? AND ended_at IS NOT NULL",
        arguments: [operation - Int64(Self.remembered)])
    }
  }

  /// Leaves an operation open for what could not be taken back of some of its instances. All else of it is done.
  ///
  /// - Parameters:
  ///   - receipts: what is left to be taken back.
  ///   - stuck: the uids of the instances that it concerns.
  public func leave(
    _ operation: Int64, receipts: String, error: String, failures: [String: String], stuck: Set<String>
  ) throws {
    try registry.change { db in
      try db.execute(
        sql: "UPDATE operation SET state = 'stuck', error = ?, plan = NULL WHERE id = ?", arguments: [error, operation])
      try Self.note(.done, failures, .undone, stuck, of: operation, db)
      try db.execute(sql: "DELETE FROM receipt WHERE operation = ?", arguments: [operation])
      let free = try Set(
        String.fetchAll(db, sql: "SELECT uid FROM operation_claim WHERE operation = ?", arguments: [operation]))
      for uid in free.subtracting(stuck) {
        try db.execute(sql: "DELETE FROM operation_claim WHERE operation = ? AND uid = ?", arguments: [operation, uid])
      }
      try db.execute(
        sql: "INSERT INTO receipt (operation, position, receipts) VALUES (?, 0, ?)", arguments: [operation, receipts])
    }
  }

  /// Writes what became of instances of which that is not yet known.
  private static func note(
    _ outcome: OperationRecord.State, _ failures: [String: String], _ failure: OperationRecord.State,
    _ open: Set<String>, of operation: Int64, _ db: Database
  ) throws {
    let update = try db.makeStatement(
      sql: "UPDATE operation_instance SET outcome = ?, error = ? WHERE operation = ? AND uid = ?")
    try db.execute(
      sql: "UPDATE operation_instance SET outcome = ? WHERE operation = ? AND outcome IS NULL",
      arguments: [outcome.rawValue, operation])
    for (uid, text) in failures { try update.execute(arguments: [failure.rawValue, text, operation, uid]) }
    for uid in open { try update.execute(arguments: [nil, failures[uid], operation, uid]) }
  }

  // MARK: Reading

  /// The operations that were begun and have not ended, oldest first.
  public func open() throws -> [OperationRecord] {
    try records("WHERE ended_at IS NULL ORDER BY id", [])
  }

  /// The newest operations, newest first.
  public func newest(_ count: Int) throws -> [OperationRecord] {
    try records("ORDER BY id DESC LIMIT ?", [count])
  }

  public func operation(_ number: Int64) throws -> OperationRecord? {
    try records("WHERE id = ?", [number]).first
  }

  /// What ``note(_:of:begun:)`` wrote, in order.
  public func receipts(of operation: Int64) throws -> [String] {
    try registry.database.read { db in
      try String.fetchAll(
        db, sql: "SELECT receipts FROM receipt WHERE operation = ? ORDER BY position", arguments: [operation])
    }
  }

  /// The plan of an operation that may have to be finished; nil for one that is taken back.
  public func plan(of operation: Int64) throws -> String? {
    try registry.database.read { db in
      try String.fetchOne(db, sql: "SELECT plan FROM operation WHERE id = ?", arguments: [operation])
    }
  }

  private func records(_ condition: String, _ arguments: StatementArguments) throws -> [OperationRecord] {
    try registry.database.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT * FROM operation \(condition)", arguments: arguments)
      return try rows.map { row in
        let items = try Row.fetchAll(
          db, sql: "SELECT * FROM operation_instance WHERE operation = ? ORDER BY position", arguments: [row["id"]])
        return OperationRecord(row, items: items.map(OperationRecord.Item.init))
      }
    }
  }
}

extension OperationRecord {
  init(_ row: Row, items: [Item]) {
    self.init(
      id: row["id"], token: row["token"], verb: row["verb"], command: row["command"],
      person: Person(id: row["user_id"], name: row["user"], sudoUser: row["sudo_user"]), startedAt: row["started_at"],
      endedAt: row["ended_at"], state: State(rawValue: row["state"]) ?? .begun, steps: row["steps"],
      begun: row["begun"], error: row["error"], items: items)
  }
}

extension OperationRecord.Item {
  init(_ row: Row) {
    let outcome: String? = row["outcome"]
    self.init(
      uid: row["uid"], key: InstanceKey(app: row["app"], id: InstanceID(unchecked: row["id"])),
      name: InstanceName(unchecked: row["name"]), action: row["action"],
      outcome: outcome.flatMap(OperationRecord.State.init), error: row["error"])
  }
}
