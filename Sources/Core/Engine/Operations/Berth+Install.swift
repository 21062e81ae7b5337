import BerthKit

extension Berth {
  /// What an installation would do, with nothing changed.
  public func planInstall(_ requests: [InstallRequest]) async throws -> Plan {
    defer { host.ports.releaseClaims() }
    let catalog = catalog()
    return try await asking { try await $0.installPlan(requests, catalog: catalog) }.planned
  }

  /// Installs instances and waits until they are ready.
  ///
  /// - Returns: for each instance its report, or what went wrong with it when the others went on.
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with everything taken back.
  public func install(_ requests: [InstallRequest]) async throws -> [ControlOutcome] {
    // Everything that can be wrong with a request is found before the manager is even started.
    let catalog = catalog()
    let (draft, berth) = try await asking { try await $0.installPlan(requests, catalog: catalog) }
    host.ports.releaseClaims()
    try await prepare(draft)
    try await requireManager(startsSandbox: true)
    return try await berth.fetching(draft) { berth in
      try await retryingPorts(requests.allSatisfy(\.ports.isEmpty)) {
        let lock = try await hostLock("installing \(requests[0].app)")
        return try await berth.execute(under: lock) {
          try await berth.asking { try await $0.installPlan(requests, catalog: catalog) }.planned
        }
      }
    }
  }

  /// Somebody took a port between planning and starting. A default moves on; a wish does not.
  func retryingPorts<Result>(_ mayMove: Bool, _ body: () async throws -> Result) async throws -> Result {
    var attempts = 3
    while true {
      do { return try await body() } catch let error as BerthError {
        attempts -= 1
        guard error.code == "port-in-use", mayMove, attempts > 0 else { throw error }
      }
    }
  }

  private func installPlan(_ requests: [InstallRequest], catalog: PluginCatalog) async throws -> Plan {
    var builder = try await planBuilder(
      "install", apps: Set(requests.map(\.app)), catalog: catalog, asksManager: false)
    for var request in requests {
      if let directory = request.directory {
        request.directory = try PathRules.absolute(directory, in: environment.workingFolder)
      }
      try builder.make(request)
    }
    return try builder.plan
  }

  /// Installs missing packages, where Berth may, and fetches missing images. They are prerequisites and no part of what
  /// can be taken back.
  func prepare(_ plan: Plan) async throws {
    try requireSources(plan)
    try await fetch(plan.changes.flatMap(\.record.images.values).filter { $0.id == nil })

    for case .installPackages(let lists) in plan.steps.map(\.step) {
      options.notice("installing packages: \(await host.packages.installLine(lists))")
      try await host.packages.install(lists)
    }
  }

  /// Fetches images, or newer ones under their names. What is called `localhost/…` was made here and comes from nowhere.
  ///
  /// - Throws: `no-image`.
  func fetch(_ images: [ImagePin]) async throws {
    let made = images.filter { $0.reference.hasPrefix("localhost/") }
    if let missing = made.first(where: { $0.id == nil }) { throw BerthError.imageNotMade(missing) }
    for engine in Container.Engine.allCases {
      let named = images.filter { ($0.engine ?? .podman) == engine }.map(\.reference)
      for reference in Set(named).subtracting(made.map(\.reference)).sorted() {
        options.notice("fetching the image \(reference)")
        try await host.containers[engine].pull(reference)
      }
    }
  }
}
