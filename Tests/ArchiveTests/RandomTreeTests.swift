import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("Random trees")
struct RandomTreeTests {
  @Test("come back from a backup as they were", arguments: 1...12)
  func oneBackup(seed: Int) throws {
    let harbour = try Harbour()
    var tree = RandomTree(harbour.data, seed: UInt64(seed))
    tree.grow(80)
    let before = try Tree(harbour.instance)
    try harbour.back(up: "one")
    try harbour.verify("one")
    #expect(try Tree(try harbour.unpack("one", index: seed % 2 == 0)).differences(from: before) == [])
  }

  @Test("come back from every backup of a chain, whatever changed in between", arguments: 1...6)
  func chain(seed: Int) throws {
    let harbour = try Harbour()
    var tree = RandomTree(harbour.data, seed: UInt64(100 + seed))
    tree.grow(60)
    var states: [Tree] = []
    var chain: [String] = []
    for number in 0..<4 {
      states.append(try Tree(harbour.instance))
      try harbour.back(up: "b\(number)", chain: chain)
      chain.append("b\(number)")
      // Old enough to be told from what comes.
      usleep(60_000)
      tree.change(12)
    }
    for (number, state) in states.enumerated() {
      let before = Array(chain[..<number])
      try harbour.verify("b\(number)")
      #expect(try Tree(try harbour.unpack("b\(number)", chain: before)).differences(from: state) == [])
    }
  }
}
