import BerthEngine
import BerthHost
import BerthKit
import BerthPlanning

/// What Berth does in a trial's sandbox where there is no room. It runs in a mount namespace of its own, which nobody else sees.
public struct FullDisk: Sendable {
  private let trial: Trial

  public init(_ plugin: any AppPlugin, root: String) { trial = Trial(root: root, plugin: plugin) }

  /// - Throws: ``NotPassed`` where something was done although there was no room, or half of it is left.
  public func run() async throws {
    let subject = Subject(trial)
    let berth = try trial.open()
    let record = try subject.record(Proof.north)
    let files = berth.host.files

    try FullMount.lay(over: berth.paths.backups)
    let former = try berth.host.registry.backups.all().count
    try await requireRefusal("a backup") {
      for outcome in try await berth.backup([record], BackupWish(isFull: true)) { _ = try outcome.result.get() }
    }
    try require(try berth.host.registry.backups.all().count == former, "a backup that failed is listed")
    let left = (try? files.list(berth.paths.backups(of: record.key))) ?? []
    try require(left.isEmpty, "a backup that failed has left \(left.first ?? "")")

    let own = "\(berth.paths.instances)/\(subject.app)"
    try FullMount.lay(over: own)
    try await requireRefusal("an installation") { _ = try await subject.install(Proof.full) }
    try require((try? subject.record(Proof.full)) == nil, "an installation that failed is listed")
    let names = try files.list(own).filter { $0 != FullMount.filler }
    try require(names.isEmpty, "an installation that failed has left \(names.first ?? "")")
  }

  private func requireRefusal(_ deed: String, _ body: () async throws -> Void) async throws {
    do { try await body() } catch let error as BerthError {
      let text = [error.summary, error.cause].compactMap { $0 }.joined(separator: " ")
      return try require(
        ["space", "disk"].contains(where: text.contains),
        "\(deed) on a full disk fails without a word of that: \(text)")
    }
    throw NotPassed("\(deed) on a full disk was carried out")
  }
}

extension NotPassed: CustomStringConvertible {
  var description: String { reason }
}

extension Proof {
  /// It takes another process, since a mount namespace is a thread's.
  var fullDisk: Attempt {
    let words = words
    return Attempt("a full disk stops backups and installations, and loses nothing") { subject in
      try subject.trial.requireSandbox("a full disk is tried in a sandbox only")
      let environment = HostEnvironment()
      let record = try await subject.running(Self.north)
      let namespaces = (environment.isRoot ? [] : ["--user", "--map-current-user", "--keep-caps"]) + ["--mount"]
      let command = [environment.program, "proof-full-disk"] + words + ["--root", subject.trial.root]
      let result = try await SubprocessRunner().run(Command("unshare", namespaces + ["--"] + command))
      try require(result.status == 0, result.errorOutput.split(separator: "\n").joined(separator: " | "))
      try await subject.requireRunning(record)
      try await subject.requireProbe(record, after: "a full disk")
      _ = try await subject.backUp(record)
      try await subject.requireHealthy()
    }
  }
}
