import BerthKit
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import BerthHost

/// The real program, and a maker whose server takes its time.
@Suite("A download that takes long")
struct SlowDownloadTests {
  /// How often somebody has come, and whether it is open.
  private final class Gate: Sendable {
    private let state = Mutex((requests: 0, isOpen: false))
    var now: (requests: Int, isOpen: Bool) { state.withLock { $0 } }
    func come() { state.withLock { $0.requests += 1 } }
    func open() { state.withLock { $0.isOpen = true } }
  }

  /// A server with one file, which it holds back until it is told to send it.
  private final class Maker: Sendable {
    private static let program = "#!/usr/bin/perl -l\n$| = 1; print qq(here I am); sleep 1 while 1\n"
    private let state: Gate
    private let server: LoopbackServer

    init() throws {
      let state = Gate()
      self.state = state
      server = try LoopbackServer(tcp: 0) { client in
        guard client.receiveHead() != nil else { return }
        state.come()
        for _ in 0..<3000 where !state.now.isOpen { usleep(10_000) }
        let bytes = Array(Self.program.utf8)
        let head = "HTTP/1.0 200 OK\r\nContent-Length: \(bytes.count)\r\nConnection: close\r\n\r\n"
        client.send(Array(head.utf8) + bytes)
      }
    }

    var requests: Int { state.now.requests }
    func open() { state.open() }

    func plugin() async throws -> String {
      """
      schema: 1
      id: slow
      name: Slow
      summary: Comes slowly
      category: game
      version: "1"
      install:
        - download:
            url: "http://127.0.0.1:\(server.port)/slow"
            sha256: "\(try await DownloadedPluginTests.sum(Array(Self.program.utf8)))"
            to: "{{paths.app}}/server"
      services:
        main: { exec: ["{{paths.app}}/server"], stop: { grace: 2s } }
      """
    }
  }

  private static func leftovers(_ box: SandboxFixture) -> [String] {
    box.tree().filter { $0.contains(".making-") || $0.hasSuffix(".lock") }
  }

  @Test("holds up no other command, and is waited for by another one that needs the same")
  func holdsUpNobody() async throws {
    let maker = try Maker()
    try await SandboxFixture.with { box in
      try box.addPlugin("slow", try await maker.plugin())
      try box.addPlugin("idle", FixturePlugins.idle())
      #expect(try await box.berth("host", "up").status == 0)
      async let first = box.berth("install", "slow", "--instance-name", "A")
      try await eventually("the request") { maker.requests == 1 }
      async let second = box.berth("install", "slow", "--instance-name", "B")
      let idle = try await box.berth("install", "idle", "--wait", "0")
      #expect(idle.status == 0, "\(idle.errors)")
      let gone = try await box.berth("remove", "idle", "--yes", "--wait", "0")
      #expect(gone.status == 0, "\(gone.errors)")
      // The second one has come as far as it can.
      try await eventually("the other command") {
        SocketTable.processes().contains { process in
          let line = SocketTable.contents("/proc/\(process)/cmdline")
          return line.contains("\0install\0slow\0--instance-name\0B\0") && line.contains(box.root)
        }
      }
      try await Task.sleep(for: .seconds(1))
      maker.open()
      for run in [try await first, try await second] { #expect(run.status == 0, "\(run.errors)") }
      #expect(try await second.errors.contains("waiting for another Berth, which is fetching what slow needs"))
      #expect(maker.requests == 1)
      #expect(try await box.berth("list", "--json").json().list.count == 2)
      #expect(Self.leftovers(box) == [])
      #expect(try await box.berth("doctor").status == 0)
    }
  }

  @Test("is given up by Ctrl-C with nothing left, and after a kill the next command clears it away")
  func isEnded() async throws {
    for signal in [SIGINT, SIGKILL] {
      let maker = try Maker()
      try await SandboxFixture.with { box in
        try box.addPlugin("slow", try await maker.plugin())
        try box.addPlugin("idle", FixturePlugins.idle())
        #expect(try await box.berth("install", "idle").status == 0)
        let before = box.tree()
        async let run = box.berth("install", "slow")
        try await eventually("the request") { maker.requests == 1 }
        let berth = try #require(
          SocketTable.processes().first { process in
            let line = SocketTable.contents("/proc/\(process)/cmdline")
            return line.contains("\0install\0slow\0") && line.contains(box.root) && !line.contains("curl")
          })
        kill(pid_t(berth), signal)
        #expect(try await run.status == (signal == SIGINT ? 130 : 137))
        if signal == SIGKILL {
          #expect(!Self.leftovers(box).isEmpty)
          // What curl still writes is written into a file that is gone.
          maker.open()
          #expect(try await box.berth("config", "set", "idle", "greeting=x").status == 0)
        }
        #expect(Self.leftovers(box).filter { !$0.hasSuffix(".lock") } == [])
        #expect(box.tree().filter { !before.contains($0) && !$0.hasSuffix(".lock") } == [])
        #expect(try await box.berth("doctor").status == 0)
      }
    }
  }
}
