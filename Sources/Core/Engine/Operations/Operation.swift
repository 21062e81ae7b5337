import BerthKit
import BerthPlan

/// One thing that Berth can do to instances, as a value: what it is called, whom it is about and how it is planned.
///
/// ``Berth/carryOut(_:_:draft:)`` is the one way through for all of them, and ``Berth/ask(_:_:)`` says what one would do.
struct Operation: Sendable {
  typealias Planning = @Sendable (PlanningSession) async throws -> Plan

  /// What it needs before it can be carried out.
  enum Needs: Sendable {
    /// The manager. Nothing is installed or fetched for it, so that it is planned once, under the locks.
    case manager
    /// The manager, and the packages, images and releases of its draft.
    case programs
    /// The same for instances that may be the first ones of a sandbox, whose manager is started then.
    case programsOfFirst
  }

  /// Such as `install`.
  let verb: String
  /// What it is done to, for others who have to wait; nil for the instances by name or number.
  var title: String?
  /// The instances that are there and are locked before it is planned; nil for those that its draft changes.
  var present: [InstanceRecord]?
  var needs: Needs = .programs
  /// The plugins that it is planned with; none where it is about no app.
  let catalog: PluginCatalog
  /// Images that are fetched although they are there, since their names may stand for newer ones by now.
  var refreshes: [ImagePin] = []
  /// Whether it is planned anew when somebody takes a port between planning and starting.
  var mayMovePorts = false
  let plan: Planning
  /// What is planned once the first plan was carried out, such as what to do with files that had to be unpacked first.
  var then: Planning?

  init(
    _ verb: String, on title: String? = nil, present: [InstanceRecord]? = nil, needs: Needs = .programs,
    with catalog: PluginCatalog, plan: @escaping Planning
  ) {
    self.verb = verb
    self.title = title
    self.present = present
    self.needs = needs
    self.catalog = catalog
    self.plan = plan
  }

  /// All that it would do, as far as can be told before its first plan was carried out.
  func draft(_ session: PlanningSession) async throws -> Plan {
    guard let then else { return try await plan(session) }
    let first = try await plan(session)
    return first.followed(by: try await then(session))
  }

  /// How its second plan is made; nil where the first is all.
  func next(_ session: PlanningSession) -> (@Sendable () async throws -> Plan)? {
    guard let then else { return nil }
    return {
      var session = session
      return try await session.plan(then)
    }
  }
}
