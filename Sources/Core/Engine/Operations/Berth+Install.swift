import BerthKit

extension Berth {
  /// What an installation would do, with nothing changed.
  public func planInstall(_ requests: [InstallRequest]) async throws -> Plan {
    defer { host.ports.releaseClaims() }
    let catalog = catalog()
    return try await questioning.asking { try await $0.installPlan(requests, catalog: catalog) }.planned
      .answer(about: requests.count)
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
    try requireSome(draft)
    let prepared = try await berth.preparing(draft)
    try await requireManager(startsSandbox: true)
    return try await prepared.fetching(draft) { berth in
      try await retryingPorts(requests.allSatisfy(\.ports.isEmpty)) {
        try await berth.execute([], "install", on: requests[0].app) {
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
        request.directory = try chosenFolder(directory)
      }
      try builder.make(request)
    }
    return lessLacking(builder.plan)
  }
}
