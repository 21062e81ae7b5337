import BerthKit
import Foundation
import Testing

@Suite("Damaged databases in an archive") struct DamagedDatabaseTests {
  @Test("an archive says which of its databases are damaged, has them all the same, and a check of it says it again")
  func damaged() throws {
    let harbour = try Harbour([SelectedSet("db", .sqlite(paths: ["data/*.sqlite"]))])
    try harbour.write("a", to: "cache/copies/data/a.sqlite")
    try harbour.write("b", to: "cache/copies/data/b.sqlite")
    let copies = ["db": "\(harbour.instance)/cache/copies"]
    #expect(try harbour.back(up: "one", copies: copies).remarks.isEmpty)
    try harbour.write("data/b.sqlite\n", to: "cache/copies.damaged")
    let summary = try harbour.back(up: "two", copies: copies)
    #expect(summary.remarks.first == [.init(.damaged, "data/b.sqlite")] && summary.remarks.leftOut == 0)
    #expect(summary.files == 2)
    #expect(try harbour.verify("two").remarks == summary.remarks)
    let unpacked = try harbour.unpack("two")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(unpacked)/data").sorted() == ["a.sqlite", "b.sqlite"])
  }
}
