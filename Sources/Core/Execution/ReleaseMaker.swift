import BerthKit
import BerthPlan

/// Fetches releases and puts them together beside their place, which touches nothing that anybody uses.
///
/// Whoever calls it holds the lock of the release. What breaks off is cleared away by the next sweep.
package struct ReleaseMaker {
  /// Bytes that no download has more of.
  private static let longestDownload: Int64 = 64 << 30

  package let host: HostServices
  package let options: Executor.Options
  package let faults: FaultPoints

  package init(host: HostServices, options: Executor.Options, faults: FaultPoints) {
    self.host = host
    self.options = options
    self.faults = faults
  }

  /// Makes a release whole at ``ScopePaths/made(_:_:)``, unless it is.
  ///
  /// - Parameter progress: what is reported with the bytes of long copies.
  package func make(_ release: Release, telling progress: Executor.Progress?) async throws {
    let whole = host.paths.made(release.app, release.name)
    guard !host.files.exists(whole) else { return }
    let staging = host.paths.making(release.app, release.name)
    try host.beginMaking(staging, mode: 0o755)
    let tree = "\(staging)/tree"
    try host.files.makeFolder(tree, mode: 0o755, owner: nil)
    for part in release.parts {
      try faults.pass()
      switch part {
      case .download(let url, let sha256, let place, let isUnpacked, let strip):
        let file = "\(staging)/download"
        try await download(url, sha256, to: file, progress)
        let target = place.isEmpty ? tree : "\(tree)/\(place)"
        do { try await put(file, into: target, isUnpacked: isUnpacked, strip: strip, progress) } catch var error
          as BerthError
        {
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
    try host.files.move(tree, to: whole)
  }

  private func download(
    _ url: String, _ sha256: String, to file: String, _ progress: Executor.Progress?
  ) async throws {
    let sources = host.sources
    try await options.tellingBytes(of: progress) {
      try await sources.downloads.fetch(url, to: file, atMost: Self.longestDownload, progress: $0)
    }
    let found = try await options.tellingBytes(of: progress) { try sources.archives.digest(of: file, progress: $0) }
    guard found == sha256 else { throw BerthError.wrongChecksum(url, wanted: sha256, found: found) }
  }

  private func put(
    _ file: String, into target: String, isUnpacked: Bool, strip: Int, _ progress: Executor.Progress?
  ) async throws {
    guard isUnpacked else {
      try host.files.makeFolder(ScopePaths.folder(of: target), mode: 0o755, owner: nil)
      try host.files.copy(file, to: target, mode: 0o755)
      return try host.files.remove(file)
    }
    try host.files.makeFolder(target, mode: 0o755, owner: nil)
    let sources = host.sources
    try await options.tellingBytes(of: progress) {
      try sources.archives.unpack(file, into: target, strip: strip, progress: $0)
    }
    try host.files.remove(file)
  }
}
