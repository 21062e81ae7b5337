import BerthHost
import Foundation

/// A temporary folder that goes with its last owner.
final class Folder: Sendable {
  /// Without links in it.
  let path: String

  init() throws {
    let folder = "\(NSTemporaryDirectory())/berth-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = LinuxFileTree().realPath(folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
