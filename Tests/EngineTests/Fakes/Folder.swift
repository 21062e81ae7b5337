import BerthHost
import Foundation

/// A temporary folder that goes with its last owner.
final class Folder: Sendable {
  /// Without links in it.
  let path: String

  init() throws {
    // Berth writes every file through to the disk, which costs nothing where there is none.
    let memory = "/dev/shm"
    let top = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    let folder = "\(top)/berth-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = LinuxFileTree().realPath(folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
