import BerthKit

/// One thing that is not as the registry says.
public struct Finding: Report, Equatable {
  /// A stable word, such as `file-differs`.
  public let code: String
  /// The instance, file or unit.
  public let subject: String
  public let problem: String
  /// The command that mends it.
  public let remedy: Remedy

  public var fields: ReportFields {
    ["code": code, "subject": subject, "problem": problem, "remedy": remedy]
  }
}
