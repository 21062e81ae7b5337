import BerthEngine
import BerthExecution
import BerthKit
import Foundation
import Synchronization

/// Shows on stderr what is being done: a bar on a terminal, JSON lines for scripts, and in a log only what takes time.
final class ProgressReporter: Sendable {
  /// Between two pictures of the bar, and between two lines about one long copy.
  private static let pause = Duration.milliseconds(80)
  private static let pauseBetweenLines = Duration.milliseconds(500)

  private struct State {
    var lastShown: ContinuousClock.Instant?
    var copy: CopyRate?
  }

  private let style: GlobalOptions.ProgressStyle
  private let isVerbose: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  init(style: GlobalOptions.ProgressStyle, isVerbose: Bool) {
    self.style = style
    self.isVerbose = isVerbose
  }

  func report(_ progress: Executor.Progress) {
    guard style != .none else { return }
    let rate =
      progress.bytes.map { bytes in
        state.withLock { state in
          if state.copy?.isOf(progress) != true { state.copy = CopyRate(progress) }
          return state.copy?.now(bytes)
        }
      } ?? nil
    switch style {
    case .none: break
    case .json: if progress.bytes == nil || isDue(progress, Self.pauseBetweenLines) { writeLine(progress, rate) }
    case .auto where isVerbose:
      if progress.bytes == nil {
        Output.error("\(progress.title): [\(progress.number)/\(progress.count)] \(progress.summary)")
      }
    case .auto where isTerminal: if isDue(progress, Self.pause) { draw(progress, rate) }
    case .auto:
      // In a log only the steps that take time are worth a line, and of a batch not a thousand.
      let isLong = ["start", "archive", "unpack", "fetch"].contains(progress.kind)
      if isLong, progress.bytes == nil, progress.count < 100 { Output.error("\(progress.title): \(progress.summary)") }
    }
  }

  private func isDue(_ progress: Executor.Progress, _ pause: Duration) -> Bool {
    let isLast = progress.number == progress.count && progress.bytes.map { $0.done >= $0.of } ?? true
    let now = ContinuousClock.now
    return state.withLock { state in
      guard isLast || state.lastShown.map({ now - $0 >= pause }) ?? true else { return false }
      state.lastShown = now
      return true
    }
  }

  private func writeLine(_ progress: Executor.Progress, _ rate: CopyRate.Now?) {
    let line = ProgressReport(progress, bytesPerSecond: rate?.bytesPerSecond, secondsLeft: rate?.secondsLeft)
    if let text = Output.compact(line) { Output.error(text) }
  }

  private func draw(_ progress: Executor.Progress, _ rate: CopyRate.Now?) {
    let width = Output.columns(STDERR_FILENO)
    let line: String
    if let bytes = progress.bytes, bytes.of > 0 {
      line = ProgressBar.line(
        done: Int(bytes.done * 100 / bytes.of), of: 100, text: "\(progress.title): \(rate?.text(bytes) ?? "")",
        width: width)
    } else {
      line = ProgressBar.line(
        done: progress.number, of: progress.count, text: "\(progress.title): \(progress.summary)", width: width)
    }
    let isLast = progress.number == progress.count && progress.bytes == nil
    Output.bar(line, isLast: isLast)
  }

  func notice(_ text: String) {
    guard style != .json else { return }
    // It may name a file of an instance's, which must not begin a line of its own.
    let line = VisibleText.line("berth: \(text)")
    if style == .auto { Output.noticeOverBar(line) } else { Output.notice(line) }
  }
}

/// How fast one long copy is.
struct CopyRate {
  /// What is known of it at a moment.
  struct Now {
    let bytesPerSecond: Int64?
    let secondsLeft: Double?

    /// Bytes, rate and time left, in a few words.
    func text(_ bytes: Executor.Progress.Bytes) -> String {
      var words = ["\(ByteCount.text(bytes.done)) of \(ByteCount.text(bytes.of))"]
      if let bytesPerSecond { words.append("\(ByteCount.text(bytesPerSecond))/s") }
      if let secondsLeft { words.append("\(ByteCount.seconds(secondsLeft)) left") }
      return words.joined(separator: ", ")
    }
  }

  private let title: String
  private let number: Int
  private let began = ContinuousClock.now

  init(_ progress: Executor.Progress) {
    title = progress.title
    number = progress.number
  }

  func isOf(_ progress: Executor.Progress) -> Bool { progress.title == title && progress.number == number }

  /// - Parameter elapsed: seconds since it began; by the clock when it is nil.
  func now(_ bytes: Executor.Progress.Bytes, elapsed: Double? = nil) -> Now {
    let seconds = elapsed ?? (ContinuousClock.now - began) / .seconds(1)
    // The first moments say nothing yet.
    guard seconds >= 0.2, bytes.done > 0 else { return Now(bytesPerSecond: nil, secondsLeft: nil) }
    let rate = Double(bytes.done) / seconds
    return Now(bytesPerSecond: Int64(rate), secondsLeft: max(0, Double(bytes.of - bytes.done)) / rate)
  }
}
