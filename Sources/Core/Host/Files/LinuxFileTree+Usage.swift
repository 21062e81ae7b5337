import BerthKit
import Foundation

extension LinuxFileTree {
  public func usedBytes(_ folder: String) -> Int64? {
    let top = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    return top < 0 ? nil : Self.used(inside: top)
  }

  /// - Parameter descriptor: the open folder, which is closed. By it, nobody who may write in there can lead elsewhere.
  private static func used(inside descriptor: Int32) -> Int64? {
    guard let stream = fdopendir(descriptor) else {
      close(descriptor)
      return nil
    }
    defer { closedir(stream) }
    var sum: Int64 = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      var info = stat()
      // What went since the folder was read takes nothing.
      guard name != [0x2E, 0], name != [0x2E, 0x2E, 0], fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0
      else { continue }
      sum += Int64(info.st_blocks) * 512
      guard info.st_mode & S_IFMT == S_IFDIR else { continue }
      let inner = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard inner >= 0, let more = used(inside: inner) else { return nil }
      sum += more
    }
    return sum
  }
}
