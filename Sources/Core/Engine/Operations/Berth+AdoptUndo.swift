import BerthKit
import BerthPlan
import BerthPlanning
import Foundation

/// Going back to what an instance was before it was adopted.
extension Berth {
  /// What going back would do, with nothing changed.
  public func planReturn(_ record: InstanceRecord) async throws -> Plan {
    try await ask(returning(record, to: try await adoption(of: record)))
  }

  /// Removes an adopted instance, and has the project run again that it was made from.
  ///
  /// A copy of all that it holds stays as a backup, since the project does not know what has been done meanwhile.
  ///
  /// - Returns: the project's name.
  /// - Throws: with the instance running as before.
  public func goBack(_ record: InstanceRecord) async throws -> String {
    let adoption = try await adoption(of: record)
    _ = try await carryOut(returning(record, to: adoption)).whole()
    return adoption.project
  }

  private func returning(_ record: InstanceRecord, to adoption: Adoption) -> Operation {
    var operation = Operation("adopt --undo", present: [record], needs: .manager, with: catalog()) {
      try await $0.haltPlan(record, adoption)
    }
    operation.then = { try $0.returnPlan(record, adoption) }
    return operation
  }

  /// - Throws: `not-adopted`, or `containers-gone` when there is nothing to go back to.
  private func adoption(of record: InstanceRecord) async throws -> Adoption {
    let path = paths.adoption(record.key)
    guard host.files.exists(path) else { throw BerthError.notAdopted(record) }
    let adoption: Adoption
    do { adoption = try JSONDecoder().decode(Adoption.self, from: Data(try host.files.read(path).utf8)) } catch {
      throw BerthError.unreadableAdoption(path, cause: "\(error)")
    }
    let present = Set(try await host.projects.present(adoption.containers))
    let gone = adoption.containers.filter { !present.contains($0) }
    let needed = gone.filter(\.isNeeded).map(\.name)
    guard needed.isEmpty else { throw BerthError.containersGone(needed, adoption, record) }
    for container in gone { options.notice("the container \(container.name) is gone, and is not made anew") }
    return adoption
  }
}

extension PlanningSession {
  /// The instance is stopped and backed up, and volumes go back to where they were.
  fileprivate func haltPlan(_ record: InstanceRecord, _ adoption: Adoption) async throws -> Plan {
    let builder = try await planBuilder("adopt --undo", apps: [record.key.app])
    var steps = InstanceSteps(InstanceChange(.remove, record))
    steps.add(.halt, [.settle(record, .removing), .stop(record, units: [])])
    steps.add(.prepare, try builder.image(record))
    if !adoption.moves.isEmpty { steps.add(.prepare, [.moveFolders(adoption.moves.reversed().map(\.reversed))]) }
    return Plan(verb: "adopt --undo", [steps])
  }

  fileprivate func returnPlan(_ record: InstanceRecord, _ adoption: Adoption) throws -> Plan {
    var builder = try removalBuilder("adopt --undo", apps: [record.key.app])
    try builder.remove(
      record, keepsData: false,
      reason: "goes back to the Docker Compose project \(adoption.project) in \(adoption.folder)",
      jobs: berth.removeJobs(record, catalog), release: adoption.containers)
    return try builder.plan.whole()
  }
}
