import BerthExecution
import BerthKit
import BerthPlan

extension Berth {
  /// Makes sure that a release can be fetched, before anything of it is begun.
  ///
  /// - Throws: `program-missing` or `no-steamcmd`.
  func requireSource(_ release: Release) throws {
    for part in release.parts {
      switch part {
      case .download: try host.sources.downloads.require()
      case .steam: try host.sources.steam.require()
      case .folder, .file: break
      }
    }
  }

  /// Removes releases that no instance uses any more, and what is left of those that were never finished.
  ///
  /// An operation that is open may need one when it is taken back. Then they wait for the next operation. Under the host
  /// lock they only lose their names: what takes long is to delete them. An operation that was planned before looks
  /// again whether its releases are there; see ``Executor``.
  func sweepReleases() async {
    guard host.files.isFolder(paths.apps) else { return }
    let lock = HostLock(host, purpose: "removing what no instance uses", wait: 0)
    let gone = try? await lock.holding { try releasesThatGo() }
    for path in gone ?? [] { await sweep(path) }
    for app in (try? host.files.list(paths.apps)) ?? [] { host.removeEmptyApps(app) }
    host.files.removeFolderIfEmpty(paths.apps)
  }

  /// The folders that go, those of releases under another name by now.
  private func releasesThatGo() throws -> [String] {
    guard try host.registry.journal.open().isEmpty else { return [] }
    let used = Set(
      try host.registry.all().filter(\.state.usesRelease).compactMap { record in
        record.release.map { paths.release(record.key.app, $0) }
      })
    var gone: [String] = []
    for app in try host.files.list(paths.apps) {
      for name in (try? host.files.list("\(paths.apps)/\(app)")) ?? [] {
        let path = "\(paths.apps)/\(app)/\(name)"
        guard !used.contains(path) else { continue }
        if ScopePaths.made(in: name) != nil || ScopePaths.isSwept(name) {
          gone.append(path)
        } else {
          let aside = paths.sweptRelease(app, host.clock.uuid())
          try host.files.move(path, to: aside)
          gone.append(aside)
        }
      }
    }
    return gone
  }

  private func sweep(_ path: String) async {
    let folder = ScopePaths.folder(of: path)
    let (app, name) = (folder.dropFirst(paths.apps.count + 1), path.dropFirst(folder.count + 1))
    var lock: (any HeldLock)?
    if let release = ScopePaths.made(in: String(name)) {
      lock = try? await host.locks.take(
        paths.makingLock(String(app), release), purpose: "removing what was never finished", wait: 0)
      // Another Berth is at work in it.
      if lock == nil { return }
    }
    defer { lock?.release() }
    do { try host.files.remove(path) } catch { options.notice("could not be cleared away: \(path)") }
  }
}
