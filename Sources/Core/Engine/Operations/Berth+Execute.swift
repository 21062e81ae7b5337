import BerthKit

extension Berth {
  /// The short lock around ports, units and registry of this scope.
  func hostLock(_ purpose: String) async throws -> any HeldLock {
    try await host.locks.take("\(paths.locks)/host.lock", purpose: purpose, wait: options.wait)
  }

  /// The lock of one instance: start, stop and removal exclude each other.
  func instanceLock(_ key: InstanceKey, _ purpose: String) async throws -> any HeldLock {
    try await host.locks.take("\(paths.locks)/\(key.app)@\(key.id).lock", purpose: purpose, wait: options.wait)
  }

  /// Carries out a plan, all or nothing.
  ///
  /// - Parameter lock: the host lock, which is let go of while services start and taken again for going back.
  func execute(_ plan: Plan, lock: any HeldLock) async throws {
    let executor = Executor(host: host, progress: options.progress)
    let own: any HeldLock
    do { own = try await instanceLock(plan.instance.key, "\(plan.verb) \(plan.instance.title)") } catch {
      lock.release()
      throw error
    }
    defer { own.release() }
    // Starting takes as long as the app takes; nothing that others wait for is touched in it.
    let start = plan.steps.firstIndex { if case .start = $0 { true } else { false } } ?? plan.steps.endIndex
    do {
      do {
        defer { lock.release() }
        try await executor.carryOut(plan.steps[..<start], of: plan)
      }
      try await executor.carryOut(plan.steps[start...], of: plan)
    } catch {
      let again = try? await hostLock("taking back \(plan.verb) \(plan.instance.title)")
      defer { again?.release() }
      // A cancelled task could not run what is needed to go back.
      throw await Task.detached { await executor.rollBack(after: error) }.value
    }
    for path in await executor.finish() { options.notice("could not be cleared away: \(path)") }
  }
}
