import BerthEngine
import BerthKit
import Foundation
import Synchronization

/// Shows on stderr what is being done: a bar on a terminal, JSON lines for scripts, and in a log only what takes time.
final class ProgressReporter: Sendable {
  /// Seconds between two pictures of the bar.
  private static let pause = Duration.milliseconds(80)

  private struct Line: Encodable {
    let instance: String
    let step: Int
    let of: Int
    let kind: String
    let summary: String
  }

  private let style: GlobalOptions.ProgressStyle
  private let isVerbose: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

  init(style: GlobalOptions.ProgressStyle, isVerbose: Bool) {
    self.style = style
    self.isVerbose = isVerbose
  }

  func report(_ progress: Executor.Progress) {
    switch style {
    case .none: break
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
      let line = Line(
        instance: progress.title, step: progress.number, of: progress.count, kind: progress.kind,
        summary: progress.summary)
      if let data = try? encoder.encode(line) { Output.error(String(decoding: data, as: UTF8.self)) }
    case .auto where isVerbose:
      Output.error("\(progress.title): [\(progress.number)/\(progress.count)] \(progress.summary)")
    case .auto where isTerminal: draw(progress)
    case .auto:
      // In a log only the steps that take time are worth a line, and of a batch not a thousand.
      if progress.kind == "start", progress.count < 100 { Output.error("\(progress.title): \(progress.summary)") }
    }
  }

  private func draw(_ progress: Executor.Progress) {
    let isLast = progress.number == progress.count
    let now = ContinuousClock.now
    let isDue = lastShown.withLock { last in
      guard isLast || last.map({ now - $0 >= Self.pause }) ?? true else { return false }
      last = now
      return true
    }
    guard isDue else { return }
    var size = winsize()
    let width = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    let line = ProgressBar.line(
      done: progress.number, of: progress.count, text: "\(progress.title): \(progress.summary)", width: width)
    Output.write("\r\u{1B}[K\(line)\(isLast ? "\r\u{1B}[K" : "")")
  }

  func notice(_ text: String) {
    guard style != .json else { return }
    Output.notice("\(isTerminal && style == .auto ? "\r\u{1B}[K" : "")berth: \(text)")
  }
}
