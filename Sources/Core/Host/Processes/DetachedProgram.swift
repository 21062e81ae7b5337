import BerthKit
import Foundation

/// A program that outlives the process that started it.
public enum DetachedProgram {
  /// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which Swift does not import.
  private static let ownSession: Int16 = 0x80
  /// Between two looks whether it has ended.
  private static let pause = Duration.milliseconds(20)

  /// Starts a program in a session of its own and waits for its end, but not for ever.
  ///
  /// What it writes goes to files that nobody else has, so that it does not matter to it whether anybody reads it.
  ///
  /// - Parameters:
  ///   - path: of the program.
  ///   - seconds: how long to wait.
  /// - Returns: what it left; nil where it is still at work.
  public static func run(
    _ path: String, _ words: [String], environment: [String: String], seconds: Int
  ) async throws -> CommandResult? {
    guard let output = tmpfile() else { throw BerthError.fileSystem("cannot make a file in", "/tmp") }
    defer { fclose(output) }
    guard let errors = tmpfile() else { throw BerthError.fileSystem("cannot make a file in", "/tmp") }
    defer { fclose(errors) }
    let process = try start(path, words, environment: environment, output: fileno(output), errors: fileno(errors))
    let deadline = ContinuousClock.now + .seconds(seconds)
    var status: Int32 = 0
    while true {
      switch waitpid(process, &status, WNOHANG) {
      case process:
        let isSignal = status & 0x7F != 0
        return CommandResult(
          status: isSignal ? 128 + status & 0x7F : status >> 8 & 0xFF, output: text(output), errorOutput: text(errors))
      case 0:
        guard ContinuousClock.now < deadline else { return nil }
        try await Task.sleep(for: pause)
      default: throw BerthError.fileSystem("cannot wait for", path)
      }
    }
  }

  private static func start(
    _ path: String, _ words: [String], environment: [String: String], output: Int32, errors: Int32
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    var actions = posix_spawn_file_actions_t()
    posix_spawnattr_init(&attributes)
    posix_spawn_file_actions_init(&actions)
    defer {
      posix_spawnattr_destroy(&attributes)
      posix_spawn_file_actions_destroy(&actions)
    }
    posix_spawnattr_setflags(&attributes, ownSession)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    let variables = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
    let arguments = ([path] + words).map { strdup($0) } + [nil]
    let environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    guard posix_spawn(&process, path, &actions, &attributes, arguments, environment) == 0 else {
      throw BerthError.fileSystem("cannot start", path)
    }
    return process
  }

  private static func text(_ file: UnsafeMutablePointer<FILE>) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var offset: off_t = 0
    while case let count = pread(fileno(file), &buffer, buffer.count, offset), count > 0 {
      bytes += buffer[..<count]
      offset += off_t(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
