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

  /// Removes releases that no instance uses any more, and what is left of those that were never finished.
  ///
  /// An operation that is open may need one when it is taken back, and whoever plans under the host lock counts on those
  /// that are there. Then they wait for the next operation.
  func sweepReleases() async {
    guard host.files.isFolder(paths.apps),
      let lock = try? await host.locks.take(hostLockPath, purpose: "removing what no instance uses", wait: 0)
    else { return }
    defer { lock.release() }
    guard let open = try? host.registry.journal.open(), open.isEmpty, let records = try? host.registry.all() else {
      return
    }
    let used = Set(
      records.filter(\.state.usesRelease).compactMap { record in
        record.release.map { paths.release(record.key.app, $0) }
      })
    for app in (try? host.files.list(paths.apps)) ?? [] {
      for name in (try? host.files.list("\(paths.apps)/\(app)")) ?? [] {
        let path = "\(paths.apps)/\(app)/\(name)"
        if !used.contains(path) { await sweep(path, app, name) }
      }
      // Also those that a run which broke off here has left empty.
      host.removeEmptyApps(app)
    }
    host.files.removeFolderIfEmpty(paths.apps)
  }

  private func sweep(_ path: String, _ app: String, _ name: String) async {
    var lock: (any HeldLock)?
    if let release = ScopePaths.made(in: name) {
      lock = try? await host.locks.take(
        paths.makingLock(app, release), purpose: "removing what was never finished", wait: 0)
      // Another Berth is at work in it.
      if lock == nil { return }
    }
    defer { lock?.release() }
    do { try host.files.remove(path) } catch { options.notice("could not be cleared away: \(path)") }
  }
}
