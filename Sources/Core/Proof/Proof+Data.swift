import BerthEngine
import BerthKit
import BerthPlanning

/// Level 5: its data comes back.
extension Proof {
  static func keeping(_ manifest: Manifest) -> [Attempt] {
    guard manifest.probeData != nil || manifest.keepsOnlyConfig else {
      return [
        Attempt("something can be put into it and read back") { _ in
          throw NotPassed("the plugin does not say how: it has no 'probe-data'")
        }
      ]
    }
    return [
      Attempt("something can be put into it and read back") { subject in
        let record = try await subject.running(north)
        try await subject.requireProbe(record, isThere: false, after: "the installation")
        try await subject.writeProbe(record)
        try await subject.requireProbe(record, after: "'probe-data.write'")
      },
      Attempt("it is backed up, and the archive is whole") { subject in
        _ = try await subject.backUp(try subject.record(north), isFull: true)
      },
      Attempt("a restore brings its data back") { subject in
        let record = try subject.record(north)
        try await subject.loseData(of: record)
        var request = RestoreRequest(app: subject.app, instance: north)
        request.backup = try subject.newestBackup(of: record).id
        _ = try await subject.trial.open().restore(request).result.get()
        try await subject.control(.start, record)
        try await subject.requireRunning(record)
        try await subject.requireProbe(record, after: "a restore")
        try await subject.requireHealthy()
      },
      Attempt("a clone has its data, and ports of its own") { subject in
        let record = try subject.record(north)
        let request = RestoreRequest(app: subject.app, newName: clone)
        let copy = try await subject.trial.open().clone(record, request).result.get().record
        try await subject.requireRunning(copy)
        try await subject.requireProbe(copy, after: "a clone")
        try await subject.requireProbe(record, after: "being cloned")
        try require(Set(copy.ports.map(\.port)).isDisjoint(with: record.ports.map(\.port)), "the clone has its ports")
        try await subject.remove(copy)
      },
      Attempt("another host restores it from the archive alone") { subject in
        let archive = try subject.newestBackup(of: subject.record(north)).path
        let host = Subject(try subject.trial.elsewhere())
        let berth = try host.trial.open()
        var request = RestoreRequest(app: subject.app, archive: archive, newName: elsewhere)
        request.accepted = Set(try await berth.planRestore(request).openGrants.map(\.item))
        let record = try await berth.restore(request).result.get().record
        try await host.requireRunning(record)
        try await host.requireProbe(record, after: "a restore on another host")
        try await host.requireHealthy()
        try await host.remove(record)
        try await berth.sandbox?.down(wait: 10)
      },
    ]
  }
}

extension Manifest {
  /// Whether what is backed up of it are the files that Berth writes itself, of which nothing has to be read back.
  var keepsOnlyConfig: Bool {
    backup.allSatisfy { set in
      guard case .files(let paths, _, _) = set.method else { return false }
      return paths.allSatisfy { $0.source.hasPrefix("{{paths.config}}") }
    }
  }
}

extension Subject {
  func backUp(_ record: InstanceRecord, isFull: Bool = false) async throws -> BackupRecord {
    let wish = BackupWish(isFull: isFull, isVerified: true)
    guard let backup = try await trial.open().backup([record], wish).first?.result.get() else {
      throw NotPassed("nothing was backed up")
    }
    if backup.remarks.leftOut > 0 { throw NotPassed("\(backup.remarks.leftOut) files were left out of the backup") }
    return backup
  }

  func newestBackup(of record: InstanceRecord) throws -> BackupRecord {
    guard let newest = try trial.open().host.registry.backups.of(instance: record.uid).last else {
      throw NotPassed("there is no backup of \(record.name)")
    }
    return newest
  }

  /// Stops an instance and empties its data folder, as a disk that has failed would.
  func loseData(of record: InstanceRecord) async throws {
    try await control(.stop, record)
    let berth = try trial.open()
    let data = "\(berth.paths.own(record))/data"
    for name in try berth.host.files.list(data) { try berth.host.files.remove("\(data)/\(name)") }
  }
}
