import BerthKit
import BerthPlan

/// What Steam has said of its builds in this run.
package struct SteamAnswers: Sendable {
  /// Apps of which all branches are known.
  private var asked: Set<Int> = []
  private var builds: Set<SteamBuild> = []
  /// Apps of which Steam could not be asked, where others go on.
  private var failed: [Int: BerthError] = [:]

  package init() {}

  /// Notes that Steam could not be asked.
  package mutating func fail(_ app: Int, _ error: BerthError) { failed[app] = error }

  /// - Parameter branches: the builds by branch.
  package mutating func add(_ app: Int, _ branches: [String: Int]) {
    asked.insert(app)
    for (branch, build) in branches {
      builds.insert(SteamBuild(app, branch: branch == Self.standard ? nil : branch, build: build))
    }
  }

  /// Builds that an earlier plan has found.
  package mutating func add(_ plan: Plan) { builds.formUnion(plan.changes.flatMap(\.record.builds)) }

  /// The newest build of a server.
  ///
  /// - Throws: ``UnknownBuild`` when Steam has to be asked, or `no-steam-branch`.
  package func build(of server: SteamServer) throws -> SteamBuild {
    let branch = server.branch == Self.standard ? nil : server.branch
    if let build = builds.first(where: { $0.app == server.app && $0.branch == branch }) {
      return SteamBuild(server.app, branch: server.branch, build: build.build)
    }
    if let error = failed[server.app] { throw error }
    guard asked.contains(server.app) else { throw UnknownBuild(app: server.app) }
    let known = builds.filter { $0.app == server.app }.map { $0.branch ?? Self.standard }
    throw BerthError.noSteamBranch(server.branch ?? Self.standard, of: server.app, known: known.sorted())
  }

  /// What Steam calls the branch that everybody has.
  private static let standard = "public"
}

/// A plan needs a build that nobody has asked Steam for yet; see ``PlanningSession/plan(_:)``.
package struct UnknownBuild: Error {
  package let app: Int
}
