import BerthKit
import Foundation

@testable import BerthEngine

extension Plan {
  /// The files that the plan writes for the instance alone.
  var files: [FileWrite] { steps.compactMap { if case .writeFile(let file) = $0 { file } else { nil } } }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// The plan without the files that hold a secret, whose text is not stored.
  var withoutSecrets: Plan {
    Plan(
      verb: verb, instance: instance,
      steps: steps.filter { if case .writeFile(let file) = $0 { !file.isSecret } else { true } })
  }
}
