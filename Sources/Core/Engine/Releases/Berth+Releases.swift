import BerthKit

extension Berth {
  /// Makes sure that what a plan fetches can be fetched, before anything of it is begun.
  ///
  /// - Throws: `program-missing` or `no-steamcmd`.
  func requireSources(_ plan: Plan) throws {
    for case .makeRelease(let release) in plan.steps.map(\.step) {
      for part in release.parts {
        switch part {
        case .download: try host.sources.downloads.require()
        case .steam: try host.sources.steam.require()
        case .folder, .file: break
        }
      }
    }
  }

  /// The folders of releases that no instance uses, and of those that were never finished.
  func unusedReleases() throws -> [String] {
    guard host.files.isFolder(paths.apps) else { return [] }
    let used = Set(
      try host.registry.all().filter(\.state.usesRelease).compactMap { record in
        record.release.map { paths.release(record.key.app, $0) }
      })
    return try host.files.list(paths.apps).flatMap { app in
      try host.files.list("\(paths.apps)/\(app)").map { "\(paths.apps)/\(app)/\($0)" }.filter { !used.contains($0) }
    }
  }

  /// Removes releases that no instance uses any more.
  ///
  /// An operation that is open may need one when it is taken back, and whoever plans under the host lock counts on those
  /// that are there. Then they wait for the next operation.
  func sweepReleases() async {
    guard host.files.isFolder(paths.apps),
      let lock = try? await host.locks.take(hostLockPath, purpose: "removing what no instance uses", wait: 0)
    else { return }
    defer { lock.release() }
    guard let open = try? host.registry.journal.open(), open.isEmpty, let unused = try? unusedReleases() else { return }
    for path in unused {
      do { try host.files.remove(path) } catch { options.notice("could not be cleared away: \(path)") }
    }
    // Also those that a run which broke off here has left empty.
    for app in (try? host.files.list(paths.apps)) ?? [] { host.removeEmptyApps(app) }
    host.files.removeFolderIfEmpty(paths.apps)
  }
}
