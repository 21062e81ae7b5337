import BerthKit
import BerthPlan
import Foundation

/// What the journal is told.
extension Executor {
  /// A plan as the journal keeps it: one that may have to be finished. Nil for others.
  package static func kept(_ plan: Plan) throws -> String? {
    plan.mayBeFinished ? try encoded(plan) : nil
  }

  static func encoded(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    (encoder.userInfo[.includesSecrets], encoder.outputFormatting) = (true, .withoutEscapingSlashes)
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  package static func text(_ error: any Error) -> String { BerthError(anything: error).summary }

  /// An error as the journal keeps it. What an instance wrote that is taken back as a whole can be read nowhere else later.
  func kept(_ error: any Error, of uid: String? = nil) -> String {
    let isGone = uid.map { made[$0] != nil } ?? !made.isEmpty
    let error = BerthError(anything: error)
    return isGone ? [error.summary, error.cause].compactMap { $0 }.joined(separator: "\n") : error.summary
  }

  /// What went wrong with each instance, likewise.
  var keptFailures: [String: String] {
    failures.reduce(into: [:]) { texts, failure in texts[failure.key] = kept(failure.value, of: failure.key) }
  }
}
