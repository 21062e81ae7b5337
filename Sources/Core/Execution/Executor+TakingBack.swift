import BerthKit
import BerthPlan
import BerthStore

extension Executor {
  /// Takes back an operation that broke off.
  ///
  /// - Returns: what could not be taken back, a line each.
  package func takeBack(operation number: Int64, receipts noted: [Receipt]) async -> [String] {
    operation = number
    receipts = noted
    try? host.registry.journal.setState(.undoing, of: number)
    let leftovers = await takeBack(noted)
    return conclude(leftovers, error: nil) ? leftovers : leftovers + ["close the journal: it cannot be written"]
  }

  /// Takes back everything in strict reverse, the steps that failed included.
  ///
  /// - Returns: the error to show: the first one, with what could not be taken back.
  func takeBackAll(after error: any Error) async -> any Error {
    discardArchives()
    // On a full disk the journal cannot be written before something was removed; it says "begun" then, which is as good.
    try? host.registry.journal.setState(.undoing, error: kept(error), of: operation)
    let leftovers = await takeBack(receipts + stuck)
    conclude(leftovers, error: kept(error))
    guard !leftovers.isEmpty else { return error }
    return BerthError.undoFailed(error, leftovers: leftovers, operation: operation)
  }

  /// An error whose remedy still helps once instances that were to be made are taken back: a command about one of them would
  /// find nothing.
  ///
  /// - Parameter uids: those that are taken back.
  func lasting(_ error: any Error, of uids: Set<String>) -> any Error {
    guard var shown = error as? BerthError, let remedy = shown.remedy else { return error }
    let left = made.filter { uids.contains($0.key) }.values.reduce(remedy) { $0.without($1) }
    guard left.forms.count < remedy.forms.count else { return error }
    shown.remedy = left.or(.berth("operations", "show", "\(operation)"))
    return shown
  }

  /// Takes back the instances that failed, while the others go on.
  func takeBackFailed(_ uids: Set<String>) async {
    discardArchives(of: uids)
    let apps = Set(members.filter { !uids.isDisjoint(with: $0.value) }.keys)
    func isTheirs(_ receipt: Receipt) -> Bool {
      switch receipt.owner {
      case .instance(let uid): uids.contains(uid)
      // An instance that stays after all needs the units that were to go with the last one.
      case .app(let app): apps.contains(app) && !receipt.undo.setAside.isEmpty
      case .all: false
      }
    }
    let own = receipts.filter(isTheirs)
    let left = await Task.detached { await self.takeBack(own) }.value
    receipts.removeAll(where: isTheirs)
    guard !left.isEmpty else {
      for uid in uids { failures[uid] = failures[uid].map { BerthError(anything: lasting($0, of: [uid])) } }
      return
    }
    stuck += own
    leftovers += left
    for uid in uids {
      failures[uid] = failures[uid].map { BerthError.undoFailed($0, leftovers: left, operation: operation) }
    }
  }

  /// Units of an app of which every instance failed are needed by nobody.
  func takeBackAbandonedApps(_ plan: Plan) async throws {
    let failed = Set(plan.changes.filter { failures[$0.record.uid] != nil }.map(\.record.key.app))
    let alive = Set(plan.changes.filter { failures[$0.record.uid] == nil }.map(\.record.key.app))
    let abandoned = failed.subtracting(alive)
    let own = receipts.filter { if case .app(let app) = $0.owner { abandoned.contains(app) } else { false } }
    guard !own.isEmpty else { return }
    let left = await takeBack(own)
    if !left.isEmpty {
      stuck += own
      leftovers += left
    }
    receipts.removeAll { if case .app(let app) = $0.owner { abandoned.contains(app) } else { false } }
  }

  /// - Returns: whether the journal could be written.
  @discardableResult
  private func conclude(_ leftovers: [String], error: String?) -> Bool {
    host.files.removeFolderIfEmpty(host.paths.trash)
    host.files.flush(Set(receipts.flatMap(\.undo.touchedFolders)))
    do {
      if leftovers.isEmpty {
        try end(.undone, error: error)
        host.forgetRestored(receipts.flatMap(\.undo.restorePoints))
      } else {
        try host.registry.journal.setState(
          .stuck, error: ([error].compactMap { $0 } + leftovers).joined(separator: "\n"), of: operation)
      }
      return true
    } catch {
      options.notice("the journal could not be closed; run: \(Remedy.berth("operations", "recover"))")
      return false
    }
  }

  /// Goes backwards through receipts.
  ///
  /// The manager and a proxy read their files again only once these are back, and restarts come last of all: those of a pool
  /// one after the other, as they were done, so that what did not come back serves again before another one leaves.
  private func takeBack(_ noted: [Receipt]) async -> [String] {
    var leftovers: [String] = []
    var needsReload =
      receipts.contains { $0.undo == .reloadManager } && noted.contains { $0.undo.writtenPaths.contains(where: isUnit) }
    var last: [Receipt] = []
    var proxies = Set(
      ProxyConfig.Kind.allCases.filter { kind in
        receipts.contains { $0.undo == .reloadProxy(kind) }
          && noted.contains { $0.undo.touchedFolders.contains { [kind.sites, kind.pools].contains($0) } }
      })
    for receipt in Self.merged(noted.reversed()) {
      switch receipt.undo {
      case .reloadManager: needsReload = true
      case .reloadProxy(let kind): proxies.insert(kind)
      case .restart: last.append(Receipt(summary: "restart", owner: .all, undo: receipt.undo))
      case .leavePool, .joinPool: last.append(receipt)
      default:
        // Stopping needs no new look at the units; starting does.
        if needsReload, receipt.undo.needsUnits {
          needsReload = false
          leftovers += await attempt(Receipt(summary: "reload the manager", owner: .all, undo: .reloadManager))
        }
        leftovers += await attempt(receipt)
      }
    }
    if needsReload {
      leftovers += await attempt(Receipt(summary: "reload the manager", owner: .all, undo: .reloadManager))
    }
    for kind in ProxyConfig.Kind.allCases where proxies.contains(kind) {
      leftovers += await attempt(Receipt(summary: "reload \(kind.rawValue)", owner: .all, undo: .reloadProxy(kind)))
    }
    for receipt in Self.merged(last) { leftovers += await attempt(receipt) }
    return leftovers
  }

  private func isUnit(_ path: String) -> Bool { path.hasPrefix("\(host.paths.units)/") }

  /// Once the manager does not answer, nothing more is taken back: files, users and rows are not taken from under
  /// services that may still run.
  ///
  /// - Returns: a line for what could not be taken back.
  private func attempt(_ receipt: Receipt) async -> [String] {
    guard !isManagerGone else { return [] }
    do {
      try faults.passUndo()
      let edited = host.edited(receipt.undo)
      try await host.takeBack(receipt.undo, lock, isBooting: options.isBooting)
      for path in edited {
        options.notice("\(path) was edited meanwhile; what was there is kept beside it, with the time in its name")
      }
    } catch let error as BerthError where error.code == "settings-untold" {
      // The job has failed before, and what the instance has of its own is as it was.
      options.notice("\(error.summary)\(error.remedy.map { "; run: \($0)" } ?? "")")
    } catch let error as BerthError where error.code == "not-running-again" && receipt.undo.isStart {
      // All is as it was, and nobody can do more for a program that ends. A restore or an update may help, which an open
      // operation would refuse.
      options.notice("\(error.summary); run: \(Remedy.berth("doctor"))")
    } catch {
      let line = "\(receipt.summary): \(Self.text(error))"
      let isAsked = receipt.undo.needsManager || receipt.undo == .reloadManager
      isManagerGone = isAsked && (error as? BerthError)?.kind == .unavailable
      return isManagerGone ? [line, "what was done before that is left as it is until the manager answers"] : [line]
    }
    return []
  }

  /// Neighbours of one kind as one receipt, so that a thousand units are stopped with one order.
  static func merged(_ receipts: [Receipt]) -> [Receipt] {
    var result: [Receipt] = []
    for receipt in receipts {
      if let last = result.last, let both = last.undo.merged(with: receipt.undo) {
        result[result.count - 1] = Receipt(summary: last.summary, owner: .all, undo: both)
      } else {
        result.append(receipt)
      }
    }
    return result
  }
}
