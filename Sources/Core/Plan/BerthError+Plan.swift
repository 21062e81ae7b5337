import BerthKit

extension BerthError {
  /// - Parameter record: the instance that is there and whose port it is; nil for one that is made.
  package static func portInUse(
    _ port: PortNumber, role: String, owner: String, of record: InstanceRecord? = nil
  ) -> BerthError {
    let move = record.map {
      Remedy.berth("config", "set", $0.key.app, "--instance", "\($0.key.id)", "--port", "\(role)=N")
    }
    return BerthError(
      "port-in-use", .conflict, "the \(role) port \(port) is used by \(owner)",
      remedy: .again("--port", "\(role)=N").or(move ?? "choose another number"))
  }

  /// The worst of a batch, whose kind is the exit status of the whole.
  public static func worst(of errors: [BerthError]) -> BerthError {
    let sorted = errors.sorted { ($0.summary, $0.code) < ($1.summary, $1.code) }
    let first = Kind.bySeverity.lazy.compactMap { kind in sorted.first { $0.kind == kind } }.first
    if var first, errors.count > 1 {
      let others = sorted.filter { $0 != first }.prefix(20).map(\.summary)
      first.cause = ([first.cause].compactMap { $0 } + ["and \(errors.count - 1) more:"] + others).joined(
        separator: "\n")
      return first
    }
    return first ?? BerthError("failed", .failure, "it failed, and nobody said why")
  }

  package static func folderInUse(_ path: String) -> BerthError {
    BerthError(
      "folder-in-use", .conflict, "the folder '\(path)' of the new instance is already there", at: path,
      remedy: .newName)
  }

  static func containerTaken(_ name: String, _ engine: Container.Engine, of record: InstanceRecord) -> BerthError {
    BerthError(
      "container-taken", .conflict,
      "\(engine.kind.title) has a container '\(name)' already, which is not of this instance",
      at: record.title, remedy: .run(Command("\(engine)", ["rename", name, "\(name)-other"])))
  }
}

extension PortNumber {
  /// Who has a port that this run may not claim, for people.
  package static let otherBerth = "another Berth that is at work right now"
}
