import BerthEngine
import BerthHost
import BerthKit

/// Level 8: what it can reach, and what it shows.
extension Proof {
  static let contained = [
    Attempt("nothing of it lies outside of its folders") { subject in
      let record = try await subject.running(north)
      let berth = try subject.trial.open()
      guard berth.rights == .root, let name = record.user else {
        throw Skipped("without root all instances have one user, whose files are everywhere")
      }
      let user = berth.host.users.numbers(of: name).user
      // What it shares as memory while it runs, such as files in /dev/shm, goes with it.
      try await subject.control(.stop, record)
      let places = [
        "/tmp", "/var/tmp", "/dev/shm", "/run", "/var/lib", "/var/log", "/var/cache", "/home", "/opt", "/srv",
      ]
      .filter(LinuxFileTree().isFolder)
      let own = [subject.trial.root, berth.paths.state, berth.paths.runtime].filter { !$0.isEmpty }
      let pruned = own.flatMap { ["-path", $0, "-prune", "-o"] }
      let found = try await SubprocessRunner().run(
        Command("find", places + ["-xdev"] + pruned + ["-uid", "\(user)", "-print"])
      ).output
      try await subject.control(.start, record)
      try await subject.requireRunning(record)
      if let left = found.split(separator: "\n").first {
        throw NotPassed("\(left) is a file of its user's, outside of its folders")
      }
    },
    Attempt("no secret is in an argument") { subject in
      let record = try await subject.running(north)
      let secrets = try subject.secrets(of: record)
      guard !secrets.isEmpty else { throw Skipped("it has no secret") }
      for process in try await subject.processes(of: record) {
        let words = GroupProcesses.arguments(of: process)
        guard let secret = secrets.first(where: { secret in words.contains { $0.contains(secret.value) } }) else {
          continue
        }
        throw NotPassed("the value of '\(secret.key)' is an argument of \(words.first ?? "?"), which all users can see")
      }
    },
    Attempt("no secret is in its log") { subject in
      let record = try subject.record(north)
      let secrets = try subject.secrets(of: record)
      guard !secrets.isEmpty else { throw Skipped("it has no secret") }
      let log = try await subject.log(of: record)
      if let secret = secrets.first(where: { log.contains($0.value) }) {
        throw NotPassed("the value of '\(secret.key)' is in its log")
      }
    },
    Attempt("its units are shut in: systemd-analyze says at most \(mostExposed / 10).\(mostExposed % 10)") { subject in
      let record = try subject.record(north)
      let berth = try subject.trial.open()
      let files = berth.host.files
      let folder = "\(berth.paths.temporary)/exposure"
      try files.makeFolder(folder, mode: 0o700, owner: nil)
      defer { try? files.remove(folder) }
      var isJudged = false
      for unit in record.units {
        // It judges files of units, and of instances' ones only under their own name.
        let template = "\(berth.paths.units)/\(UnitName.template(of: unit))"
        guard files.isFile(template) else { continue }
        try files.write(try files.read(template), to: "\(folder)/\(unit)", mode: 0o600, owner: nil, anchor: nil)
        let result = try await SubprocessRunner().run(
          Command(
            "systemd-analyze",
            ["security", "--no-pager", "--offline=true", "--threshold=\(mostExposed)", "\(folder)/\(unit)"]))
        isJudged = true
        let last = result.output.split(separator: "\n").last.map(String.init) ?? result.errorOutput
        try require(result.status == 0 && last.contains("exposure"), "\(unit): \(last)")
      }
      if !isJudged { throw Skipped("its services are shut in by their engine") }
    },
  ]

  /// Tenths of the exposure of systemd-analyze(1) at which a unit counts as shut in; it calls all below 5 "OK".
  static let mostExposed = 30
}

extension Subject {
  /// The secrets of an instance that are long enough to be recognized, by their settings.
  fileprivate func secrets(of record: InstanceRecord) throws -> [String: String] {
    let stored = try trial.open().host.registry.settings(of: record.uid)
    return stored.filter { $0.isSecret && $0.value.utf8.count >= 6 }.reduce(into: [:]) { $0[$1.key] = $1.value }
  }
}
