import BerthHost
import Foundation
import TestSupport
import Testing

@Suite("A path without its links")
struct RealPathTests {
  @Test("is known before what a link leads to is there")
  func dangling() throws {
    let folder = try Folder()
    let files = LinuxFileTree()
    let real = files.realPath(folder.path)
    for (name, target) in [
      ("far", "\(folder.path)/to/come"), ("near", "to/come"), ("over", "near"), ("up", "x/../to/come"),
    ] {
      try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: target)
      #expect(files.realPath("\(folder.path)/\(name)/data") == "\(real)/to/come/data", "\(name)")
    }
    try FileManager.default.createDirectory(atPath: "\(folder.path)/to/come/data", withIntermediateDirectories: true)
    for name in ["far", "near", "over"] {
      #expect(files.realPath("\(folder.path)/\(name)/data") == "\(real)/to/come/data")
    }
  }

  @Test("ends also where links lead in a circle")
  func circle() throws {
    let folder = try Folder()
    for (name, target) in [("a", "b"), ("b", "a")] {
      try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: target)
    }
    #expect(LinuxFileTree().realPath("\(folder.path)/a/data").hasSuffix("/data"))
  }
}
