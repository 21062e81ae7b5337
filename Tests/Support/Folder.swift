import BerthFiles
import BerthHost
import Foundation
import Synchronization

/// A temporary folder that goes with its last owner.
///
/// A run of tests that ends before the last owner has gone fails: systemd looks at every file in `/dev/shm` whenever a
/// service of a user's ends, so that what tests leave there slows down every service of the host.
public final class Folder: Sendable {
  /// Without links in it.
  public let path: String

  private static let present = Mutex<Set<String>>([])

  /// Removes at the end of the process what nobody has removed, and ends it with an error.
  private static let look: Void = {
    atexit {
      let left = Folder.present.withLock { $0 }
      guard !left.isEmpty else { return }
      for path in left { TreeRemoval.remove(path) }
      let words = "folders of tests that somebody still held at the end: \(left.count)\n"
      FileHandle.standardError.write(Data(words.utf8))
      fflush(nil)
      _exit(70)
    }
  }()

  public init() throws {
    _ = Self.look
    // Berth writes every file through to the disk, which costs nothing where there is none.
    let memory = "/dev/shm"
    let top = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    path = "\(LinuxFileTree().realPath(top))/berth-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    _ = Self.present.withLock { $0.insert(path) }
  }

  /// A copy of another one.
  public convenience init(like other: Folder) throws {
    try self.init()
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: other.path) {
      try files.copyItem(atPath: "\(other.path)/\(name)", toPath: "\(path)/\(name)")
    }
    // Links within it are links within the copy.
    for case let name as String in files.enumerator(atPath: path) ?? .init() {
      guard let target = try? files.destinationOfSymbolicLink(atPath: "\(path)/\(name)") else { continue }
      try files.removeItem(atPath: "\(path)/\(name)")
      try files.createSymbolicLink(
        atPath: "\(path)/\(name)", withDestinationPath: target.replacing(other.path, with: path))
    }
  }

  deinit {
    TreeRemoval.remove(path)
    _ = Self.present.withLock { $0.remove(path) }
  }
}
