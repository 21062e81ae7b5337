import BerthFiles
import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("A full disk")
struct FullDiskTests {
  /// Files that no compression makes smaller.
  private func harbour(megabytes: Int) throws -> Harbour {
    let harbour = try Harbour()
    var numbers = SeededNumbers(1)
    let noise = Data((0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: numbers.next()) { Array($0) } })
    for number in 0..<megabytes { try noise.write(to: URL(fileURLWithPath: "\(harbour.data)/\(number)")) }
    let large = open("\(harbour.data)/large", O_WRONLY | O_CREAT, 0o600)
    defer { close(large) }
    for _ in 0..<megabytes { noise.withUnsafeBytes { _ = write(large, $0.baseAddress, $0.count) } }
    return harbour
  }

  private func isNoSpace(_ error: any Error) -> Bool {
    let error = error as? BerthError
    return error?.code == "no-space" && error?.kind == .failure && error?.remedy != nil
  }

  @Test("is told before a backup begins")
  func before() throws {
    let harbour = try harbour(megabytes: 4)
    try SmallDisk.with(harbour.backups, megabytes: 6) { _ in
      let archive = try harbour.archives.begin(harbour.order("one"))
      #expect { try archive.add([ArchivePart("all")]) { _, _ in Issue.record("it was begun") } } throws: {
        isNoSpace($0)
      }
      archive.discard()
      let left = try FileManager.default.contentsOfDirectory(atPath: harbour.backups)
      #expect(left == [])
    }
  }

  @Test("half-way leaves nothing of a backup")
  func backup() throws {
    let harbour = try harbour(megabytes: 8)
    try SmallDisk.with(harbour.backups, megabytes: 20) { fill in
      let archive = try harbour.archives.begin(harbour.order("one"))
      let error = #expect(throws: BerthError.self) {
        try archive.add([ArchivePart("all")]) { _, _ in fill() }
        _ = try archive.finish()
      }
      #expect(error.map { isNoSpace($0) } == true, "\(String(describing: error))")
      archive.discard()
      let left = try FileManager.default.contentsOfDirectory(atPath: harbour.backups)
      #expect(left == ["filler"])
    }
  }

  @Test("half-way leaves nothing of what was unpacked")
  func unpack() throws {
    let harbour = try harbour(megabytes: 8)
    try harbour.back(up: "one")
    let place = "\(harbour.folder.path)/place"
    mkdir(place, 0o700)
    try SmallDisk.with(place, megabytes: 24) { fill in
      var order = harbour.unpackOrder("one")
      order.target = "\(place)/unpacked"
      let full = order
      #expect { try harbour.archives.unpack(full) { _, _ in fill() } } throws: { isNoSpace($0) }
      #expect(!FileManager.default.fileExists(atPath: order.target))
    }
  }

  @Test("is told before anything is unpacked")
  func unpackBefore() throws {
    let harbour = try harbour(megabytes: 8)
    try harbour.back(up: "one")
    let place = "\(harbour.folder.path)/place"
    mkdir(place, 0o700)
    try SmallDisk.with(place, megabytes: 10) { _ in
      var order = harbour.unpackOrder("one")
      order.target = "\(place)/unpacked"
      let full = order
      #expect { try harbour.archives.unpack(full) { _, _ in Issue.record("it was begun") } } throws: { isNoSpace($0) }
      let left = try FileManager.default.contentsOfDirectory(atPath: place)
      #expect(left == [])
    }
  }
}
