import BerthEngine
import BerthExecution
import BerthKit

/// Tries a plugin out and says which level it has.
///
/// What is tried follows from the manifest: its author writes `probe-data` and nothing else.
public struct Proof: Sendable {
  /// Told of each check as it ends.
  public typealias Progress = @Sendable (ProofCheck) -> Void

  /// The names of the instances that are made.
  static let (north, south, clone, elsewhere) = ("North", "South", "Clone", "Elsewhere")
  static let (former, fragile, full) = ("Former", "Fragile", "Full")
  static let names = [north, south, clone, elsewhere, former, fragile, full]

  let check: PluginCheck
  let aim: ProofLevel
  let words: [String]
  let previous: (any AppPlugin)?
  let scope: Scope?
  let keeps: Bool

  /// - Parameters:
  ///   - check: the plugin, and what of it is of no use.
  ///   - words: by which another run of this program finds it.
  ///   - aim: the highest level that is tried.
  ///   - previous: the plugin's former version; nil for one that is made of the plugin itself.
  ///   - scope: a scope of the host's, in which it is tried instead of a sandbox; for containers.
  ///   - keeps: whether the sandbox stays, for somebody who wants to look at it.
  public init(
    _ check: PluginCheck, at words: [String], aim: ProofLevel, previous: (any AppPlugin)? = nil, on scope: Scope? = nil,
    keeps: Bool = false
  ) {
    self.check = check
    self.words = words
    self.aim = aim
    self.previous = previous
    self.scope = scope
    self.keeps = keeps
  }

  /// One thing that is tried.
  struct Attempt: Sendable {
    let title: String
    let run: @Sendable (Subject) async throws -> Void

    init(_ title: String, _ run: @escaping @Sendable (Subject) async throws -> Void) {
      self.title = title
      self.run = run
    }
  }

  /// Goes up the levels until one is not passed.
  ///
  /// - Throws: `CancellationError`, or what keeps a sandbox from being made.
  public func run(_ progress: Progress) async throws -> ProofReport {
    let manifest = check.plugin.manifest
    let first = await tried("nothing in it is of no use", .valid, progress) { try requireUse() }
    var report = ProofReport(app: manifest.id, version: manifest.version, aim: aim, checks: [first])
    guard aim > .valid, first.outcome == .passed else { return report }
    let trial = try await Trial.make(check.plugin, onHost: scope)
    let result = await climb(Subject(trial), progress)
    if keeps, scope == nil { report.sandbox = trial.root } else { await Task { await trial.end() }.value }
    report.checks += try result.get()
    return report
  }

  private func climb(_ subject: Subject, _ progress: Progress) async -> Result<[ProofCheck], any Error> {
    var checks: [ProofCheck] = []
    for level in ProofLevel.allCases where level > .valid && level <= aim {
      for attempt in attempts(level, subject.manifest) {
        let check = await tried(attempt.title, level, progress) { try await attempt.run(subject) }
        if Task.isCancelled { return .failure(CancellationError()) }
        checks.append(check)
        // What follows builds on it.
        if check.outcome == .failed { return .success(checks) }
      }
    }
    return .success(checks)
  }

  func attempts(_ level: ProofLevel, _ manifest: Manifest) -> [Attempt] {
    switch level {
    case .valid: []
    case .runs: Self.running
    case .lives: Self.living
    case .obeys: Self.obeying
    case .keeps: Self.keeping(manifest)
    case .moves: Self.moving(from: previous)
    case .endures: Self.enduring + [fullDisk]
    case .contained: Self.contained
    }
  }

  private func tried(
    _ title: String, _ level: ProofLevel, _ progress: Progress, _ body: () async throws -> Void
  ) async -> ProofCheck {
    let start = ContinuousClock.now
    var (outcome, reason): (ProofCheck.Outcome, String?) = (.passed, nil)
    do { try await body() } catch let failure as NotPassed {
      (outcome, reason) = (.failed, failure.reason)
    } catch let skipped as Skipped {
      (outcome, reason) = (.skipped, skipped.reason)
    } catch {
      let error = BerthError(anything: error)
      let cause = error.cause.map { ": \($0.split(separator: "\n").suffix(3).joined(separator: " | "))" } ?? ""
      (outcome, reason) = (.failed, "\(error.summary)\(cause)")
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let check = ProofCheck(level: level, title: title, outcome: outcome, reason: reason, seconds: seconds)
    progress(check)
    return check
  }

  private func requireUse() throws {
    guard let first = check.unused.first else { return }
    throw NotPassed([first.location, first.summary].compactMap { $0 }.joined(separator: ": "))
  }
}
