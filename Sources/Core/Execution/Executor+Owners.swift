import BerthKit
import BerthPlan

extension Executor {
  /// The same steps, in which a user that only an image knows is replaced by its numbers.
  ///
  /// Root in a container has a right to other users' folders, or is given none: the folder stays the instance's.
  func owned(_ steps: [PlannedStep]) async throws -> [PlannedStep] {
    var known: [ContainerUser: FileNumbers] = [:]
    var owned: [PlannedStep] = []
    for planned in steps where !hasFailed(planned.owner) {
      guard case .makeFolder(let path, let mode, let owner?, let isShared) = planned.step, let inside = owner.inside,
        !host.files.exists(path)
      else {
        owned.append(planned)
        continue
      }
      do {
        let numbers: FileNumbers
        switch inside {
        case .numbers(let told): numbers = told
        case .image(let engine, let image, let user):
          if let found = known[inside] {
            numbers = found
          } else {
            numbers = try await host.containers[engine].user(of: image, as: user)
          }
        }
        known[inside] = numbers
        let whose = FileOwner(user: owner.user, inside: numbers.user == 0 ? nil : .numbers(numbers))
        let step = Step.makeFolder(path: path, mode: mode, owner: whose, isShared: isShared)
        owned.append(PlannedStep(step: step, phase: planned.phase, owner: planned.owner))
      } catch {
        try fail(planned, error)
      }
    }
    return owned
  }
}
