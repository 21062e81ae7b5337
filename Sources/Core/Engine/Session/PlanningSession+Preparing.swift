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
    let strangers = try await strangers(draft)
    guard let first = strangers.first else { return false }
    guard goesOn else { throw first.error }
    for stranger in strangers { lacks.images[stranger.reference] = stranger.error }
    return true
  }

  /// Images with a user of their own, for which no plugin says a number that the person can be.
  private func strangers(_ draft: Plan) async throws -> [(reference: String, error: BerthError)] {
    var strangers: [(reference: String, error: BerthError)] = []
    var asked: Set<String> = []
    for record in draft.changes.map(\.record) where !record.images.isEmpty {
      let manifest = try catalog.plugin(record.key.app).manifest
      for (service, image) in record.images.sorted(by: { $0.key < $1.key }) {
        guard let engine = manifest.engine(ofUnnamedUser: service), lacks.images[image.reference] == nil,
          asked.insert(image.reference).inserted
        else { continue }
        let numbers = try await host.containers[engine].user(of: image.id ?? image.reference, as: nil)
        if numbers.user != 0 {
          strangers.append((image.reference, BerthError.imageUser(image.reference, numbers, of: service)))
        }
      }
    }
    return strangers
  }
}

extension Manifest {
  /// What runs the container of a service whose user is left to its image; nil for every other service.
  fileprivate func engine(ofUnnamedUser service: String) -> Container.Engine? {
    let container = self.service(service)?.container
    return container?.user == nil ? container?.engine : nil
  }
}
