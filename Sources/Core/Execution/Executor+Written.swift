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
}
