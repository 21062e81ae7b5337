import BerthKit

/// Which of a project's containers go on, and what they were when they were found.
extension ProjectReading {
  /// Tells how the services were found.
  mutating func tellPairs(_ found: ServicePairs, _ manifest: Manifest) {
    var same: [String] = []
    for pair in found.pairs {
      let former = pair.container.service
      let now = manifest.compose?.name(of: pair.service) ?? pair.service.id
      let title = "its service '\(former)' goes on as '\(now)'"
      switch pair.way {
      case .name where former == now: same.append(now)
      case .name: note(title)
      case .hand: note("\(title), as --pair says")
      case .containerName: note("\(title), by the name of its container, '\(pair.container.handle.name)'")
      case .image:
        let image = pair.container.image.map(ImageReference.repository) ?? ""
        note("\(title), by its image \(image) alone; --pair \(pair.service.id)=SERVICE says otherwise")
      }
    }
    if !same.isEmpty { note("by their names go on: \(same.joined(separator: ", "))") }
  }

  /// What keeps containers from being stopped and started as they are.
  mutating func judgeStates() {
    for container in project.containers {
      if container.state == .dead {
        problems.append(.deadContainer(container.handle.name, in: project.name))
      } else if container.isSingleCommand, container.state.isAlive {
        problems.append(.commandRuns(container.handle.name, of: container.service, in: project.name))
      }
    }
  }

  /// A service of a pair that a setting turns on was on while its container ran.
  mutating func readCondition(_ pair: ServicePairs.Pair, _ manifest: Manifest) {
    let (service, former) = (pair.service, pair.container.service)
    let runs: Bool
    if let condition = service.condition {
      if pair.container.state.isAlive {
        runs = fulfil(condition, manifest)
      } else {
        runs = readIdle(condition, manifest)
      }
    } else {
      runs = true
    }
    if pair.container.state == .running {
      if !runs { note("its service '\(former)' is stopped, as the settings say") }
    } else {
      note("its service '\(former)' \(Self.phrase(of: pair.container)), and \(runs ? "runs" : "stays stopped")")
    }
  }

  /// A container that has no place in the instance is stopped with the others.
  mutating func tellOther(_ container: ForeignContainer, _ pairs: [ServicePairs.Pair]) {
    let (service, name) = (container.service, container.handle.name)
    let fate = container.state == .running ? "is stopped" : Self.phrase(of: container)
    if container.isSingleCommand {
      note("the container '\(name)' of a single command of its service '\(service)' \(fate), and has no counterpart")
    } else if let pair = pairs.first(where: { $0.container.service == service }) {
      note(
        "its service '\(service)' had several containers, and goes on with '\(pair.container.handle.name)':"
          + " '\(name)' \(fate)")
    } else {
      note("its service '\(service)' \(fate), and has no counterpart")
    }
    for mount in container.mounts {
      // What is no loss for the one that goes on is none for the others.
      let reason = leftovers.first { $0.mount.path == mount.path }?.reason
      leftovers.append(Leftover(mount: mount, service: service, reason: reason))
    }
  }

  /// What a container was, for people.
  private static func phrase(of container: ForeignContainer) -> String {
    switch container.state {
    case .running: "ran"
    case .paused: "was paused"
    case .unwell: "was not well"
    case .created: "was never started"
    case .ended(0) where container.handle.restart == "no": "had ended well, as one does that runs once"
    case .ended(let status): "had ended with the status \(status)"
    case .dead: "is dead"
    }
  }

  /// A service without a container that is needed.
  mutating func readMissing(_ service: Service, _ manifest: Manifest, _ others: [ForeignContainer]) {
    guard let condition = service.condition else {
      let free = others.filter { !$0.isSingleCommand }.map(\.service)
      return problems.append(.serviceMissing(service.id, Set(free).sorted(), in: project.name))
    }
    if readIdle(condition, manifest) { note("the service '\(service.id)' did not run, and will") }
  }

  /// A service that did not run does not begin to, where a setting can say so.
  ///
  /// - Returns: whether it runs all the same.
  private mutating func readIdle(_ condition: Condition, _ manifest: Manifest) -> Bool {
    guard holds(condition, manifest) else { return false }
    guard
      let clause = condition.settings.first(where: { clause in
        clause.values == ["true"] && manifest.setting(clause.setting)?.kind == .bool
          && settings[clause.setting] == nil && given[clause.setting] == nil
      })
    else { return true }
    settings[clause.setting] = "false"
    return false
  }
}
