import BerthEngine
import BerthKit

/// Prints a plan: a numbered list for people, every step with its file's text for programs.
enum PlanOutput {
  private struct Report: Encodable {
    let verb: String
    let app: String
    let instance_id: InstanceID
    let instance_name: InstanceName
    let ports: [InstanceRecord.Port]
    let steps: [StepReport]
  }

  private struct StepReport: Encodable {
    let kind: String
    let summary: String
    /// Null where there is no file, or its text is secret.
    let text: String?

    private enum CodingKeys: String, CodingKey { case kind, summary, text }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(kind, forKey: .kind)
      try container.encode(summary, forKey: .summary)
      try container.encode(text, forKey: .text)
    }
  }

  static func print(_ plan: Plan, json: Bool) throws {
    guard json else {
      Output.line("to \(plan.verb) \(plan.instance.title), Berth would:")
      for (index, step) in plan.steps.enumerated() { Output.line("\(index + 1). \(step.summary)") }
      return
    }
    try Output.json(
      Report(
        verb: plan.verb, app: plan.instance.key.app, instance_id: plan.instance.key.id,
        instance_name: plan.instance.name, ports: plan.instance.ports, steps: plan.steps.map(report)))
  }

  private static func report(_ step: Step) -> StepReport {
    let text: String? =
      switch step {
      case .writeFile(let file) where !file.isSecret: file.text
      case .shareUnits(_, let files): files.map { "# \($0.path)\n\($0.text)" }.joined(separator: "\n")
      default: nil
      }
    return StepReport(kind: step.kind, summary: step.summary, text: text)
  }
}
