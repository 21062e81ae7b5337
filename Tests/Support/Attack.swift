import Foundation
import Synchronization

/// An attack program that runs beside a test, without rights where the test has any, and ends with it.
public final class Attack: Sendable {
  /// The program of `Tests/Attacks/Doors`, which was built beside the tests.
  public static var doors: String { "\((BerthProgram.path as NSString).deletingLastPathComponent)/attack-doors" }

  private let process: Process
  private let heard = Mutex("")

  /// Starts one, as the user `nobody` where this process is root's.
  public init(_ words: String...) throws {
    let process = Process()
    let line =
      (getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []) + [Self.doors]
    process.executableURL = URL(fileURLWithPath: line[0])
    process.arguments = line.dropFirst() + words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    self.process = process
    pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
      let text = String(decoding: handle.availableData, as: UTF8.self)
      self?.heard.withLock { $0 += text }
    }
    try process.run()
  }

  // The number of one that has ended may be that of another process by now.
  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  public func end() {
    // Whoever starts processes with signals blocked hands that down.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Everything that it has printed so far.
  public var output: String { heard.withLock { $0 } }

  /// Waits for a word of its output.
  ///
  /// - Returns: the output, with or without it, after ten seconds.
  @discardableResult
  public func output(with text: String) async throws -> String {
    for _ in 0..<500 where !output.contains(text) { try await Task.sleep(for: .milliseconds(20)) }
    return output
  }
}
