import BerthKit
import BerthPlan
import BerthRender

/// Config files that the app writes too.
extension Executor {
  /// The same steps, in which such a file keeps what the app has written since the plan was made, as it does when it ends.
  func merged(_ steps: [PlannedStep]) throws -> [PlannedStep] {
    try steps.compactMap { planned in
      guard case .writeFile(let file) = planned.step, let edits = file.edits, file.aside == nil,
        host.files.exists(file.path)
      else { return planned }
      do {
        let text = try ConfigText.applying(edits, to: try host.files.read(file.path), file: file.path)
        return PlannedStep(step: .writeFile(file.with(text: text)), phase: planned.phase, owner: planned.owner)
      } catch {
        try fail(planned, error)
        return nil
      }
    }
  }

  /// Makes sure that programs have not written over what was set.
  ///
  /// - Throws: `change-not-taken`. Where nobody waits for the start, nothing is looked at.
  func requireTaken(_ checks: [ConfigCheck], by record: InstanceRecord) throws {
    guard options.awaitsStart, !options.isBooting else { return }
    for check in checks {
      let text = host.files.exists(check.path) ? try host.files.read(check.path) : ""
      let missing = try ConfigText.missing(check.edits, in: text, file: check.path)
      guard missing.assignments.isEmpty else {
        throw BerthError.changeNotTaken(missing.assignments.map(\.key), check, record)
      }
    }
  }
}
