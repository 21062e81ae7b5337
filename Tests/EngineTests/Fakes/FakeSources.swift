import BerthArchive
import BerthKit
import Foundation

/// Files of a maker that a test has put on the host, at the path that their address ends in. A fake, since dying in the
/// middle of one cannot be timed with a real server; `DownloadTests` has one.
struct FakeDownloads: Downloads {
  let files: JailedFiles

  /// Where the file of an address lies.
  static func place(of url: String) -> String { "/maker/\(url.split(separator: "/").last ?? "")" }

  func require() throws {}

  func fetch(_ url: String, to path: String, atMost limit: Int64, progress: @escaping ByteProgress) async throws {
    guard files.exists(Self.place(of: url)) else {
      throw BerthError("download-failed", .unavailable, "'\(url)' cannot be fetched")
    }
    try files.copy(Self.place(of: url), to: path, mode: 0o644)
    try progress(1, 1)
  }
}

/// SteamCMD that has every app: a file with its number.
struct FakeSteam: SteamServers {
  let files: JailedFiles

  func require() throws {}

  func fetch(_ app: Int, branch: String?, into folder: String, home: String) async throws {
    try files.write("\(app) \(branch ?? "public")\n", to: "\(folder)/server", mode: 0o755, owner: nil, anchor: nil)
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
