import BerthKit
import BerthPlan

/// Programs that instances share.
extension Executor {
  /// Gives a release its name. It is whole by now, unless what is there has changed since it was looked for.
  package func make(_ release: Release) async throws {
    let target = host.paths.release(release.app, release.name)
    // Another instance's plan may have made it, or the operation is carried on.
    guard !host.files.exists(target) else { return }
    let whole = host.paths.made(release.app, release.name)
    if host.files.exists(whole) {
      try host.files.move(whole, to: target)
    } else {
      // Whoever fetches it may want the host lock next, so that nobody is waited for.
      let lock = try await host.makingLock(release)
      defer { host.clearMaking(release.app, release.name, lock) }
      try await ReleaseMaker(host: host, options: options, faults: faults).make(release, telling: current)
      try host.files.move(whole, to: target)
    }
    host.files.flush([ScopePaths.folder(of: target)])
  }
}

extension HostServices {
  /// The lock of whoever puts a release together; nobody is waited for.
  ///
  /// - Throws: `busy`.
  package func makingLock(_ release: Release) async throws -> any HeldLock {
    try await locks.take(
      paths.makingLock(release.app, release.name), purpose: "fetching a release of \(release.app)", wait: 0)
  }

  /// Makes the folder that something is put together in, under its lock.
  package func beginMaking(_ folder: String, mode: UInt16) throws {
    try files.remove(folder)
    // Another Berth may remove the one above, as it is empty, in this very moment.
    do { try files.makeFolder(folder, mode: mode, owner: nil) } catch {
      try files.makeFolder(folder, mode: mode, owner: nil)
    }
  }

  /// Removes what was put together and has no name, and lets go of its lock.
  package func clearMaking(_ app: String, _ release: String, _ lock: any HeldLock) {
    try? files.remove(paths.making(app, release))
    removeEmptyApps(app)
    lock.release()
  }

  /// Whether the releases are there that a plan counts on, since it does not make them.
  func hasReleases(of plan: Plan) -> Bool {
    let (made, registered) = (plan.releases, plan.registered)
    return plan.changes.allSatisfy { change in
      guard let release = change.record.release, registered.contains(change.record.uid),
        !made.contains(where: { $0.isOf(change.record) })
      else { return true }
      return files.exists(paths.release(change.record.key.app, release))
    }
  }

  /// Takes the name of a release that no instance has come to use.
  ///
  /// - Returns: where it is by then; nil when it is used or not there.
  func setReleaseAside(_ app: String, _ release: String) throws -> String? {
    let path = paths.release(app, release)
    let isUsed = try registry.all(app: app).contains { $0.release == release && $0.state.usesRelease }
    guard !isUsed, files.exists(path) else { return nil }
    let aside = paths.sweptRelease(app, clock.uuid())
    try files.move(path, to: aside)
    return aside
  }

  /// The folders that releases lie in, as far as there is none left in them.
  package func removeEmptyApps(_ app: String) {
    files.removeFolderIfEmpty("\(paths.apps)/\(app)")
    files.removeFolderIfEmpty(paths.apps)
  }
}

extension InstanceRecord.State {
  /// Whether an instance needs its programs: one that is kept is made anew.
  package var usesRelease: Bool { self != .kept }
}
