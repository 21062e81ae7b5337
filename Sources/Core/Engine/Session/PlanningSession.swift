import BerthExecution
import BerthKit
import BerthPlan
import BerthPlanning
import BerthRender

/// What one operation has found out on its way, so that a plan that is made anew asks nobody a second time.
struct PlanningSession: Sendable {
  let berth: Berth
  /// The plugins, which are read once for all that it plans.
  let catalog: PluginCatalog
  /// Whether what cannot be had is noted for the instances that need it, and the others go on.
  let goesOn: Bool
  /// What Steam has said so far.
  private(set) var steam = SteamAnswers()
  /// What could not be had, where others go on.
  var lacks = Lacks()

  /// - Parameter goesOn: as the person said, unless something else is given.
  init(_ berth: Berth, _ catalog: PluginCatalog, goesOn: Bool? = nil) {
    self.berth = berth
    self.catalog = catalog
    self.goesOn = goesOn ?? berth.options.execution.keepsGoing
  }

  var host: HostServices { berth.host }
  var paths: ScopePaths { berth.paths }
  var options: Berth.Options { berth.options }

  /// Which packages, images and releases could not be had, and why.
  struct Lacks: Sendable {
    var releases: [Release: BerthError] = [:]
    /// By the name of the image.
    var images: [String: BerthError] = [:]
    /// By the app that needs them.
    var packages: [String: BerthError] = [:]

    /// Why an instance cannot be what it shall be; nil when nothing is lacking.
    func error(of record: InstanceRecord) -> BerthError? {
      releases.first { release, _ in release.isOf(record) }?.value
        ?? record.images.values.lazy.compactMap { images[$0.reference] }.first
    }
  }

  /// Plans, and asks Steam for the builds that planning turns out to need, once for each app.
  mutating func plan<Planned>(_ body: (PlanningSession) async throws -> Planned) async throws -> Planned {
    while true {
      do { return try await body(self) } catch let unknown as UnknownBuild {
        do { steam.add(unknown.app, try await berth.builds(of: unknown.app)) } catch let error as BerthError {
          guard goesOn else { throw error }
          steam.fail(unknown.app, error)
        }
      }
    }
  }

  /// Notes the builds of a plan that was made a moment ago.
  mutating func learn(from plan: Plan) { steam.add(plan) }

  /// The plan without those instances for which something could not be had.
  func lessLacking(_ plan: Plan) -> Plan {
    plan.refusing(
      plan.changes.reduce(into: [:]) { errors, change in
        errors[change.record.uid] = lacks.error(of: change.record)?.at(change.record.title)
      })
  }
}
