import BerthKit

/// An instance that nothing can be planned for, and why. The others of a plan are not concerned.
public struct Refusal: Sendable, Equatable {
  /// The instance as it is; as far as it was asked for, where it is not there yet.
  public let record: InstanceRecord
  public let error: BerthError
  /// Where it stands among all that were asked for.
  package var position: Int

  package init(_ record: InstanceRecord, _ error: any Error, position: Int = .max) {
    self.record = record
    self.error = BerthError(anything: error)
    self.position = position
  }
}

extension InstanceRecord {
  /// An instance that was asked for and that nothing is there of.
  package init(wished app: String, id: String?, name: String?, uid: String) {
    let id = InstanceID(unchecked: id ?? InstanceID.default.text)
    self.init(
      uid: uid, key: InstanceKey(app: app, id: id), name: InstanceName(unchecked: name ?? id.text), slug: "",
      state: .installing, user: nil, version: nil, directory: nil, labels: [:], services: [], ports: [], createdAt: "")
  }
}

extension Plan {
  /// The plan without some of its instances, which are refused.
  ///
  /// - Parameter errors: why, by the instance's uid.
  package func refusing(_ errors: [String: BerthError]) -> Plan {
    guard changes.contains(where: { errors[$0.record.uid] != nil }) else { return self }
    let known = Dictionary(refused.map { ($0.record.uid, $0.error) }, uniquingKeysWith: { first, _ in first })
    return without(
      Set(errors.keys),
      refusing: records.enumerated().compactMap { position, record in
        (known[record.uid] ?? errors[record.uid]).map { Refusal(record, $0, position: position) }
      })
  }

  /// The instances that it is about and that are there already.
  package var present: [InstanceRecord] { changes.filter { $0.action != .make }.map(\.record) }
}
