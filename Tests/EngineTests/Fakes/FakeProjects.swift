import BerthKit
import Synchronization

/// A project of Docker Compose as a value. A fake, since Docker needs a host of its own; the real one is tried where
/// systemd has booted.
final class FakeProjects: ForeignProjects {
  struct State {
    /// By the folder of its Compose file.
    var projects: [String: ForeignProject] = [:]
    /// The names of containers that run.
    var running: Set<String> = []
    /// The names of containers that are gone.
    var gone: Set<String> = []
    /// The names of containers that do not get well.
    var unwell: Set<String> = []
  }

  private let state = Mutex(State())
  private let fault: Fault

  init(fault: Fault) { self.fault = fault }

  var now: State { state.withLock { $0 } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func project(in folder: String) async throws -> ForeignProject {
    guard var project = now.projects[folder] else {
      throw BerthError("no-project", .unavailable, "nothing runs from '\(folder)'")
    }
    project.containers.removeAll { now.gone.contains($0.handle.name) }
    for index in project.containers.indices
    where project.containers[index].state.isAlive && !now.running.contains(project.containers[index].handle.name) {
      project.containers[index].state = .ended(0)
    }
    return project
  }

  func present(_ containers: [ContainerHandle]) async throws -> [ContainerHandle] {
    containers.filter { !now.gone.contains($0.name) }
  }

  func stop(_ containers: [ContainerHandle]) async throws {
    try fault.act("stop the containers \(containers.map(\.name).joined(separator: " "))") {
      state.withLock { $0.running.subtract(containers.map(\.name)) }
    }
  }

  func start(_ containers: [ContainerHandle]) async throws -> [String] {
    let containers = containers.filter { $0.comeback != .stopped }
    let unwell = containers.filter { now.unwell.contains($0.name) }
    if let first = unwell.first(where: { !$0.isAuxiliary }) {
      throw BerthError("container-failed", .failure, "'\(first.name)' did not start")
    }
    try fault.act("start the containers \(containers.map(\.name).joined(separator: " "))") {
      state.withLock { $0.running.formUnion(containers.map(\.name)) }
    }
    return unwell.map(\.name)
  }
}
