import BerthEngine
import BerthHost
import BerthKit
import BerthPlanning

/// Level 7: bad days.
extension Proof {
  static let enduring = [
    Attempt("a kill of all of its processes loses nothing") { subject in
      // One that has never ended well since something was put into it.
      let record = try await subject.install(fragile)
      try await subject.writeProbe(record)
      try await Task.sleep(for: .seconds(2))
      try await crash(record, all: true, subject)
      try await subject.requireProbe(record, after: "a kill")
      try await subject.remove(record)
    },
    Attempt("a port that somebody else has taken is named, and it starts once that is free") { subject in
      let record = try await subject.running(north)
      guard let port = record.ports.first?.port else { throw Skipped("it has no port") }
      try await subject.control(.stop, record)
      var failure: BerthError?
      do {
        guard let held = HeldPort(port) else { throw Skipped("the port \(port) could not be taken") }
        defer { withExtendedLifetime(held) {} }
        try await subject.control(.start, record)
      } catch let error as BerthError { failure = error }
      try require(failure != nil, "it started although somebody else has its port \(port)")
      let text = [failure?.summary, failure?.cause].compactMap { $0 }.joined(separator: " ")
      try require(text.contains("\(port.number)"), "the error does not name the port: \(text.prefix(300))")
      try await subject.control(.start, record)
      try await subject.requireRunning(record)
      try await subject.requireProbe(record, after: "a port that was taken")
    },
    Attempt("a config file that is gone is written anew") { subject in
      let record = try await subject.running(north)
      let berth = try subject.trial.open()
      let folder = "\(berth.paths.own(record))/config"
      let names = subject.manifest.config.filter { $0.writer == nil && $0.path == nil }.map(\.id)
      guard let name = names.first(where: { berth.host.files.isFile("\(folder)/\($0)") }) else {
        throw Skipped("it has no config file that Berth alone writes")
      }
      try berth.host.files.remove("\(folder)/\(name)")
      try await eventually(within: 5) {
        try await berth.doctor().isEmpty ? "doctor does not see that \(name) is gone" : nil
      }
      try await subject.update(record)
      try await subject.requireHealthy()
      try await subject.requireProbe(record, after: "a lost config file")
    },
    Attempt("an update that fails leaves it running as before") { subject in
      let record = try await subject.running(north)
      let broken = try subject.trial.open {
        $0.version += "-broken"
        $0.jobs.append(
          Job(
            "probe-fail", at: [.update], service: $0.services[0].id, action: Action(exec: ["/bin/false"], timeout: 10)))
      }
      var isRefused = false
      do {
        for outcome in try await broken.change("update", [record], .update) { _ = try outcome.result.get() }
      } catch is BerthError { isRefused = true }
      try require(isRefused, "an update whose job fails was carried out")
      try await subject.requireRunning(record)
      try await subject.requireProbe(record, after: "an update that failed")
      try await subject.requireHealthy()
    },
  ]
}
