import BerthEngine
import BerthKit
import BerthPlanning
import BerthStore
import Testing

@Suite("The next backup")
struct ChainRulesTests {
  /// A full backup and the differences after it, each based on the one before.
  private static func chain(_ count: Int, from first: Int = 1, stored: [Int64] = []) -> [BackupRecord] {
    (0..<count).map { position in
      Sample.backup(
        first + position, base: position == 0 ? nil : first + position - 1,
        stored: position < stored.count ? stored[position] : position == 0 ? 1000 : 1)
    }
  }

  private func next(
    after backups: [BackupRecord], isFullAsked: Bool = false, gone: Int = 0, unlisted: Int = 0, changed: Int = 0
  ) -> ChainRules.Next {
    ChainRules.next(
      after: backups, isFullAsked: isFullAsked, hasArchive: { $0.number != gone }, hasIndex: { $0.number != unlisted },
      hasSameSets: { $0.number != changed })
  }

  @Test("is a difference on the newest one, whatever the order and the clocks", arguments: [1, 2, 9])
  func difference(_ count: Int) {
    let former = [Sample.backup(1, at: "2030-01-01T00:00:00Z"), Sample.backup(2, base: 1, at: "2031-01-01T00:00:00Z")]
    let chain = Self.chain(count, from: 3)
    #expect(next(after: (former + chain).reversed()) == .difference(chain: chain))
  }

  @Test("is a full one when there is none, and when somebody asks for it")
  func full() {
    #expect(next(after: []) == .full(.first))
    #expect(next(after: Self.chain(1), isFullAsked: true) == .full(.asked))
  }

  @Test("is a full one when the chain has ten links, and when it has as many as are allowed")
  func longest() {
    #expect(next(after: Self.chain(10)) == .full(.longest))
    #expect(next(after: Self.chain(11)) == .full(.longest))
    let always = ChainRules.next(
      after: Self.chain(1), longest: 1, hasArchive: { _ in true }, hasIndex: { _ in true }, hasSameSets: { _ in true })
    #expect(always == .full(.longest))
  }

  @Test("is a full one when the differences hold more than the full one together")
  func grown() {
    let even = Self.chain(3, stored: [100, 60, 40])
    #expect(next(after: even) == .difference(chain: even))
    #expect(next(after: Self.chain(3, stored: [100, 60, 41])) == .full(.grown))
    // Those of another chain count for nothing.
    let other = Self.chain(3, stored: [1, 60, 60])
    let now = Self.chain(2, from: 4, stored: [100, 50])
    #expect(next(after: other + now) == .difference(chain: now))
    let empty = Self.chain(2, stored: [0, 0])
    #expect(next(after: empty) == .difference(chain: empty))
  }

  @Test("is a full one when a verification of the newest or of one that it needs failed", arguments: [0, 1, 2])
  func damaged(_ position: Int) {
    var chain = Self.chain(3)
    chain[position].checked = "torn"
    #expect(next(after: chain) == .full(.damaged))
    // What the newest does not need is of no account.
    let now = Self.chain(2, from: 4)
    #expect(next(after: chain + now) == .difference(chain: now))
  }

  @Test("is a full one when an archive of the chain is gone", arguments: [1, 2, 3])
  func gone(_ number: Int) {
    #expect(next(after: Self.chain(3), gone: number) == .full(.gone))
  }

  @Test("needs the newest one's list of files and sets, and no other's")
  func needsOnly() {
    let chain = Self.chain(3)
    #expect(next(after: chain, unlisted: 3) == .full(.gone))
    #expect(next(after: chain, changed: 3) == .full(.setsChanged))
    for number in 1...2 {
      #expect(next(after: chain, unlisted: number, changed: number) == .difference(chain: chain))
    }
  }

  @Test("is a full one when a link is not in the registry, or the chain goes in a circle")
  func linkMissing() {
    #expect(next(after: Array(Self.chain(3)[1...])) == .full(.linkMissing))
    #expect(next(after: [Sample.backup(1, base: 2), Sample.backup(2, base: 1)]) == .full(.linkMissing))
    #expect(next(after: [Sample.backup(1, of: 2), Sample.backup(2, of: 1, base: 1)]) == .full(.linkMissing))
  }

  @Test("is never based on one that was imported")
  func imported() {
    let imported = Sample.backup(9, reason: .imported)
    #expect(next(after: [imported]) == .full(.first))
    let chain = Self.chain(2)
    #expect(next(after: chain + [imported]) == .difference(chain: chain))
  }

  @Test("is not looked for on the disk when it is a full one anyway")
  func looksLate() {
    var chain = Self.chain(2)
    chain[0].checked = "torn"
    for (backups, isFullAsked) in [(Self.chain(2), true), ([], false), (Self.chain(10), false), (chain, false)] {
      var looks = 0
      func look(_: BackupRecord) -> Bool {
        looks += 1
        return true
      }
      _ = ChainRules.next(
        after: backups, isFullAsked: isFullAsked, hasArchive: look, hasIndex: look, hasSameSets: look)
      #expect(looks == 0)
    }
  }

  @Test("is not decided when the newest one's sets cannot be read")
  func unreadable() {
    struct Unreadable: Error {}
    #expect(throws: Unreadable.self) {
      try ChainRules.next(
        after: Self.chain(1), hasArchive: { _ in true }, hasIndex: { _ in true },
        hasSameSets: { _ in throw Unreadable() })
    }
  }
}
