import BerthFiles
import BerthKit
import Foundation

extension LinuxFileTree {
  public func usedBytes(_ path: String) -> Int64? {
    guard let top = OpenFolder(path) else {
      return HostPath.info(path).flatMap { $0.st_mode & S_IFMT == S_IFREG ? Int64($0.st_blocks) * 512 : nil }
    }
    var sum: Int64 = 0
    let end = TreeVisit.visit(top) { _, _, info in sum += Int64(info.st_blocks) * 512 }
    return end == .whole ? sum : nil
  }

  public func room(in folder: String) -> DiskRoom? {
    guard let open = OpenFolder(folder), let info = open.info else { return nil }
    var disk = statvfs()
    // What has no blocks at all is not bounded by them.
    guard fstatvfs(open.descriptor, &disk) == 0, disk.f_blocks > 0 else { return nil }
    // What is kept back for root is no room for others (statvfs(3)).
    let blocks = geteuid() == 0 ? disk.f_bfree : disk.f_bavail
    let (bytes, isLarge) = Int64(clamping: blocks).multipliedReportingOverflow(by: Int64(clamping: disk.f_frsize))
    return DiskRoom(
      disk: UInt64(info.st_dev), bytes: isLarge ? .max : bytes, block: max(512, Int64(clamping: disk.f_frsize)))
  }
}
