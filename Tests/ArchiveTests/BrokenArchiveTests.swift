import BerthFiles
import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("A broken archive")
struct BrokenArchiveTests {
  private func harbour(_ compression: ArchiveOrder.Compression) throws -> Harbour {
    let harbour = try Harbour()
    for number in 0..<20 {
      try harbour.write(
        String(repeating: "ship \(number) ", count: number * 9), to: "data/world/\(number % 3)/ship-\(number)")
    }
    symlink("world", "\(harbour.data)/link")
    try harbour.back(up: "one", compression)
    return harbour
  }

  /// Whether what became of an archive is told, or did no harm.
  private func isSafe(_ harbour: Harbour, _ before: Tree) throws -> Bool {
    let isGood: Bool
    do {
      try harbour.verify("one")
      isGood = true
    } catch let error as BerthError {
      #expect(error.kind == .badInput, "\(error)")
      isGood = false
    }
    let order = harbour.unpackOrder("one", index: false)
    do {
      _ = try harbour.archives.unpack(order) { _, _ in }
      defer { TreeRemoval.remove(order.target) }
      return try Tree(order.target) == before
    } catch let error as BerthError {
      #expect([.badInput].contains(error.kind), "\(error)")
      return !isGood && !FileManager.default.fileExists(atPath: order.target)
    }
  }

  @Test("is told, or does no harm, whichever bit of it was changed", arguments: ArchiveOrder.Compression.allCases)
  func bits(compression: ArchiveOrder.Compression) throws {
    let harbour = try harbour(compression)
    let before = try Tree(harbour.instance)
    let url = URL(fileURLWithPath: harbour.archive("one"))
    let good = try Data(contentsOf: url)
    var numbers = SeededNumbers(7)
    for _ in 0..<300 {
      var bad = good
      let (byte, bit) = (Int.random(in: 0..<good.count, using: &numbers), UInt8.random(in: 0..<8, using: &numbers))
      bad[byte] ^= 1 << bit
      try bad.write(to: url)
      #expect(try isSafe(harbour, before), "bit \(bit) of byte \(byte)")
    }
  }

  @Test("is told wherever it is cut off", arguments: ArchiveOrder.Compression.allCases)
  func cuts(compression: ArchiveOrder.Compression) throws {
    let harbour = try harbour(compression)
    let good = try Data(contentsOf: URL(fileURLWithPath: harbour.archive("one")))
    for length in Array(stride(from: 0, to: good.count, by: max(1, good.count / 150))) + [good.count - 1] {
      try good.prefix(length).write(to: URL(fileURLWithPath: harbour.archive("one")))
      #expect(throws: BerthError.self, "\(length) of \(good.count) bytes") { try harbour.verify("one") }
    }
  }

  @Test("is told when something is put behind its end", arguments: ArchiveOrder.Compression.allCases)
  func trailing(compression: ArchiveOrder.Compression) throws {
    let harbour = try harbour(compression)
    let url = URL(fileURLWithPath: harbour.archive("one"))
    let good = try Data(contentsOf: url)
    for more in [Data("more".utf8), Data(repeating: 0, count: 512), good] {
      try (good + more).write(to: url)
      #expect(throws: BerthError.self, "\(more.count) bytes more") { try harbour.verify("one") }
    }
  }

  @Test("is told when it is no archive at all")
  func noArchive() throws {
    let harbour = try Harbour()
    for content in [Data(), Data("text".utf8), Data(repeating: 0, count: 10240)] {
      try content.write(to: URL(fileURLWithPath: harbour.archive("one")))
      #expect(throws: BerthError.self) { try harbour.archives.head(of: harbour.archive("one")) }
      #expect(throws: BerthError.self) { try harbour.verify("one") }
    }
    mkfifo(harbour.archive("two"), 0o600)
    #expect(throws: BerthError.self) { try harbour.verify("two") }
  }
}
