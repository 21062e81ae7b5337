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
    let strange = try await refuseStrangers(draft)
    return !strange && draft.releases.isEmpty && missing.isEmpty && packages.isEmpty && refreshed.isEmpty
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

  /// Refuses images whose programs run as a user that only the image knows, where a person's Podman runs them: what they
  /// write would be a number's that the person may neither read nor delete.
  ///
  /// - Returns: whether an image was refused and the others go on.
  /// - Throws: `image-user`.
  private mutating func refuseStrangers(_ draft: Plan) async throws -> Bool {
    guard paths.scope == .user else { return false }
    var known: [String: FileNumbers] = [:]
    var isRefused = false
    for record in draft.changes.map(\.record) where !record.images.isEmpty {
      let manifest = try catalog.plugin(record.key.app).manifest
      for (service, image) in record.images.sorted(by: { $0.key < $1.key }) where lacks.images[image.reference] == nil {
        // A number that the plugin says is the person's in the container.
        guard let container = manifest.service(service)?.container, container.user == nil else { continue }
        let name = image.id ?? image.reference
        var numbers = known[name]
        if numbers == nil { numbers = try await host.containers[container.engine].user(of: name, as: nil) }
        known[name] = numbers
        guard let numbers, numbers.user != 0 else { continue }
        let error = BerthError.imageUser(image.reference, numbers, of: service)
        guard goesOn else { throw error }
        lacks.images[image.reference] = error
        isRefused = true
      }
    }
    return isRefused
  }
}
