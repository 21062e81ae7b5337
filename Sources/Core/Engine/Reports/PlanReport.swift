import BerthKit
import BerthPlan

/// What an operation would do.
public struct PlanReport: Report {
  public let plan: Plan

  public init(_ plan: Plan) { self.plan = plan }

  public var fields: ReportFields {
    [
      "verb": plan.verb, "differs": !plan.isEmpty, "changes": plan.changes.map(ChangeReport.init),
      "steps": plan.steps.map { StepReport($0.step) }, "refused": plan.refused.map(RefusalReport.init),
    ]
  }
}

/// What becomes of one instance.
public struct ChangeReport: Report {
  public let change: InstanceChange

  public init(_ change: InstanceChange) { self.change = change }

  public var fields: ReportFields {
    ["action": change.action] + .instance(change.record) + [
      "ports": change.record.ports.map(PortReport.init), "reasons": change.reasons,
      "files": change.diffs.map(FileDiffReport.init), "restarts": change.restarts,
      "weakenings": change.weakenings.map(WeakeningReport.init), "grants": change.grants.map(GrantReport.init),
    ]
  }
}

/// A file that changes, as a unified diff with secrets masked.
struct FileDiffReport: Report {
  let file: InstanceChange.FileDiff

  init(_ file: InstanceChange.FileDiff) { self.file = file }

  var fields: ReportFields { ["path": file.path, "diff": file.diff] }
}

/// The files of an instance that differ from what its settings say.
public struct DifferenceReport: Report {
  public let change: InstanceChange

  public init(_ change: InstanceChange) { self.change = change }

  public var fields: ReportFields { .instance(change.record) + ["files": change.diffs.map(FileDiffReport.init)] }
}

/// What a service may do beyond what shuts every service in.
struct WeakeningReport: Report {
  let weakening: Weakening

  init(_ weakening: Weakening) { self.weakening = weakening }

  var fields: ReportFields {
    ["service": weakening.service, "line": weakening.line, "reason": weakening.reason]
  }
}

/// What an archive or a fleet file asks for.
struct GrantReport: Report {
  let grant: Grant

  init(_ grant: Grant) { self.grant = grant }

  var fields: ReportFields {
    [
      "item": grant.item, "value": grant.value, "meaning": grant.meaning, "answer": grant.answer,
      "optional": grant.isOptional, "source": grant.source,
    ]
  }
}

/// A step of a plan.
struct StepReport: Report {
  let step: Step

  init(_ step: Step) { self.step = step }

  var fields: ReportFields {
    [
      "kind": step.kind, "summary": step.summary, "point_of_no_return": step.isPointOfNoReturn, "text": text,
    ]
  }

  /// Nil where there is no file, or its text is secret.
  private var text: String? {
    switch step {
    case .writeFile(let file) where !file.isSecret: file.text
    case .sharePool(let site): site.file.text
    case .shareUnits(_, let files): files.map { "# \($0.path)\n\($0.text)" }.joined(separator: "\n")
    default: nil
    }
  }
}

/// An instance for which nothing can be planned, and why.
struct RefusalReport: Report {
  let refusal: Refusal

  init(_ refusal: Refusal) { self.refusal = refusal }

  var fields: ReportFields { .instance(refusal.record) + ["error": refusal.error] }
}

/// What became of a fleet file.
public struct FleetReport: Report {
  public let plan: Plan
  public let instances: [InstanceReport]
  /// How many entries failed.
  public let failed: Int

  public init(_ plan: Plan, instances: [InstanceReport], failed: Int) {
    (self.plan, self.instances, self.failed) = (plan, instances, failed)
  }

  public var fields: ReportFields {
    ["changes": plan.changes.map(ChangeReport.init), "instances": instances, "failed": failed]
  }
}
