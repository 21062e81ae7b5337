import BerthKit
import BerthPlan
import BerthPlanning

/// Taking over what somebody ran by hand: a project of Docker Compose becomes the instance `default` of an app.
extension Berth {
  /// What a takeover would do, with nothing changed.
  public func planAdoption(_ request: AdoptRequest) async throws -> Plan {
    var session = PlanningSession(self, catalog(), goesOn: true)
    let takeover = try await session.plan { try await $0.takeover(of: request) }
    return try await ask(adoption(by: takeover, session), session)
  }

  private func adoption(by takeover: Takeover, _ session: PlanningSession) -> Operation {
    let record = takeover.head.instance
    var operation = Operation("adopt", on: record.title, present: [], with: session.catalog) { _ in
      takeover.firstPlan(paths, exists: host.files.exists)
    }
    operation.then = { try await takeover.plan($0, as: record) }
    return operation
  }

  /// Settings that a takeover needs and the project does not tell.
  public func missingSettings(_ request: AdoptRequest) async throws -> [Setting] {
    let reading = try await reading(of: request, as: plugin(request.app).manifest).reading
    return try missingSettings(
      InstallRequest(app: request.app, settings: reading.settings.merging(request.settings) { _, own in own }))
  }

  /// Stops a project, backs it up, and goes on with it as an instance.
  ///
  /// - Returns: the instance.
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with the project running as before.
  public func adopt(_ request: AdoptRequest) async throws -> ControlOutcome {
    var session = PlanningSession(self, catalog())
    let takeover = try await session.plan { try await $0.takeover(of: request) }
    let record = takeover.head.instance
    let outcome = try await carryOut(adoption(by: takeover, session), session).outcome
    guard let result = try await outcomes([record], outcome).first else {
      throw BerthError.unknownInstance(record.key.id.text, app: request.app, known: [])
    }
    return result
  }

  // MARK: From where

  fileprivate func reading(
    of request: AdoptRequest, as manifest: Manifest
  ) async throws -> (folder: String, project: ForeignProject, reading: ProjectReading) {
    guard manifest.compose != nil else { throw BerthError.noComposeApp(manifest.id) }
    let folder = try PathRules.absolute(request.folder, in: environment.workingFolder)
    let project: ForeignProject
    do { project = try await host.projects.project(in: folder) } catch let error as BerthError
      where error.code == "no-project"
    {
      // Docker knows a project by the path that it was started with, which need not be there any more.
      guard host.files.isFolder(folder) else { throw BerthError.noProjectFolder(request.folder) }
      guard host.files.realPath(folder) != folder else { throw error }
      project = try await host.projects.project(in: host.files.realPath(folder))
    }
    return (folder, project, try ProjectReading(project, as: manifest))
  }
}

extension PlanningSession {
  fileprivate func takeover(of request: AdoptRequest) async throws -> Takeover {
    let manifest = try catalog.plugin(request.app).manifest
    let (folder, project, found) = try await berth.reading(of: request, as: manifest)
    var reading = found
    let freed = Set(project.containers.flatMap(\.ports).map(\.published))
    // Who it will be, as for any other installation.
    var builder = try await planBuilder(
      "adopt", apps: [request.app], asksManager: false, freed: freed)
    try builder.make(
      InstallRequest(
        app: request.app, id: "default", settings: reading.settings.merging(request.settings) { _, own in own },
        ports: reading.ports,
        directory: try request.directory.map(berth.chosenFolder)))
    let draft = try builder.plan.whole()
    // It is planned anew, and takes the same ports again.
    let registrations = draft.steps.compactMap {
      if case .register(let registration) = $0.step { registration } else { nil }
    }
    guard let registration = registrations.first else { throw BerthError.noComposeApp(request.app) }
    let record = registration.record
    if let facts = try builder.facts[request.app]?.get() {
      try reading.tell(Variables(record, values: manifest.values(of: registration.settings), facts: facts))
    }
    for volume in reading.volumes where !host.files.isFolder(volume.path) {
      throw BerthError.volumeUnreachable(volume.path, of: project.name)
    }
    if request.volumes == .keep { try requireMovable(reading.volumes, record) }
    let adoption = Adoption(
      project: project.name, folder: folder, containers: reading.containers,
      moves: request.volumes == .copy
        ? []
        : reading.volumes.map {
          FolderMove(
            $0.path, to: "\(paths.own(record))/data/\(ScopePaths.volumes)/\($0.name)", user: record.user,
            from: reading.numbers)
        }, adoptedAt: host.clock.timestamp())
    let head = BackupHead(
      id: host.clock.uuid(), kind: .full, createdAt: host.clock.timestamp(), hostName: berth.environment.hostName,
      instance: record, settings: registration.settings, manifest: manifest,
      sets: [Takeover.set(reading.volumes)], owner: reading.numbers)
    return Takeover(
      adoption: adoption, reading: reading, freed: freed, head: head, token: host.clock.uuid())
  }

  /// Makes sure that volumes can become an instance's by changing their names.
  ///
  /// - Throws: `cannot-keep`.
  private func requireMovable(_ volumes: [ProjectReading.Volume], _ record: InstanceRecord) throws {
    for volume in volumes {
      guard volume.origin != nil, host.files.isOneFileSystem(volume.path, paths.own(record)) else {
        throw BerthError.cannotKeep(volume.path)
      }
    }
  }
}

extension Takeover {
  /// - Parameter known: the instance as it was planned before.
  fileprivate func plan(_ session: PlanningSession, as known: InstanceRecord) async throws -> Plan {
    var request = RestoreRequest(app: head.instance.key.app)
    request.ports = reading.ports
    request.directory = head.instance.directory
    return try await session.makePlan(
      request, head, work(session.paths), as: known, adoption: adoption, freed: freed)
  }
}
