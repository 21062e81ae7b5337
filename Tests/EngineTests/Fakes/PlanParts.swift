import BerthKit
import BerthStore
import Foundation

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

extension Plan {
  /// The steps without their places.
  var plainSteps: [Step] { steps.map(\.step) }

  /// The kinds of the steps, in order.
  var kinds: [String] { steps.map(\.step.kind) }

  /// The one instance that the plan is about.
  var instance: InstanceRecord { changes[0].record }

  /// The files that the plan writes for instances alone.
  var files: [FileWrite] { plainSteps.compactMap { if case .writeFile(let file) = $0 { file } else { nil } } }

  /// The first registration.
  var registration: Registration? {
    plainSteps.lazy.compactMap { if case .register(let registration) = $0 { registration } else { nil } }.first
  }

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
      verb: verb, changes: changes,
      steps: steps.filter { planned in
        switch planned.step {
        case .writeFile(let file): !file.isSecret
        case .register(let registration): !registration.settings.contains(where: \.isSecret)
        default: true
        }
      })
  }
}

/// What is asked for one instance, as most tests do.
extension Berth {
  func install(_ request: InstallRequest) async throws -> InstanceReport {
    guard let outcome = try await install([request]).first else { throw CancellationError() }
    return try outcome.result.get()
  }

  func planInstall(_ request: InstallRequest) async throws -> Plan { try await planInstall([request]) }

  func remove(_ key: InstanceKey, keepsData: Bool) async throws {
    if let error = try await remove([record(key)], keepsData: keepsData).values.first { throw error }
  }

  func planRemove(_ key: InstanceKey, keepsData: Bool) async throws -> Plan {
    try await planRemove([record(key)], keepsData: keepsData)
  }

  /// Changes one instance; nil when there was nothing to change.
  func change(_ record: InstanceRecord, _ wish: ChangeWish) async throws -> InstanceReport? {
    try await change("update", [record], wish).first?.result.get()
  }
}

extension Berth.Options {
  /// The others go on when one instance fails.
  static var keepingGoing: Berth.Options { .init(execution: .init(keepsGoing: true)) }
}

extension ControlOutcome {
  /// What went wrong, in its word.
  var code: String? { error?.code }

  var error: BerthError? { if case .failure(let error) = result { error } else { nil } }
}

extension Finding {
  var line: String { "\(code): \(subject): \(problem)" }
}

extension InstanceRegistry {
  func setState(_ state: InstanceRecord.State, of uid: String) throws { try setStates([(uid, state)]) }
  func keep(_ uid: String) throws { try keep([uid]) }
  func forget(_ uid: String) throws { try forget([uid]) }
  func setChecksum(_ checksum: String?, of path: String, instance: String) throws {
    try setChecksums([(path, instance, checksum)])
  }
}
