import Foundation
import TestSupport
import Testing

@testable import BerthHost

@Suite("What a process was started with")
struct StartEnvironmentTests {
  private static func environment(of variables: [String: String]) throws -> [String: String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/cat")
    process.environment = variables
    let (asked, answered) = (Pipe(), Pipe())
    process.standardInput = asked
    process.standardOutput = answered
    try process.run()
    defer {
      try? asked.fileHandleForWriting.close()
      process.waitUntilExit()
    }
    // A program has its name before it has its environment. It has both once it has answered.
    try asked.fileHandleForWriting.write(contentsOf: Data("?".utf8))
    #expect(answered.fileHandleForReading.readData(ofLength: 1) == Data("?".utf8))
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
