import BerthKit
import Foundation

/// A disk without room over a folder, in the mount namespace that this process is in.
public enum FullMount {
  /// Bytes of the disk before it is filled.
  private static let size = 16 << 10
  /// The file that fills it.
  public static let filler = "filler"

  /// - Throws: an error of the file system where nothing can be mounted.
  public static func lay(over folder: String) throws {
    guard mount("tmpfs", folder, "tmpfs", 0, "size=\(size),mode=755") == 0 else {
      throw BerthError.fileSystem("cannot mount a disk over", folder)
    }
    let descriptor = open("\(folder)/\(filler)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    let page = [UInt8](repeating: 0, count: 4096)
    while write(descriptor, page, page.count) > 0 {}
  }
}
