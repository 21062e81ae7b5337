import BerthKit
import Foundation

/// Writes results to stdout and everything else to stderr.
enum Output {
  /// One line of the result.
  static func line(_ text: String) { print(text) }

  /// A value as JSON, keys in a steady order.
  static func json(_ value: some Encodable, isCompact: Bool = false) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      isCompact ? [.sortedKeys, .withoutEscapingSlashes] : [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Something a person should hear.
  static func notice(_ text: String) { error(text) }

  /// An error, as text or as one JSON object.
  static func failure(_ problem: BerthError, json: Bool) {
    guard json else {
      let text = problem.description
      return error(Style.stderr.red(String(text.prefix(6))) + text.dropFirst(6))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(problem) else { return error(problem.description) }
    error(String(decoding: data, as: UTF8.self))
  }

  /// An error in one line, for one of many.
  static func failureLine(_ problem: BerthError) {
    let parts = [problem.location, problem.summary].compactMap { $0 }.joined(separator: ": ")
    error("\(Style.stderr.red("error:")) \(parts)\(problem.remedy.map { " (remedy: \($0))" } ?? "")")
  }

  static func error(_ text: String) { write(text + "\n") }

  /// Text on stderr as it stands. A terminal that has hung up takes nothing, and must not end what goes on.
  static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

  /// Asks on the terminal.
  ///
  /// - Returns: nil at the end of the input.
  static func ask(_ question: String, isHidden: Bool = false) -> String? {
    write("\(question) ")
    // Nothing has begun while a person is asked, and reading a line cannot be cancelled.
    guard isHidden else { return Signals.endingAtOnce { readLine() } }
    var settings = termios()
    tcgetattr(STDIN_FILENO, &settings)
    let former = settings
    settings.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    let restore: @Sendable () -> Void = {
      var former = former
      tcsetattr(STDIN_FILENO, TCSANOW, &former)
      error("")
    }
    defer { restore() }
    return Signals.endingAtOnce(after: restore) { readLine() }
  }

  static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }
}

/// Colours, only on a terminal and never with `NO_COLOR` (no-color.org).
struct Style {
  static let stdout = Style(descriptor: STDOUT_FILENO)
  static let stderr = Style(descriptor: STDERR_FILENO)

  let isOn: Bool

  init(descriptor: Int32) {
    let environment = ProcessInfo.processInfo.environment
    isOn = isatty(descriptor) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  func red(_ text: String) -> String { paint(text, "31") }
  func green(_ text: String) -> String { paint(text, "32") }
  func yellow(_ text: String) -> String { paint(text, "33") }
  func bold(_ text: String) -> String { paint(text, "1") }

  private func paint(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
