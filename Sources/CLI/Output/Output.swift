import BerthKit
import Foundation

/// Writes results to stdout and everything else to stderr. Nothing else in the program writes to either.
///
/// What instances, archives and files say may be part of any text, and so each goes through ``VisibleText`` here, whether a
/// terminal, a pager or a file is behind it. Who needs every byte takes JSON, which escapes the same characters.
enum Output {
  /// One line of the result, or several.
  static func line(_ text: String) { print(Paint.finished(text)) }

  /// A result that is a file's content or a single value: as it is for a file or a program, made visible on a terminal.
  static func content(_ text: String) {
    if isatty(STDOUT_FILENO) == 1 { line(text) } else { print(text) }
  }

  /// Whoever read the result has gone and wants no more, such as `head`.
  struct ReaderGone: Error {}

  /// Makes sure that the result has been written, which a full disk shows only now.
  ///
  /// - Throws: `no-output`, or ``ReaderGone``.
  static func finish() throws {
    // All streams, of which this program has no other with something in it.
    guard fflush(nil) == 0 else {
      if errno == EPIPE { throw ReaderGone() }
      throw BerthError(
        "no-output", .failure, "the result could not be written: \(String(cString: strerror(errno)))", at: "stdout",
        remedy: .run(Command("df", ["-h"])))
    }
  }

  /// A value as JSON, keys in a steady order.
  static func json(_ value: some Encodable, isCompact: Bool = false) throws {
    let encoder = encoder()
    encoder.outputFormatting =
      isCompact ? [.sortedKeys, .withoutEscapingSlashes] : [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(VisibleText.json(String(decoding: try encoder.encode(value), as: UTF8.self)))
  }

  private static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    let whole: @Sendable (Remedy) -> Remedy = { Invocation.typed.resolved($0) }
    encoder.userInfo[.wholeRemedy] = whole
    return encoder
  }

  /// Something a person should hear.
  static func notice(_ text: String) { error(text) }

  /// The same, also where a line of progress stands on the terminal.
  static func noticeOverBar(_ text: String) {
    write((isatty(STDERR_FILENO) == 1 ? clearLine : "") + Paint.finished(text) + "\n")
  }

  /// A line of progress in the place of the former one.
  ///
  /// - Parameter isLast: whether it goes again at once.
  static func bar(_ line: String, isLast: Bool) {
    write("\(clearLine)\(VisibleText.line(line))\(isLast ? clearLine : "")")
  }

  private static let clearLine = "\r\u{1B}[K"

  /// An error, as text or as one JSON object.
  static func failure(_ problem: BerthError, json: Bool) {
    let problem = Invocation.typed.resolved(problem)
    guard json else {
      let text = problem.description
      return error(Style.stderr.red(String(text.prefix(6))) + text.dropFirst(6))
    }
    guard let text = compact(problem) else { return error(problem.description) }
    error(text)
  }

  /// A value as one line of JSON; nil where it cannot be.
  static func compact(_ value: some Encodable) -> String? {
    let encoder = encoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { VisibleText.json(String(decoding: $0, as: UTF8.self)) }
  }

  /// Something that is allowed and worth a look, in one line.
  static func warning(_ remark: BerthError) {
    let text = [remark.location, remark.summary].compactMap { $0 }.joined(separator: ": ")
    error(VisibleText.line("warning: \(text)"))
  }

  /// An error in one line, for one of many.
  static func failureLine(_ problem: BerthError) {
    let problem = Invocation.typed.resolved(problem)
    let parts = [problem.location, problem.summary, problem.cause.map(lastLines)].compactMap { $0 }
    let line = VisibleText.line("\(parts.joined(separator: ": "))\(problem.remedy.map { " (remedy: \($0))" } ?? "")")
    error("\(Style.stderr.red("error:")) \(line)")
  }

  /// The end of a cause, where a log says what became of a program, as one line.
  private static func lastLines(_ cause: String) -> String {
    let lines = cause.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    return (lines.count > shownLines ? "… " : "") + lines.suffix(shownLines).joined(separator: " | ")
  }

  /// Of a cause, where an error has one line.
  private static let shownLines = 3

  static func error(_ text: String) { write(Paint.finished(text) + "\n") }

  /// Text on stderr as it stands. A terminal that has hung up takes nothing, and must not end what goes on.
  private static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

  /// Asks on the terminal.
  ///
  /// - Returns: nil at the end of the input.
  static func ask(_ question: String, isHidden: Bool = false) -> String? {
    write("\(VisibleText.line(question)) ")
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

  /// How wide text may be: what `COLUMNS` says, else as wide as the terminal is, or 80 where there is none.
  static func columns(_ descriptor: Int32) -> Int {
    if let text = ProcessInfo.processInfo.environment["COLUMNS"], let columns = Int(text), columns > 0 {
      return columns
    }
    var size = winsize()
    return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
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

  private func paint(_ text: String, _ code: String) -> String { isOn ? Paint.coloured(text, code) : text }
}
