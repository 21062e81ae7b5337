import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthHost

@Suite("Programs that Berth runs")
struct SubprocessRunnerTests {
  private let runner = SubprocessRunner()

  /// Whether a process with exactly these words is there.
  private static func isRunning(_ words: String...) -> Bool {
    let line = Data(words.joined(separator: "\0").utf8) + [0]
    return SocketTable.processes().contains { FileManager.default.contents(atPath: "/proc/\($0)/cmdline") == line }
  }

  private static func awaitStart(_ words: String...) async throws {
    // Others of this run may have the machine to themselves for a while.
    for _ in 0..<3000 {
      if isRunning(words[0], words[1]) { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("'\(words.joined(separator: " "))' was not started")
  }

  @Test("end at once when the task that waits for them is cancelled")
  func cancelled() async throws {
    let task = Task { [runner] in try await runner.run(Command("/bin/sleep", ["1011"])) }
    try await Self.awaitStart("/bin/sleep", "1011")
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(ContinuousClock.now - start < .seconds(600))
    #expect(!Self.isRunning("/bin/sleep", "1011"))
  }

  @Test("end at once while what they write is waited for")
  func cancelledPieces() async throws {
    let task = Task { [runner] in try await runner.pieces(Command("/bin/sleep", ["1012"])) { _ in } }
    try await Self.awaitStart("/bin/sleep", "1012")
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(ContinuousClock.now - start < .seconds(600))
    #expect(!Self.isRunning("/bin/sleep", "1012"))
  }

  @Test("are ended when their time is over, and not before")
  func limited() async throws {
    let start = ContinuousClock.now
    #expect(try await runner.run(Command("/bin/sleep", ["1013"]), within: .milliseconds(300)) == nil)
    #expect(ContinuousClock.now - start < .seconds(600))
    #expect(!Self.isRunning("/bin/sleep", "1013"))
    #expect(try await runner.run(Command("/bin/sleep", ["0.1"]), within: .seconds(60))?.status == 0)
  }

  @Test("go on to their end where ending them would leave the host half changed")
  func shielded() async throws {
    let folder = try Folder()
    let place = folder.path
    let program = "open my $up, '>', qq($ARGV[0]/up); select undef, undef, undef, 0.05 until -e qq($ARGV[0]/go)"
    let task = Task { [runner] in try await runner.runToItsEnd(Command("perl", ["-e", program, place])) }
    while !FileManager.default.fileExists(atPath: "\(place)/up") { try await Task.sleep(for: .milliseconds(20)) }
    task.cancel()
    #expect(FileManager.default.createFile(atPath: "\(place)/go", contents: nil))
    #expect(try await task.value.status == 0)
  }

  @Test("lead a process group of their own, so that Ctrl-C on the terminal does not reach them")
  func group() async throws {
    let output = try await runner.run(Command("perl", ["-e", "print getpgrp() == $$ ? 'own' : 'shared'"])).output
    #expect(output == "own")
  }

  @Test(
    "have the limit of open files that Berth was started with, while its own is raised; systemd's own are left alone")
  func openFiles() async throws {
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    let hard = limit.rlim_max
    limit.rlim_cur = hard - 7
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    OpenFiles.raiseLimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 && limit.rlim_cur == hard)
    #expect(try await runner.run(Command("perl", ["-e", "exec qw(sh -c), 'ulimit -n'"])).output == "\(hard - 7)\n")
    #expect(OpenFiles.restoring("/usr/bin/systemctl", ["stop"]).program == "/usr/bin/systemctl")
    // A second call is no second raise, and keeps what the first has found.
    OpenFiles.raiseLimit()
    #expect(
      OpenFiles.restoring("/usr/bin/env", []).arguments == ["--nofile=\(hard - 7):\(hard)", "--", "/usr/bin/env"])
  }

  @Test("that are not there are named", arguments: ["no-such-program-1", "/no/such/program"])
  func missing(_ program: String) async throws {
    #expect(await refusal { try await runner.run(Command(program, [])) }?.code == "program-missing")
  }
}
