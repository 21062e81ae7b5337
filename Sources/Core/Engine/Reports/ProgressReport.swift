import BerthExecution
import BerthKit

/// How far an operation has come: a line of `--progress json`.
public struct ProgressReport: Report {
  public let progress: Executor.Progress
  public let bytesPerSecond: Int64?
  public let secondsLeft: Double?

  public init(_ progress: Executor.Progress, bytesPerSecond: Int64?, secondsLeft: Double?) {
    (self.progress, self.bytesPerSecond, self.secondsLeft) = (progress, bytesPerSecond, secondsLeft)
  }

  public var fields: ReportFields {
    [
      "instance": progress.title, "step": progress.number, "of": progress.count, "kind": progress.kind,
      "summary": progress.summary, "bytes": progress.bytes?.done, "of_bytes": progress.bytes?.of,
      "bytes_per_second": bytesPerSecond, "seconds_left": secondsLeft,
    ]
  }
}
