/// What went wrong, where, and the one command that helps.
///
/// Errors are built by named factories, one file per module (`BerthError+Kit.swift` and its siblings), so that every
/// code stands in one place. Nothing decides on the text of an error; programs compare ``code``.
public struct BerthError: Error, Sendable, Equatable {
  /// The family of an error. It alone decides the exit status.
  public enum Kind: Int32, Sendable, Codable, CaseIterable {
    /// A flag, argument or value that cannot be.
    case usage = 64
    /// An input file (a plugin, a fleet file) that cannot be read as what it should be.
    case badInput = 65
    /// A program or service manager that is needed is missing.
    case unavailable = 69
    /// Everything that has no better word.
    case failure = 70
    /// A port, name, path or unit is someone else's.
    case conflict = 73
    /// A lock is held; the same call may work later.
    case busy = 75
    /// The file system or the operating system says no.
    case notAllowed = 77

    /// The status with which the program exits.
    public var exitStatus: Int32 { rawValue }

    /// What counts most comes first: a batch exits with the first that any of its items had.
    public static let bySeverity: [Kind] = [
      .failure, .notAllowed, .unavailable, .busy, .conflict, .badInput, .usage,
    ]
  }

  /// A stable word for programs, such as `port-in-use`.
  public var code: String
  /// The family, which decides the exit status.
  public var kind: Kind
  /// One sentence that quotes its subject.
  public var summary: String
  /// The file and line, instance or step, when there is one.
  public var location: String?
  /// One command to type, or one change to make.
  public var remedy: Remedy?
  /// What lies underneath: a system error, or the last log lines of a service.
  public var cause: String?
  /// The key path in the file at ``location``, which the summary quotes; what reads the whole of a file goes by it.
  package var key: String?

  /// The most bytes of a part of an error. What it quotes may be as long as whoever wrote it liked.
  public static let longest = 4000

  /// Parts that are too long are cut in their middle.
  public init(
    _ code: String, _ kind: Kind, _ summary: String, at location: String? = nil, remedy: Remedy? = nil,
    cause: String? = nil
  ) {
    self.code = code
    self.kind = kind
    self.summary = summary.bounded(to: Self.longest)
    self.location = location?.bounded(to: Self.longest)
    self.remedy = remedy?.bounded(to: Self.longest)
    self.cause = cause?.bounded(to: 4 * Self.longest)
  }

  /// The same error with a place, unless it names one already.
  public func at(_ place: String) -> BerthError {
    var copy = self
    copy.location = location ?? place.bounded(to: Self.longest)
    return copy
  }
}

extension BerthError {
  /// Whatever went wrong in a word of Berth's.
  public init(anything error: any Error) {
    if let error = error as? BerthError {
      self = error
    } else if error is CancellationError {
      self.init("ended", .failure, "it was told to end before it was done", remedy: "run it again")
    } else {
      self.init("failed", .failure, "\(error)")
    }
  }
}

extension BerthError: Encodable {
  private enum CodingKeys: String, CodingKey {
    case code, summary, remedy, cause
    case location = "where"
  }

  /// Writes the five keys of the JSON contract; what is unknown is `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(summary, forKey: .summary)
    try container.encode(location, forKey: .location)
    try container.encode(remedy, forKey: .remedy)
    try container.encode(cause, forKey: .cause)
  }
}

extension BerthError: CustomStringConvertible {
  /// The error as a person reads it: what, where, remedy and cause, a line each.
  public var description: String {
    // What an instance says in a cause must not pass for a line of the error's own.
    var lines = ["error: \(VisibleText.line(summary))"]
    if let location { lines.append("  where:  \(VisibleText.line(location))") }
    if let cause {
      let causeLines = cause.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
      if causeLines.count == 1 {
        lines.append("  cause:  \(VisibleText.block(cause))")
      } else {
        lines.append("  cause:")
        lines += causeLines.map { "    \(VisibleText.block($0))" }
      }
    }
    if let remedy { lines.append("  remedy: \(VisibleText.line(remedy.text))") }
    return lines.joined(separator: "\n")
  }
}
