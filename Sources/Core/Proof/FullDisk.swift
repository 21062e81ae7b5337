import BerthEngine
import BerthHost
import BerthKit
import BerthPlanning
import Foundation

/// What Berth does in a trial's sandbox where there is no room. It runs in a mount namespace of its own, which nobody else sees.
public struct FullDisk: Sendable {
  /// Bytes of the disk: a page or two more than nothing.
  private static let room = 16 << 10

  private let trial: Trial

  public init(_ plugin: any AppPlugin, root: String) { trial = Trial(root: root, scope: nil, plugin: plugin) }

  /// - Throws: ``NotPassed`` where something was done although there was no room, or half of it is left.
  public func run() async throws {
    let subject = Subject(trial)
    let berth = try trial.open()
    let record = try subject.record(Proof.north)
    let files = berth.host.files

    try fill(berth.paths.backups)
    let former = try berth.host.registry.backups.all().count
    try await requireRefusal("a backup") {
      for outcome in try await berth.backup([record], BackupWish(isFull: true)) { _ = try outcome.result.get() }
    }
    try require(try berth.host.registry.backups.all().count == former, "a backup that failed is listed")
    let left = (try? files.list(berth.paths.backups(of: record.key))) ?? []
    try require(left.isEmpty, "a backup that failed has left \(left.first ?? "")")

    let own = "\(berth.paths.instances)/\(subject.app)"
    try fill(own)
    try await requireRefusal("an installation") { _ = try await subject.install("Full") }
    try require((try? subject.record("Full")) == nil, "an installation that failed is listed")
    let names = try files.list(own).filter { $0 != Self.filler }
    try require(names.isEmpty, "an installation that failed has left \(names.first ?? "")")
  }

  private static let filler = "filler"

  /// Lays a disk without room over a folder.
  private func fill(_ folder: String) throws {
    guard mount("tmpfs", folder, "tmpfs", 0, "size=\(Self.room),mode=755") == 0 else {
      throw Skipped("no disk can be mounted here: \(String(cString: strerror(errno)))")
    }
    let path = "\(folder)/\(Self.filler)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    let page = [UInt8](repeating: 0, count: 4096)
    while write(descriptor, page, page.count) > 0 {}
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
    let source = source
    return Attempt("a full disk stops backups and installations, and loses nothing") { subject in
      try subject.trial.requireSandbox("a full disk is tried in a sandbox only")
      let environment = HostEnvironment()
      let record = try await subject.running(Self.north)
      let namespaces = (environment.isRoot ? [] : ["--user", "--map-current-user", "--keep-caps"]) + ["--mount"]
      let words = [environment.program, "proof-full-disk", source, "--root", subject.trial.root]
      let result = try await SubprocessRunner().run(Command("unshare", namespaces + ["--"] + words))
      try require(result.status == 0, result.errorOutput.split(separator: "\n").joined(separator: " | "))
      try await subject.requireRunning(record)
      try await subject.requireProbe(record, after: "a full disk")
      _ = try await subject.backUp(record)
      try await subject.requireHealthy(record)
    }
  }
}
