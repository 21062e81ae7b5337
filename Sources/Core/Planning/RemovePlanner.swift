import BerthKit
import BerthPlan

/// An instance → what is to be done for its removal. Only computes.
struct RemovePlanner {
  let record: InstanceRecord
  let paths: ScopePaths
  /// What the unit folder has of the app.
  let units: UnitFolder
  /// What it has behind web proxies.
  var sites = PresentSites.none
  /// The file by which panels find it; nil for none.
  var registration: String?
  /// What panels manage all instances of the app by.
  var panel: [String] = []
  /// Whether folder and settings stay under the instance's id.
  let keepsData: Bool
  var reasons: [String] = ["asked for"]
  /// Jobs to run before anything of it is taken away.
  var jobs: [Step] = []

  func steps() -> InstanceSteps {
    let home = paths.instance(record.key)
    let id = record.key.id.text
    var steps = InstanceSteps(InstanceChange(keepsData ? .keep : .remove, record, reasons: reasons))
    steps.add(.halt, [.settle(record, .removing), .stop(record, units: [])])
    steps.add(.halt, jobs)
    steps.add(.halt, [.disable([record.target])])
    steps.add(.clear, (units.own[record.key.app]?[id] ?? []).map { .removeTree(path: $0) })
    steps.add(.clear, (stamps(id) + record.folders + (registration.map { [$0] } ?? [])).map { .removeTree(path: $0) })
    if keepsData {
      // Nobody manages it now, and it gets them again when it is taken up.
      steps.add(
        .clear, (ScopePaths.scripts + [ScopePaths.backupsLink]).map { .removeTree(path: "\(home)/\($0)") })
      steps.add(
        .clear, record.services.flatMap { paths.environments(record, service: $0) }.map { .removeTree(path: $0) })
      let engines = Set(record.images.values.map(\.runner))
      steps.add(
        .clear,
        Container.Engine.allCases.filter(engines.contains).flatMap(\.kind.ownFiles)
          .map { .removeTree(path: "\(home)/\($0)") })
    } else {
      if let directory = record.directory {
        steps.add(.clear, ScopePaths.ownFolders.map { .removeTree(path: "\(directory)/\($0)") })
      }
      steps.add(.clear, [.removeTree(path: home)])
    }
    steps.add(
      .clear, [.releaseUnits(app: record.key.app, paths: (units.shared[record.key.app] ?? []) + panel)])
    if keepsData {
      steps.add(.forget, [.keep(record)])
    } else {
      if let user = record.user { steps.add(.forget, [.removeUsers([user])]) }
      steps.add(.forget, [.forget(record)])
    }
    steps.add(.reload, [.reloadManager])
    steps.add(sites.steps())
    return steps
  }

  /// What the manager remembers of the instance's timers.
  private func stamps(_ id: String) -> [String] {
    (units.shared[record.key.app] ?? []).compactMap { path in
      guard path.hasSuffix("@.timer"), let slash = path.lastIndex(of: "/") else { return nil }
      let template = path[path.index(after: slash)...]
      return paths.stamp("\(template.dropLast(".timer".count))\(id).timer")
    }
  }
}
