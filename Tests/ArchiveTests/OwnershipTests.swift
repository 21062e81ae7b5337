import BerthFiles
import BerthKit
import Foundation
import Testing

@testable import BerthArchive

@Suite("Whose the files of a backup are")
struct OwnershipTests {
  private let ownership = Ownership(from: .init(user: 900, group: 901), to: (700, 701))

  private func entry(_ user: UInt32, _ group: UInt32, _ kind: FileEntry.Kind = .file, mode: UInt16 = 0o644) -> FileEntry
  {
    var entry = FileEntry(path: Bytes("data/x".utf8), kind: kind, mode: mode)
    entry.user = user
    entry.group = group
    return entry
  }

  @Test("the instance's become the instance's again, and all others keep their numbers")
  func numbers() {
    #expect(ownership.numbers(of: entry(900, 901)) == (700, 701))
    #expect(ownership.numbers(of: entry(900, 999)) == (700, 999))
    #expect(ownership.numbers(of: entry(999, 901)) == (999, 701))
    #expect(ownership.numbers(of: entry(0, 0, .folder)) == (0, 0))
  }

  @Test("a backup that does not say who its user was gives everything to the instance")
  func unknown() {
    let ownership = Ownership(from: nil, to: (700, 701))
    #expect(ownership.numbers(of: entry(0, 999)) == (700, 701))
  }

  @Test("nothing comes back that lets a program act as another user")
  func mode() {
    #expect(ownership.mode(of: entry(900, 901, mode: 0o6755)) == 0o6755)
    #expect(ownership.mode(of: entry(999, 901, mode: 0o6755)) == 0o2755)
    #expect(ownership.mode(of: entry(900, 999, mode: 0o6755)) == 0o4755)
    #expect(ownership.mode(of: entry(0, 0, mode: 0o7777)) == 0o1777)
    #expect(ownership.mode(of: entry(999, 999, .folder, mode: 0o2770)) == 0o2770)
    #expect(Ownership(from: nil, to: (0, 0)).mode(of: entry(900, 900, mode: 0o6755)) == 0o755)
  }
}
