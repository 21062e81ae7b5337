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

  /// The plan without the steps that hold a secret, which is not stored.
  var withoutSecrets: Plan {
    Plan(
      verb: verb, instance: instance,
      steps: steps.filter { step in
        switch step {
        case .writeFile(let file): !file.isSecret
        case .register(let registration): !registration.settings.contains(where: \.isSecret)
        default: true
        }
      })
  }
}
