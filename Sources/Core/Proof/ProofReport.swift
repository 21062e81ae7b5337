import BerthEngine
import BerthHost
import BerthKit
import Foundation

/// One thing that was tried, and what came of it.
public struct ProofCheck: Report {
  public enum Outcome: String, Sendable, Encodable {
    case passed, failed
    /// It cannot be tried with this plugin or on this host.
    case skipped
  }

  public let level: ProofLevel
  public let title: String
  public let outcome: Outcome
  /// Why it failed or was skipped; nil for what has passed.
  public let reason: String?
  public let seconds: Double

  package init(level: ProofLevel, title: String, outcome: Outcome, reason: String?, seconds: Double) {
    (self.level, self.title, self.outcome, self.reason, self.seconds) = (level, title, outcome, reason, seconds)
  }

  public var fields: ReportFields {
    [
      "level": level.rawValue, "check": title, "outcome": outcome, "reason": reason,
      "seconds": (seconds * 100).rounded() / 100,
    ]
  }
}

/// Which level a plugin has come to, and by what.
public struct ProofReport: Report {
  public let app: String
  /// Of the plugin.
  public let version: String
  /// The level that was aimed at.
  public let aim: ProofLevel
  public internal(set) var checks: [ProofCheck]
  /// The folder of a sandbox that was left; nil for none.
  public internal(set) var sandbox: String?

  package init(app: String, version: String, aim: ProofLevel, checks: [ProofCheck], sandbox: String? = nil) {
    (self.app, self.version, self.aim, self.checks, self.sandbox) = (app, version, aim, checks, sandbox)
  }

  /// The highest level all of whose checks, and those below, have passed; nil for none.
  public var level: ProofLevel? {
    let failed = checks.filter { $0.outcome == .failed }.map(\.level).min()
    let tried = checks.map(\.level).max()
    return ProofLevel.allCases.last { level in failed.map { level < $0 } ?? true && tried.map { level <= $0 } ?? false }
  }

  /// The first check that has failed.
  public var failure: ProofCheck? { checks.first { $0.outcome == .failed } }

  public var fields: ReportFields {
    [
      "id": app, "version": version, "level": level?.rawValue ?? 0, "aim": aim.rawValue, "checks": checks,
      "sandbox": sandbox,
    ]
  }

  /// A badge for a page: an SVG without fonts, scripts or links of its own.
  public var badge: String {
    let number = level?.rawValue ?? 0
    let color = number >= 5 ? "#2a7d3f" : number >= 2 ? "#8a6d00" : "#a33"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="96" height="20" role="img" aria-label="berth level \(number) of 8">
        <title>berth level \(number) of 8</title>
        <rect width="48" height="20" fill="#444"/>
        <rect x="48" width="48" height="20" fill="\(color)"/>
        <g fill="#fff" font-family="sans-serif" font-size="11" text-anchor="middle">
          <text x="24" y="14">berth</text>
          <text x="72" y="14">level \(number)</text>
        </g>
      </svg>

      """
  }
}

extension ProofReport {
  /// Writes the report as JSON, and its badge, into a folder that is made where it is not there.
  ///
  /// - Throws: an error of the file system.
  public func write(into folder: String) throws {
    let files = LinuxFileTree()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(self), as: UTF8.self)
    try files.makeFolder(folder, mode: 0o755, owner: nil)
    for (name, text) in [("\(app).json", "\(VisibleText.json(json))\n"), ("\(app).svg", badge)] {
      try files.write(text, to: "\(folder)/\(name)", mode: 0o644, owner: nil, anchor: nil)
    }
  }
}
