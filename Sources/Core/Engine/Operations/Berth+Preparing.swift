import BerthKit

/// What plans need of the host and that is no part of what can be taken back: packages, images, releases.
///
/// Where one of it cannot be had and the others go on, only the instances that need it are refused.
extension Berth {
  /// Which of it could not be had, and why.
  struct Lacks: Sendable {
    var releases: [Release: BerthError] = [:]
    /// By the name of the image.
    var images: [String: BerthError] = [:]

    /// Why an instance cannot be what it shall be; nil when nothing is lacking.
    func error(of record: InstanceRecord) -> BerthError? {
      releases.first { release, _ in release.isOf(record) }?.value
        ?? record.images.values.lazy.compactMap { images[$0.reference] }.first
    }
  }

  /// One that asks only: it always goes on, and says of each instance what is wrong with it.
  var questioning: Berth {
    var berth = self
    berth.options.execution.keepsGoing = true
    return berth
  }

  /// Makes sure that something of a draft can be done.
  ///
  /// - Throws: the worst of what kept instances from being planned, unless the others go on.
  func requireSome(_ draft: Plan) throws {
    if !options.execution.keepsGoing { _ = try draft.whole() }
  }

  /// Installs missing packages, where Berth may, and fetches missing images.
  ///
  /// - Returns: a Berth that knows what could not be had where the others go on.
  func preparing(_ plan: Plan) async throws -> Berth {
    var berth = self
    for release in plan.releases {
      do { try requireSource(release) } catch let error as BerthError {
        guard options.execution.keepsGoing else { throw error }
        berth.lacks.releases[release] = error
      }
    }
    berth = try await berth.fetching(plan.changes.flatMap(\.record.images.values).filter { $0.id == nil })
    for case .installPackages(let lists) in plan.steps.map(\.step) {
      try options.begins()
      options.notice("installing packages: \(await host.packages.installLine(lists))")
      do { try await host.packages.install(lists) } catch let error as BerthError {
        guard options.execution.keepsGoing else { throw error }
        let apps = Set(plan.changes.map(\.record.key.app))
        for app in apps where (try? plugin(app).manifest.packages).map({ !Set($0).isDisjoint(with: lists) }) ?? false {
          berth.unprepared[app] = error
        }
      }
    }
    return berth
  }

  /// Fetches images, or newer ones under their names. What is called `localhost/…` was made here and comes from nowhere.
  ///
  /// - Returns: a Berth that knows what could not be had where the others go on.
  /// - Throws: `no-image`.
  func fetching(_ images: [ImagePin]) async throws -> Berth {
    var berth = self
    func lacks(_ reference: String, _ error: BerthError) throws {
      guard options.execution.keepsGoing else { throw error }
      berth.lacks.images[reference] = error
    }
    let made = images.filter { $0.reference.hasPrefix("localhost/") }
    for missing in made where missing.id == nil { try lacks(missing.reference, .imageNotMade(missing)) }
    for engine in Container.Engine.allCases {
      let named = images.filter { ($0.engine ?? .podman) == engine }.map(\.reference)
      for reference in Set(named).subtracting(made.map(\.reference)).sorted() {
        try options.begins()
        options.notice("fetching the image \(reference)")
        do { try await host.containers[engine].pull(reference) } catch let error as BerthError {
          try lacks(reference, error)
        }
      }
    }
    return berth
  }

  /// The plan without those instances for which something could not be had.
  func lessLacking(_ plan: Plan) -> Plan {
    plan.refusing(
      plan.changes.reduce(into: [:]) { errors, change in
        errors[change.record.uid] = lacks.error(of: change.record)?.at(change.record.title)
      })
  }
}

extension Plan {
  /// The plan without some of its instances, which are refused.
  ///
  /// - Parameter errors: why, by the instance's uid.
  func refusing(_ errors: [String: BerthError]) -> Plan {
    guard changes.contains(where: { errors[$0.record.uid] != nil }) else { return self }
    let known = Dictionary(refused.map { ($0.record.uid, $0.error) }, uniquingKeysWith: { first, _ in first })
    return without(
      Set(errors.keys),
      refusing: records.enumerated().compactMap { position, record in
        (known[record.uid] ?? errors[record.uid]).map { Refusal(record, $0, position: position) }
      })
  }

  /// The instances that it is about and that are there already.
  var present: [InstanceRecord] { changes.filter { $0.action != .make }.map(\.record) }
}
