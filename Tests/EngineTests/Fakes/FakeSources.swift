import BerthArchive
import BerthKit
import Foundation
import Synchronization

/// Files of a maker that a test has put on the host, at the path that their address ends in. A fake, since dying in the
/// middle of one cannot be timed with a real server; `DownloadTests` has one.
final class FakeDownloads: Downloads {
  struct State {
    /// What happens while the next file is fetched.
    var meanwhile: (@Sendable () async throws -> Void)?
  }

  private let state = Mutex(State())
  private let files: JailedFiles

  init(files: JailedFiles) { self.files = files }

  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  /// Where the file of an address lies.
  static func place(of url: String) -> String { "/maker/\(url.split(separator: "/").last ?? "")" }

  func require() throws {}

  func fetch(_ url: String, to path: String, atMost limit: Int64, progress: @escaping ByteProgress) async throws {
    try await state.withLock { state in
      defer { state.meanwhile = nil }
      return state.meanwhile
    }?()
    guard files.exists(Self.place(of: url)) else {
      throw BerthError("download-failed", .unavailable, "'\(url)' cannot be fetched")
    }
    try files.copy(Self.place(of: url), to: path, mode: 0o644)
    try progress(1, 1)
  }
}

/// Stands in for SteamCMD, which needs Steam's own network: it has the builds that it is told of, and makes a file that
/// says what it is.
final class FakeSteam: SteamServers {
  struct State {
    /// The builds of apps, by branch.
    var builds = [4711: ["public": 90, "beta": 100]]
    /// What is handed out in place of any build, as when Steam has moved on after it was asked.
    var handedOut: Int?
    var isSilent = false
    /// The apps that it was asked about, in order.
    var asked: [Int] = []
    /// What was fetched, in order.
    var fetched: [String] = []
  }

  private let state: Mutex<State>
  private let files: JailedFiles

  init(files: JailedFiles, like other: FakeSteam? = nil) {
    self.files = files
    state = Mutex(other?.now ?? State())
  }

  var now: State { state.withLock { $0 } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func require() throws {}

  func builds(of app: Int, home: String) async throws -> [String: Int] {
    guard try files.list(home).isEmpty, !now.isSilent else {
      throw BerthError("steam-silent", .unavailable, "Steam says nothing")
    }
    set { $0.asked.append(app) }
    return now.builds[app] ?? [:]
  }

  func fetch(_ app: Int, branch: String?, into folder: String, home: String) async throws -> Int {
    let build = now.handedOut ?? now.builds[app]?[branch ?? "public"] ?? 0
    set { $0.fetched.append("\(app) \(branch ?? "public") \(build)") }
    try files.write(
      "\(app) \(branch ?? "public") \(build)\n", to: "\(folder)/server", mode: 0o755, owner: nil, anchor: nil)
    return build
  }
}

/// Real archives below a temporary folder, as ``JailedArchives``.
struct JailedAppArchives: AppArchives {
  let files: JailedFiles
  private let real = MakerArchives()

  init(files: JailedFiles) { self.files = files }

  private var root: String { files.folder.path }

  func digest(of path: String, progress: ByteProgress) throws -> String {
    try real.digest(of: root + path, progress: progress)
  }

  func unpack(_ archive: String, into folder: String, strip: Int, progress: ByteProgress) throws {
    try files.fault.act("unpack \(archive)") {
      try real.unpack(root + archive, into: root + folder, strip: strip, progress: progress)
    }
  }

  func settle(_ folder: String) throws { try files.fault.act("settle \(folder)") { try real.settle(root + folder) } }
}
