import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Users of a sandbox")
struct SandboxUsersTests {
  private let folder: Folder
  private let users: SandboxUsers

  init() throws {
    folder = try Folder()
    users = SandboxUsers(paths: .sandbox(root: folder.path, runtime: "/run/berth-test"))
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/state/private", withIntermediateDirectories: true)
  }

  private static func names(_ numbers: Range<Int>) -> [String] {
    numbers.map { number in
      let digits = String(number, radix: 16)
      return "berth-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
  }

  private func lines(_ file: String) throws -> [String] {
    try String(contentsOfFile: "\(folder.path)/state/private/\(file)", encoding: .utf8).split(separator: "\n")
      .map(String.init)
  }

  @Test("a thousand are made and removed at once, in both files, each once")
  func thousand() async throws {
    let names = Self.names(0..<1000)
    #expect(users.missing(names) == names)
    try await users.make(names)
    try await users.make(Array(names.prefix(2)))
    #expect(users.missing(names + ["berth-ffffffffffff"]) == ["berth-ffffffffffff"])
    #expect(users.exists(names[999]))
    #expect(try lines("passwd").count == 1000)
    #expect(try lines("passwd")[10] == "berth-00000000000a:x:1900000010:1900000010::/nonexistent:/usr/sbin/nologin")
    #expect(try lines("group")[10] == "berth-00000000000a:x:1900000010:")
    try await users.remove(names.filter { $0 != names[1] } + ["berth-ffffffffffff"])
    #expect(try lines("passwd").count == 1 && lines("group").count == 1)
    #expect(users.exists(names[1]))
  }

  @Test("those that several Berths make and remove at once are all there, and those of others stay")
  func atOnce() async throws {
    try await users.make(Self.names(5000..<5100))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for part in 0..<10 {
        group.addTask { [users] in try await users.make(Self.names(part * 100..<part * 100 + 100)) }
        group.addTask { [users] in try await users.remove(Self.names(5000 + part * 10..<5010 + part * 10)) }
      }
      try await group.waitForAll()
    }
    #expect(users.missing(Self.names(0..<1000)) == [])
    #expect(users.missing(Self.names(5000..<5100)).count == 100)
    #expect(try lines("group").count == 1000)
  }

  @Test("one that is none of Berth's is refused, with nothing made")
  func foreign() async throws {
    #expect(await refusal { try await users.make(Self.names(0..<1) + ["root"]) }?.code == "unknown-user")
    #expect(users.missing(Self.names(0..<1)) == Self.names(0..<1))
  }
}
