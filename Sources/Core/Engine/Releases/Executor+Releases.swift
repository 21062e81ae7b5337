import BerthKit

/// Programs that instances share.
extension Executor {
  /// Bytes that no download has more of.
  private static let longestDownload: Int64 = 64 << 30

  /// Puts a release together beside its place and gives it its name when it is whole.
  func make(_ release: Release) async throws {
    let target = host.paths.release(release.app, release.name)
    // Another instance's plan may have made it, or the operation is carried on.
    guard !host.files.exists(target) else { return }
    let staging = host.paths.making(release.app, release.name)
    try host.files.remove(staging)
    try host.files.makeFolder(staging, mode: 0o755, owner: nil)
    let tree = "\(staging)/tree"
    try host.files.makeFolder(tree, mode: 0o755, owner: nil)
    for part in release.parts {
      try faults.pass()
      switch part {
      case .download(let url, let sha256, let place, let isUnpacked, let strip):
        let file = "\(staging)/download"
        try await download(url, sha256, to: file)
        let target = place.isEmpty ? tree : "\(tree)/\(place)"
        do { try await put(file, into: target, isUnpacked: isUnpacked, strip: strip) } catch var error as BerthError {
          // The file itself is gone when anybody reads this.
          if error.location == file { error.location = url }
          throw error
        }
      case .steam(let build):
        let home = "\(staging)/home"
        try host.files.makeFolder(home, mode: 0o700, owner: nil)
        let found = try await host.sources.steam.fetch(build.app, branch: build.branch, into: tree, home: home)
        guard found == build.build else { throw BerthError.steamMoved(build, found: found, app: release.app) }
      case .folder(let place):
        try host.files.makeFolder("\(tree)/\(place)", mode: 0o755, owner: nil)
      case .file(let place):
        let file = "\(tree)/\(place)"
        guard !host.files.exists(file) else { break }
        try host.files.makeFolder(ScopePaths.folder(of: file), mode: 0o755, owner: nil)
        try host.files.write("", to: file, mode: 0o644, owner: nil, anchor: nil)
      }
    }
    try faults.pass()
    try host.sources.archives.settle(tree)
    try host.files.move(tree, to: target)
    host.files.flush([ScopePaths.folder(of: target)])
    try host.files.remove(staging)
  }

  private func download(_ url: String, _ sha256: String, to file: String) async throws {
    let sources = host.sources
    try await tellingBytes {
      try await sources.downloads.fetch(url, to: file, atMost: Self.longestDownload, progress: $0)
    }
    let found = try await tellingBytes { try sources.archives.digest(of: file, progress: $0) }
    guard found == sha256 else { throw BerthError.wrongChecksum(url, wanted: sha256, found: found) }
  }

  private func put(_ file: String, into target: String, isUnpacked: Bool, strip: Int) async throws {
    guard isUnpacked else {
      try host.files.makeFolder(ScopePaths.folder(of: target), mode: 0o755, owner: nil)
      try host.files.copy(file, to: target, mode: 0o755)
      return try host.files.remove(file)
    }
    try host.files.makeFolder(target, mode: 0o755, owner: nil)
    let sources = host.sources
    try await tellingBytes { try sources.archives.unpack(file, into: target, strip: strip, progress: $0) }
    try host.files.remove(file)
  }
}

extension HostServices {
  /// Seconds to wait for another Berth that fetches the same: as long as a large download may take.
  private static let fetchPatience = 86_400

  /// Fetches something into a folder of its own, which is gone again afterwards, under the lock of what is fetched.
  func making<Result>(
    _ app: String, _ name: String, _ body: (_ folder: String) async throws -> Result
  ) async throws -> Result {
    let lock = try await locks.take(
      paths.makingLock(app, name), purpose: "fetching for \(app)", wait: Self.fetchPatience)
    let folder = paths.making(app, name)
    defer {
      try? files.remove(folder)
      removeEmptyApps(app)
      lock.release()
    }
    try files.remove(folder)
    return try await body(folder)
  }

  /// Takes a release away that no instance has come to use, and what was begun of it.
  func removeRelease(_ app: String, _ release: String) throws {
    try files.remove(paths.making(app, release))
    let isUsed = try registry.all(app: app).contains { $0.release == release && $0.state.usesRelease }
    if !isUsed { try files.remove(paths.release(app, release)) }
    removeEmptyApps(app)
  }

  /// The folders that releases lie in, as far as there is none left in them.
  func removeEmptyApps(_ app: String) {
    files.removeFolderIfEmpty("\(paths.apps)/\(app)")
    files.removeFolderIfEmpty(paths.apps)
  }
}

extension InstanceRecord.State {
  /// Whether an instance needs its programs: one that is kept is made anew.
  var usesRelease: Bool { self != .kept }
}
