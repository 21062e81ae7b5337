import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Writing to a server's standard input")
struct InputPipeTests {
  @Test("a pipe that is none, that nobody reads, or that is full is an error of its own")
  func pipes() async throws {
    let folder = try Folder()
    let connector = SocketConnector()
    func write(_ bytes: Int, to name: String) async -> ConnectionFailure? {
      do {
        try await connector.write(
          Array(repeating: 65, count: bytes), toPipe: "\(folder.path)/\(name)", seconds: 0.2)
        return nil
      } catch { return error as? ConnectionFailure }
    }
    #expect(await write(1, to: "none") == .refused)
    mkfifo("\(folder.path)/lonely", 0o600)
    #expect(await write(1, to: "lonely") == .refused)
    try Data().write(to: URL(fileURLWithPath: "\(folder.path)/file"))
    #expect(await write(1, to: "file") == .failed("'\(folder.path)/file' is no pipe"))
    symlink("\(folder.path)/lonely", "\(folder.path)/link")
    #expect(await write(1, to: "link") != nil)
    mkfifo("\(folder.path)/slow", 0o600)
    let reader = open("\(folder.path)/slow", O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    var failures: [ConnectionFailure] = []
    for _ in 0..<40 where failures.isEmpty {
      if let failure = await write(4096, to: "slow") { failures.append(failure) }
    }
    #expect(failures == [.silent])
  }
}
