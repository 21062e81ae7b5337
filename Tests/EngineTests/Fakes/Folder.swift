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

  /// A copy of another one.
  init(like other: Folder) throws {
    path = "\((other.path as NSString).deletingLastPathComponent)/berth-test-\(UUID().uuidString)"
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
    // Links within it are links within the copy.
    for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/\(name)") else { continue }
      try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      try FileManager.default.createSymbolicLink(
        atPath: "\(path)/\(name)", withDestinationPath: target.replacing(other.path, with: path))
    }
  }

  // Tests nest folders deeper than Foundation can go.
  deinit { try? LinuxFileTree().remove(path) }
}
