import BerthFiles
import Foundation

@testable import BerthArchive

/// A temporary folder that goes with its last owner.
final class Folder: Sendable {
  /// Without links in it.
  let path: String

  init() throws {
    // What is written is written through to the disk, which costs nothing where there is none.
    let memory = "/dev/shm"
    let top = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    path = "\(top)/berth-archive-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { TreeRemoval.remove(path) }
}
