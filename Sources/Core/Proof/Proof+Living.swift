import BerthEngine
import BerthHost
import BerthKit

/// Levels 2 and 3: it runs, and lives beside another.
extension Proof {

  static let running = [
    Attempt("it installs and gets ready") { subject in
      try await subject.requireRunning(try await subject.install(north))
    },
    Attempt("it opens the ports that it declares, at their addresses, and no others") { subject in
      try await subject.requireHealthy()
    },
    Attempt("it goes on running") { subject in
      let record = try subject.record(north)
      let former = try await subject.mainProcesses(of: record)
      try await Task.sleep(for: .seconds(2))
      try await subject.requireRunning(record, within: 0)
      try require(try await subject.mainProcesses(of: record) == former, "it was started anew within two seconds")
    },
    Attempt("a removal leaves nothing") { subject in
      let record = try subject.record(north)
      try await subject.remove(record)
      try await requireGone(record, subject)
    },
  ]

  static let living = [
    Attempt("two instances run side by side") { subject in
      let one = try await subject.running(north)
      let other = try await subject.running(south)
      try require(
        Set(one.ports.map(\.port)).isDisjoint(with: other.ports.map(\.port)), "both instances have one port")
      try await subject.requireRunning(one)
      try await subject.requireHealthy()
    },
    Attempt("one stops and starts, and the other runs on") { subject in
      let (one, other) = (try subject.record(north), try subject.record(south))
      let former = try await subject.mainProcesses(of: other)
      try await subject.control(.stop, one)
      let ports = try subject.trial.open().host.ports
      try await eventually(within: 10) {
        let open = one.ports.first { ports.listener(on: $0.port) != nil }
        return open.map { "its port \($0.port) is open although it is stopped" }
      }
      try await subject.control(.start, one)
      try await subject.requireRunning(one)
      try require(try await subject.mainProcesses(of: other) == former, "the other one was started anew")
    },
    Attempt("one that crashes comes back, and the other runs on") { subject in
      let (one, other) = (try subject.record(north), try subject.record(south))
      let former = try await subject.mainProcesses(of: other)
      try await crash(one, subject)
      try require(try await subject.mainProcesses(of: other) == former, "the other one was started anew")
    },
    Attempt("both come back with the host") { subject in
      try subject.trial.requireSandbox("only a sandbox can be started anew")
      let berth = try subject.trial.open()
      try await berth.sandbox?.down(wait: 10)
      try await berth.sandbox?.up(wait: 10)
      for record in [try subject.record(north), try subject.record(south)] {
        try await subject.requireRunning(record, within: 90)
      }
      try await subject.requireHealthy()
    },
  ]

  /// Kills the main process of each service, and waits until others have taken their place.
  ///
  /// - Parameter all: whether all of their processes are killed.
  static func crash(_ record: InstanceRecord, all: Bool = false, _ subject: Subject) async throws {
    let former = try await subject.mainProcesses(of: record)
    try require(!former.isEmpty, "it has no main process")
    GroupProcesses.kill(all ? try await subject.processes(of: record) : former)
    try await eventually(within: 60) {
      let report = try await subject.trial.open().status(of: record.key)
      if report.status == .failed { throw NotPassed("it did not come back: the manager has given it up") }
      let now = Set(report.services.compactMap(\.mainPID))
      let isBack = report.status == .running && now.count == former.count && now.isDisjoint(with: former)
      return isBack ? nil : "it did not come back within a minute"
    }
  }

  /// Makes sure that nothing of an instance is left but what the registry and the journals say of it.
  static func requireGone(_ record: InstanceRecord, _ subject: Subject) async throws {
    let berth = try subject.trial.open()
    try await subject.requireHealthy()
    let states = try await berth.host.manager.states(matching: ["\(subject.app)@*", "\(subject.app)-*@*"])
    if let unit = states.first(where: { !["inactive", "failed"].contains($0.value.active) }) {
      throw NotPassed("\(unit.key) is still \(unit.value.active)")
    }
    try await eventually(within: 5) {
      record.ports.first { berth.host.ports.listener(on: $0.port) != nil }.map { "the port \($0.port) is still open" }
    }
    for folder in [
      berth.paths.units, berth.paths.instances, berth.paths.apps, berth.paths.mounts, berth.paths.containers,
    ] {
      let names = (try? berth.host.files.list(folder)) ?? []
      guard let left = names.first(where: { $0 == subject.app || $0.hasPrefix("\(subject.app)@") }) else { continue }
      throw NotPassed("\(folder)/\(left) is still there")
    }
  }
}
