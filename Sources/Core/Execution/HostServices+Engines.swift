import BerthKit
import BerthPlan

extension HostServices {
  /// Asks each engine that runs services of instances once. One that does not answer says nothing of any.
  package func engineAnswers(for records: [InstanceRecord]) async -> EngineAnswers {
    let engines = Set(records.flatMap { $0.images.values.map(\.runner) })
    var answers: [Container.Engine: [EngineContainer]] = [:]
    for engine in engines { answers[engine] = try? await containers[engine].containers() }
    return EngineAnswers(answers)
  }
}
