import BerthExecution
import BerthKit
import BerthPlan

extension PlanningSession {
  /// Fetches the releases that a plan needs and that are not there, before any lock of an instance is taken: it may take
  /// long, and nobody else has to wait for it.
  ///
  /// What was put together stands beside its place until `body` is over. A step of the plan gives it its name.
  ///
  /// - Parameter body: what plans again under the locks; the session that it gets knows what could not be fetched.
  func fetching<Result>(_ draft: Plan, _ body: (PlanningSession) async throws -> Result) async throws -> Result {
    var session = self
    var held: [(release: Release, lock: any HeldLock)] = []
    defer { for (release, lock) in held { host.clearMaking(release.app, release.name, lock) } }
    let releases = draft.releases.filter { lacks.releases[$0] == nil }
    for (index, release) in releases.enumerated() {
      let progress = Executor.Progress(
        kind: "fetch", summary: release.summary, title: draft.title(of: release), number: index + 1,
        count: releases.count)
      do {
        guard let lock = try await turn(to: release) else { continue }
        held.append((release, lock))
        try options.begins()
        options.execution.progress(progress)
        try await ReleaseMaker(host: host, options: options.execution, faults: options.faults)
          .make(release, telling: progress)
      } catch let error as BerthError {
        guard goesOn, draft.changes.count > 1 else { throw error }
        session.lacks.releases[release] = error
      }
    }
    return try await body(session)
  }

  /// Waits for its turn to fetch a release, as long as that takes: a second one of those who need it finds it there.
  ///
  /// - Returns: nil when it is there by now.
  private func turn(to release: Release) async throws -> (any HeldLock)? {
    var hasSaid = false
    while !host.files.exists(paths.release(release.app, release.name)) {
      do { return try await host.makingLock(release) } catch let error as BerthError where error.kind == .busy {
        if !hasSaid { options.notice("waiting for another Berth, which is fetching what \(release.app) needs") }
        hasSaid = true
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    return nil
  }
}

extension Plan {
  /// Whose release it is, for people.
  fileprivate func title(of release: Release) -> String {
    let records = changes.map(\.record).filter(release.isOf)
    return records.count == 1 ? records[0].title : "\(records.count) instances"
  }
}
