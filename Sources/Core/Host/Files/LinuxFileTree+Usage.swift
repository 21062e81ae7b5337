import BerthKit
import Foundation

extension LinuxFileTree {
  public func usedBytes(_ folder: String) -> Int64? {
    let top = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    return top < 0 ? nil : Self.used(inside: top)
  }

  /// - Parameter descriptor: the open folder, which is closed.
  private static func used(inside descriptor: Int32) -> Int64? {
    var sum: Int64? = 0
    let isListed = visit(descriptor) { name, info in
      sum? += Int64(info.st_blocks) * 512
      guard info.st_mode & S_IFMT == S_IFDIR else { return }
      let inner = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let more = inner < 0 ? nil : used(inside: inner)
      sum = sum.flatMap { sum in more.map { sum + $0 } }
    }
    return isListed ? sum : nil
  }
}
