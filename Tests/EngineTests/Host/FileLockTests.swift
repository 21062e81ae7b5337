import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Locks on files")
struct FileLockTests {
  private let folder: Folder
  private let locks = FileLocks(clock: FakeClock())

  init() throws { folder = try Folder() }

  private var path: String { "\(folder.path)/demo.lock" }

  @Test("say who holds them, and nobody once they are let go of")
  func holder() async throws {
    #expect(locks.holder(of: path) == nil)
    let lock = try await locks.take(path, purpose: "a test", wait: 0)
    #expect(locks.holder(of: path) == "process \(getpid()), since 2026-11-21T09:00:00Z, a test")
    #expect(await refusal { try await locks.take(path, purpose: "another", wait: 0) }?.code == "busy")
    lock.release()
    #expect(locks.holder(of: path) == nil)
  }

  @Test("are nobody's where a killed process left its file, and can be taken")
  func stale() async throws {
    try "process 1, since long ago, a test".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(locks.holder(of: path) == nil)
    try await locks.take(path, purpose: "a test", wait: 0).release()
  }

  @Test("can be taken while others look who holds them")
  func looking() async throws {
    let (path, locks) = (path, locks)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for _ in 1...2000 { _ = locks.holder(of: path) } }
      for _ in 1...200 { try await locks.take(path, purpose: "a test", wait: 0).release() }
      try await group.waitForAll()
    }
  }
}
