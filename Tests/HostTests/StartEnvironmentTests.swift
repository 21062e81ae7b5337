import Foundation
import TestSupport
import Testing

@testable import BerthHost

@Suite("What a process was started with")
struct StartEnvironmentTests {
  private static func environment(of variables: [String: String]) throws -> [String: String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sleep")
    process.arguments = ["60"]
    process.environment = variables
    try process.run()
    defer {
      process.terminate()
      process.waitUntilExit()
    }
    // Until it is another program, it has the environment of this one.
    let name = "/proc/\(process.processIdentifier)/comm"
    for _ in 0..<500 where (try? String(contentsOfFile: name, encoding: .utf8)) != "sleep\n" { usleep(10_000) }
    return StartEnvironment.of(Int(process.processIdentifier))
  }

  @Test("is read as it is, with values that hold '=' and newlines")
  func variables() throws {
    let variables = ["PORT": "8303", "WORD": "a=b\nc", "EMPTY": ""]
    #expect(try Self.environment(of: variables).filter { variables[$0.key] != nil } == variables)
  }

  @Test("is nothing where it is longer than any service's, or the process has gone")
  func bounded() throws {
    let long = String(repeating: "x", count: 100_000)
    #expect(try Self.environment(of: ["PORT": "8303", "A": long, "B": long]) == [:])
    #expect(StartEnvironment.of(0) == [:])
  }
}
