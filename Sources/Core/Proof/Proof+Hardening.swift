import BerthEngine
import BerthHost
import BerthKit

/// Level 8: what it can reach, and what it shows.
extension Proof {
  static let contained = [
    Attempt("nothing of it lies outside of its folders") { subject in
      let record = try await subject.running(north)
      let berth = try subject.trial.berth()
      guard berth.rights == .root, let name = record.user else {
        throw Skipped("without root all instances have one user, whose files are everywhere")
      }
      let user = berth.host.users.numbers(of: name).user
      let places = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/var/lib", "/var/log", "/var/cache", "/home", "/opt", "/srv"]
      let options = ["-xdev", "-path", subject.trial.root, "-prune", "-o", "-uid", "\(user)", "-print"]
      let runner = SubprocessRunner()
      for place in places where LinuxFileTree().isFolder(place) {
        let found = try await runner.run(Command("find", [place] + options)).output
        let left = found.split(separator: "\n").first { !$0.contains("/berth") }
        if let left { throw NotPassed("\(left) is a file of its user's, outside of its folders") }
      }
    },
    Attempt("no secret is in an argument") { subject in
      let record = try await subject.running(north)
      let secrets = try subject.secrets(of: record)
      guard !secrets.isEmpty else { throw Skipped("it has no secret") }
      for process in try await subject.processes(of: record) {
        let words = GroupProcesses.arguments(of: process)
        guard let secret = secrets.first(where: { secret in words.contains { $0.contains(secret.value) } }) else { continue }
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
      let units = try subject.trial.berth().paths.units
      for unit in record.units {
        guard let at = unit.firstIndex(of: "@") else { continue }
        let file = "\(units)/\(unit[..<at])@.service"
        guard LinuxFileTree().isFile(file) else { continue }
        let result = try await SubprocessRunner().run(
          Command("systemd-analyze", ["security", "--no-pager", "--offline=true", "--threshold=\(mostExposed)", file]))
        let last = result.output.split(separator: "\n").last.map(String.init) ?? result.errorOutput
        try require(result.status == 0, "\(unit): \(last)")
      }
    },
  ]

  /// Tenths of the exposure of systemd-analyze(1) at which a unit counts as shut in; it calls all below 5 "OK".
  static let mostExposed = 30
}

extension Subject {
  /// The secrets of an instance that are long enough to be recognized, by their settings.
  fileprivate func secrets(of record: InstanceRecord) throws -> [String: String] {
    let stored = try trial.berth().host.registry.settings(of: record.uid)
    return stored.filter { $0.isSecret && $0.value.utf8.count >= 6 }.reduce(into: [:]) { $0[$1.key] = $1.value }
  }
}
