import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("A backup and back")
struct RoundTripTests {
  @Test("an unpacked backup is the tree that was backed up", arguments: ArchiveOrder.Compression.allCases)
  func ordinary(compression: ArchiveOrder.Compression) throws {
    let harbour = try Harbour()
    try harbour.write("ships", to: "data/world/ships")
    try harbour.write("", to: "data/world/empty")
    try harbour.write("port = 1", to: "config/main.conf")
    symlink("world/ships", "\(harbour.data)/link")
    link("\(harbour.data)/world/ships", "\(harbour.data)/again")
    let summary = try harbour.back(up: "one", compression)
    #expect(summary.files == 4)
    #expect(summary.bytes == 13)
    #expect(try harbour.verify("one").files == 4)
    let target = try harbour.unpack("one")
    #expect(try Tree(target).differences(from: Tree(harbour.instance)) == [])
    #expect(try harbour.archives.head(of: harbour.archive("one")).settings.first?.value == "open sesame")
  }
}
