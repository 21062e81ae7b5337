import BerthKit

/// What will be done, in order: plain data that can be printed, stored and compared.
public struct Plan: Sendable, Equatable, Codable {
  /// Such as `install`.
  public let verb: String
  /// The instance it is about.
  public let instance: InstanceRecord
  public let steps: [Step]

  public init(verb: String, instance: InstanceRecord, steps: [Step]) {
    self.verb = verb
    self.instance = instance
    self.steps = steps
  }
}
