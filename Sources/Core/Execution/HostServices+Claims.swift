import BerthKit
import BerthPlan

extension HostServices {
  /// Takes the ports of a plan's instances against every other Berth, until ``PortProbe/releaseClaims()``.
  ///
  /// A Berth with another registry does not see these instances, and would take a port of one that is stopped for a moment.
  ///
  /// - Returns: false when another Berth was faster with a port that an instance does not have yet: then all is planned anew.
  package func claimPorts(of plan: Plan) throws -> Bool {
    let staying = plan.changes.filter { ![.stop, .remove, .keep].contains($0.action) }.map(\.record)
    let lost = try staying.flatMap { record in
      try record.ports.filter { try !ports.claim($0.port) }.map { (uid: record.uid, port: $0.port) }
    }
    guard !lost.isEmpty else { return true }
    // Whether an instance that stands still may have its own port again is looked at when it starts.
    let present = try registry.all()
    return lost.allSatisfy { lost in
      present.contains { $0.uid == lost.uid && $0.ports.contains { $0.port == lost.port } }
    }
  }

  /// What a plan claims: instances that enter the registry or leave it, as they will be and as they are.
  package func claims(of plan: Plan) throws -> [InstanceRecord] {
    let registered = plan.registered
    let uids = registered.union(plan.forgotten)
    guard !uids.isEmpty else { return [] }
    return try registry.all().filter { uids.contains($0.uid) }
      + plan.changes.map(\.record).filter { registered.contains($0.uid) }
  }
}
