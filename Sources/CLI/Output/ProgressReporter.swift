import BerthEngine
import BerthKit
import Foundation

/// Shows on stderr what is being done: a line that changes on a terminal, JSON lines for scripts, else every step.
struct ProgressReporter: Sendable {
  private let style: GlobalOptions.ProgressStyle
  private let isVerbose: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1

  init(style: GlobalOptions.ProgressStyle, isVerbose: Bool) {
    self.style = style
    self.isVerbose = isVerbose
  }

  private struct Line: Encodable {
    let instance: String
    let step: Int
    let of: Int
    let kind: String
    let summary: String
  }

  func step(_ step: Step, _ number: Int, _ count: Int, _ title: String) {
    switch style {
    case .none: break
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
      let line = Line(instance: title, step: number, of: count, kind: step.kind, summary: step.summary)
      if let data = try? encoder.encode(line) { Output.error(String(decoding: data, as: UTF8.self)) }
    case .auto where isVerbose: Output.error("\(title): [\(number)/\(count)] \(step.summary)")
    case .auto where isTerminal:
      let text = "\(title): [\(number)/\(count)] \(step.summary)".prefix(100)
      FileHandle.standardError.write(Data("\r\u{1B}[K\(text)\(number == count ? "\r\u{1B}[K" : "")".utf8))
    case .auto:
      // In a log only the steps that take time are worth a line.
      if case .start = step { Output.error("\(title): \(step.summary)") }
    }
  }

  func notice(_ text: String) { if style != .json { Output.notice("berth: \(text)") } }
}
