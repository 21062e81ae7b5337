import BerthKit
import Foundation
import Synchronization
import Testing

@testable import BerthHost

@Suite("Waiting for a service")
struct ReadinessTests {
  @Test("looks again until it is ready")
  func ready() async throws {
    let looks = Mutex(0)
    try await Readiness(of: "it", timeout: 3600, mainProcess: Int(getpid())) {
      looks.withLock {
        $0 += 1
        return $0 < 3 ? .notYet("no") : .ready
      }
    }.wait()
    #expect(looks.withLock { $0 } == 3)
  }

  @Test(
    "gives up after the time, with what was said last",
    arguments: [
      ("it answered 503", "it did not get ready within 0 s: it answered 503"),
      (nil, "nothing answered on it within 0 s"),
    ])
  func timeout(_ answer: String?, _ says: String) async throws {
    let error = await #expect(throws: BerthError.self) {
      try await Readiness(of: "it", timeout: 0, mainProcess: nil) { .notYet(answer) }.wait()
    }
    #expect(error?.code == "not-ready")
    #expect(error?.summary == says)
  }

  @Test("ends with the main process, whatever the time")
  func death() async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/true")
    try process.run()
    process.waitUntilExit()
    let error = await #expect(throws: BerthError.self) {
      try await Readiness(of: "it", timeout: 3600, mainProcess: Int(process.processIdentifier)) { .notYet("x") }.wait()
    }
    #expect(error?.summary.contains("the service ended") == true)
  }

  @Test(
    "a status line says what it says, and nothing else is one",
    arguments: [
      ("HTTP/1.1 200 OK\r\n", 200), ("HTTP/1.0 503 no\r\nX: 200\r\n", 503), ("HTTP/1.1 204\r\n", 204), ("", nil),
      ("HTTP/1.1", nil), ("HTTP/1.1 2000 OK\r\n", nil), ("HTTP/1.1 2x0 OK\r\n", nil), ("HTTP/2 200\r\n", nil),
      ("SSH-2.0-x 200 y\r\n", nil), ("\r\nHTTP/1.1 200 OK\r\n", nil), ("HTTP/1.1 ²00 OK\r\n", nil),
    ] as [(String, Int?)])
  func statusLine(_ line: String, _ status: Int?) { #expect(HTTPQuestion.status(in: Array(line.utf8)) == status) }

  @Test("random bytes are no answer that breaks it: 20,000 of them")
  func garbage() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var line = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if Bool.random(using: &random) { line = Array("HTTP/1.1 ".utf8) + line }
      let status = HTTPQuestion.status(in: line)
      #expect(status.map { (0...999).contains($0) } ?? true)
    }
  }
}
