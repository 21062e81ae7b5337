import BerthKit

/// An instance → the plan of its removal. Only computes.
struct RemovePlanner {
  let record: InstanceRecord
  let paths: ScopePaths
  /// Whether folder and settings stay under the instance's id.
  let keepsData: Bool

  func plan() -> Plan {
    let home = paths.instance(record.key)
    let id = record.key.id.text
    var steps: [Step] = [.settle(record, .removing), .stop(record), .disable([record.target])]
    steps += record.units.map { .removeTree(path: "\(paths.unit($0)).d") }
    if keepsData {
      steps += record.services.map { .removeTree(path: paths.environment(record.key.app, id, service: $0)) }
    } else {
      if let directory = record.directory {
        steps += ScopePaths.ownFolders.map { .removeTree(path: "\(directory)/\($0)") }
      }
      steps.append(.removeTree(path: home))
    }
    let shared = record.services.map { UnitName.service(record.key.app, $0) } + [UnitName.target(record.key.app)]
    steps += [.releaseUnits(app: record.key.app, paths: shared.map(paths.unit)), .reloadManager]
    if keepsData {
      steps.append(.keep(record))
    } else {
      if let user = record.user { steps.append(.removeUsers([user])) }
      steps.append(.forget(record))
    }
    return Plan(verb: "remove", instance: record, steps: steps)
  }
}
