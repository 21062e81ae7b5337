import BerthKit
import BerthPlan

/// What plans need of the host and that is no part of what can be taken back: packages, images, releases.
///
/// Where one of it cannot be had and the others go on, only the instances that need it are refused.
extension PlanningSession {
  /// Installs missing packages, where Berth may, and fetches missing images.
  ///
  /// - Parameter refreshed: images that are fetched although they are there.
  /// - Returns: whether all was there already, so that the draft still holds.
  mutating func prepare(_ draft: Plan, refreshing refreshed: [ImagePin]) async throws -> Bool {
    let missing = draft.changes.flatMap(\.record.images.values).filter { $0.id == nil }
    for release in draft.releases {
      do { try berth.requireSource(release) } catch let error as BerthError {
        guard goesOn else { throw error }
        lacks.releases[release] = error
      }
    }
    try await fetch(missing)
    let packages = draft.steps.compactMap { if case .installPackages(let lists) = $0.step { lists } else { nil } }
    for lists in packages {
      try options.begins()
      options.notice("installing packages: \(await host.packages.installLine(lists))")
      do { try await host.packages.install(lists) } catch let error as BerthError {
        guard goesOn else { throw error }
        let apps = Set(draft.changes.map(\.record.key.app))
        for app in apps
        where (try? catalog.plugin(app).manifest.packages).map({ !Set($0).isDisjoint(with: lists) }) ?? false {
          lacks.packages[app] = error
        }
      }
    }
    try await fetch(refreshed)
    return draft.releases.isEmpty && missing.isEmpty && packages.isEmpty && refreshed.isEmpty
  }

  /// Fetches images, or newer ones under their names. What is called `localhost/…` was made here and comes from nowhere.
  ///
  /// - Throws: `no-image`.
  mutating func fetch(_ images: [ImagePin]) async throws {
    let made = images.filter { $0.reference.hasPrefix("localhost/") }
    for missing in made where missing.id == nil {
      guard goesOn else { throw BerthError.imageNotMade(missing) }
      lacks.images[missing.reference] = .imageNotMade(missing)
    }
    for engine in Container.Engine.allCases {
      let named = images.filter { $0.runner == engine }.map(\.reference)
      for reference in Set(named).subtracting(made.map(\.reference)).sorted() {
        try options.begins()
        options.notice("fetching the image \(reference)")
        do { try await host.containers[engine].pull(reference) } catch let error as BerthError {
          guard goesOn else { throw error }
          lacks.images[reference] = error
        }
      }
    }
  }
}
