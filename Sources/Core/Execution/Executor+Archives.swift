import BerthKit
import BerthPlan
import BerthStore
import Synchronization

/// Work on archives: the longest steps there are, so that they tell how far they have come.
extension Executor {
  package func archive(_ work: ArchiveWork) async throws {
    let draft = work.draft
    if work.opens { archives[work.record.uid] = try host.archives.begin(draft.order) }
    guard let archive = archives[work.record.uid] else { throw BerthError.noArchive(work.record) }
    if !work.parts.isEmpty {
      try await tellingBytes { try archive.add(work.parts, progress: $0) }
    }
    guard work.closes else { return }
    let finished = try archive.finish()
    var summary = finished
    archives[work.record.uid] = nil
    if draft.isVerified {
      let found = try await tellingBytes {
        try host.archives.verify(
          draft.order.path, index: nil, trust: .own(list: finished.seal?.list), progress: $0)
      }
      summary.size = found.size
    }
    try host.registry.backups.add(
      BackupRecord(
        draft, summary, pause: pauses[work.record.uid], verifiedAt: draft.isVerified ? host.clock.timestamp() : nil))
  }

  func unpack(_ order: UnpackOrder) async throws {
    let order = try host.sealed(order)
    _ = try await tellingBytes { try host.archives.unpack(order, progress: $0) }
  }

  /// What is left of archives that nobody will finish.
  func discardArchives(of uids: Set<String>? = nil) {
    for (uid, archive) in archives where uids?.contains(uid) ?? true {
      archive.discard()
      archives[uid] = nil
    }
  }

  /// Runs a long copy, which ends when the command is cancelled.
  func tellingBytes<Result: Sendable>(
    _ body: @Sendable (@escaping ByteProgress) async throws -> Result
  ) async throws -> Result {
    try await options.tellingBytes(of: current, body)
  }
}

extension Executor.Options {
  /// The same for a copy that is no step of a plan.
  ///
  /// - Parameter last: what was reported of it; nil for nothing, so that nothing is reported of its bytes either.
  func tellingBytes<Result: Sendable>(
    of last: Executor.Progress?, _ body: @Sendable (@escaping ByteProgress) async throws -> Result
  ) async throws -> Result {
    let isCancelled = Mutex(false)
    let progress = progress
    return try await withTaskCancellationHandler {
      try await body { done, total in
        if isCancelled.withLock({ $0 }) { throw CancellationError() }
        guard var now = last else { return }
        now.bytes = Executor.Progress.Bytes(done: done, of: total)
        progress(now)
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }
}

extension BackupRecord {
  /// The row of a backup that was just made.
  package init(_ draft: BackupDraft, _ summary: ArchiveSummary, pause: Double?, verifiedAt: String?) {
    let head = draft.head
    self.init(
      id: head.id, instance: head.instance.uid, key: head.instance.key, instanceName: head.instance.name,
      kind: head.kind, base: draft.base, path: draft.order.path, createdAt: head.createdAt, size: summary.size,
      files: summary.files, bytes: summary.bytes, stored: summary.stored, pause: pause ?? 0,
      version: head.instance.version, pluginVersion: head.instance.pluginVersion, reason: draft.reason,
      labels: draft.labels, note: draft.note, isKept: draft.isKept, verifiedAt: verifiedAt, checked: nil,
      warnings: summary.remarks.lines, remarks: summary.remarks, seal: summary.seal, end: summary.end)
  }
}
