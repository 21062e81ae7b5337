import BerthFiles
import BerthKit
import Foundation

extension LinuxFileTree {
  public func usedBytes(_ folder: String) -> Int64? {
    guard let top = OpenFolder(folder) else { return nil }
    var sum: Int64 = 0
    let end = TreeVisit.visit(top) { _, _, info in sum += Int64(info.st_blocks) * 512 }
    return end == .whole ? sum : nil
  }
}
