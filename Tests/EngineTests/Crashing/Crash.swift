import BerthKit
import Testing

@testable import BerthEngine

/// Something that Berth does and may die in.
struct Crash: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var kind = TestHost.Kind.user
  /// How often it may die at least, so that a scenario that does nothing is noticed.
  var least = 10
  var options = Berth.Options()
  /// Whether a backup that it has made stays when all else is taken back.
  var keepsBackups = false
  /// Whether it is more than one operation, so that the one that is finished need not be the last.
  var isSeveral = false
  /// At every so manyth call it is tried.
  var stride = 1
  /// The plugins that it knows when it acts.
  var plugins: [any AppPlugin] = [DemoPlugin(), TinyPlugin(), HarbourPlugin()]
  /// What was there before.
  var prepare: @Sendable (TestHost) async throws -> Void = { _ in }
  let act: @Sendable (Berth) async throws -> Void

  init(
    _ name: String, _ kind: TestHost.Kind = .user, least: Int = 10, options: Berth.Options = .init(),
    keepsBackups: Bool = false, isSeveral: Bool = false, stride: Int = 1,
    plugins: [any AppPlugin] = [DemoPlugin(), TinyPlugin(), HarbourPlugin()],
    prepare: @escaping @Sendable (TestHost) async throws -> Void = { _ in },
    act: @escaping @Sendable (Berth) async throws -> Void
  ) {
    testDescription = name
    self.kind = kind
    self.least = least
    self.options = options
    self.keepsBackups = keepsBackups
    self.isSeveral = isSeveral
    self.stride = stride
    self.plugins = plugins
    self.prepare = prepare
    self.act = act
  }

  /// A host before it, with everything counted from then on.
  func host() async throws -> TestHost {
    let host = try TestHost(mortal: kind)
    try await prepare(host)
    host.fault.arm()
    return host
  }

  func berth(_ host: TestHost) -> Berth { host.berth(plugins, options: options) }

  /// How the host is before and after it when nothing goes wrong, and the calls that it makes in between.
  ///
  /// - Parameter prepared: a host that it may be done on; nil for one of its own.
  func undisturbed(_ prepared: TestHost? = nil) async throws -> (before: Snapshot, after: Snapshot, calls: [String]) {
    let host = if let prepared { try TestHost(like: prepared) } else { try await host() }
    let before = try Snapshot(host)
    try await act(berth(host))
    return (before, try Snapshot(host), host.fault.calls)
  }

  /// Dies at one call.
  ///
  /// - Parameter prepared: a host that stays as it is; nil to make one.
  /// - Returns: what the next Berth finds.
  func die(at number: Int, _ moment: Fault.Moment, on prepared: TestHost? = nil) async throws -> TestHost {
    let host = if let prepared { try TestHost(like: prepared) } else { try await host() }
    host.fault.arm(moment, dies: true) { count, _ in count == number }
    // What a dead Berth throws, nobody hears.
    try? await act(berth(host))
    #expect(host.fault.isDead, "it was to die at call \(number)")
    return try host.reborn()
  }

  /// Whether the host is exactly as before or exactly as after, as the report says.
  func expectWhole(
    _ host: TestHost, _ reports: [RecoveryReport], _ before: Snapshot, _ after: Snapshot, _ place: String
  ) throws {
    var now = try Snapshot(host)
    var wanted: [Snapshot] =
      switch reports.first?.ending {
      case .finished?: isSeveral ? [before, after] : [after]
      case .undone?: [before]
      // Not yet begun, or ended already.
      case nil: [before, after]
      case .stuck?: []
      }
    try expectGoodBackups(host, place)
    if keepsBackups {
      now = now.withoutBackups
      wanted = wanted.map(\.withoutBackups)
    }
    #expect(reports.count < 2)
    #expect(reports.allSatisfy { $0.leftovers.isEmpty }, "\(place): \(reports.flatMap(\.leftovers))")
    guard !wanted.contains(now) else { return }
    let changes = wanted.map { now.changes(since: $0).map { $0.prefix(160) } }
    Issue.record("\(place): \(reports.first?.ending.rawValue ?? "no report") \(changes)")
  }

  /// Whether every archive is listed, and every one that is listed is whole.
  private func expectGoodBackups(_ host: TestHost, _ place: String) throws {
    let all = try host.registry.backups.all()
    let listed = all.flatMap { [$0.path, host.paths.backupIndex($0.id)] }.sorted()
    #expect(host.archives == listed, "\(place)")
    for backup in all {
      #expect(throws: Never.self, "\(place)") {
        try host.services.archives.verify(backup.path, index: nil, trust: .own(list: nil)) { _, _ in }
      }
    }
  }
}
