import BerthKit
import BerthPlan
import BerthPlanning

/// Taking over what somebody ran by hand: a project of Docker Compose becomes the instance `default` of an app.
extension Berth {
  /// What a takeover would do, with nothing changed.
  public func planAdoption(_ request: AdoptRequest) async throws -> Plan {
    var session = PlanningSession(self, catalog(), goesOn: true)
    let takeover = try await session.plan { try await $0.takeover(of: request) }
    let plan = try await ask(adoption(by: takeover, session), session)
    // What a proxy finds wrong keeps the project from being stopped, and a person sees it beside all the rest.
    do { try await checkSites(plan) } catch let error as BerthError {
      let refusals = plan.changes.prefix(1).map { Refusal($0.record, error) }
      return Plan(verb: plan.verb, changes: plan.changes, steps: plan.steps, refused: plan.refused + refusals)
    }
    return plan
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
    try reading.requireFine()
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
    var reading = try ProjectReading(project, as: manifest, given: request.settings, pairs: request.pairs)
    reading.judge(ground, leaving: request.leaving)
    return (folder, project, reading)
  }

  private var ground: ProjectGround {
    let files = host.files
    return ProjectGround(
      real: files.realPath,
      content: { path in
        if files.isFile(path) { return .file }
        // What cannot be read may hold anything, and fails where it is read.
        if files.isFolder(path) { return .folder((try? files.list(path)) ?? ["?"]) }
        return files.exists(path) ? .other : .nothing
      }, size: files.usedBytes)
  }
}

extension PlanningSession {
  fileprivate func takeover(of request: AdoptRequest) async throws -> Takeover {
    let manifest = try catalog.plugin(request.app).manifest
    let (folder, project, found) = try await berth.reading(of: request, as: manifest)
    var reading = found
    // Whatever else has the port of one that does not run, keeps it.
    let freed = Set(project.containers.filter(\.state.isAlive).flatMap(\.ports).map(\.published))
    // Who it will be, as for any other installation.
    var builder = try await planBuilder(
      "adopt", apps: [request.app], asksManager: false, freed: freed)
    let draft: Plan
    do {
      try builder.make(
        InstallRequest(
          app: request.app, id: "default", settings: reading.settings.merging(request.settings) { _, own in own },
          ports: reading.ports,
          directory: try request.directory.map(berth.chosenFolder)))
      draft = try builder.plan.whole()
    } catch let error as BerthError {
      try reading.requireFine([error])
      throw error
    }
    // It is planned anew, and takes the same ports again.
    let registrations = draft.steps.compactMap {
      if case .register(let registration) = $0.step { registration } else { nil }
    }
    guard let registration = registrations.first else { throw BerthError.noComposeApp(request.app) }
    let record = registration.record
    if let facts = try builder.facts[request.app]?.get() {
      try reading.tell(
        Variables(record, values: manifest.values(of: registration.settings), facts: facts), user: record.user)
    }
    try reading.requireFine(request.volumes == .keep ? unmovable(reading.volumes, record, project: folder) : [])
    // Where no file was the instance's user's, none becomes so.
    let own = host.users.numbers(of: record.user)
    let numbers = reading.numbers ?? FileNumbers(user: UInt32(own.user), group: UInt32(own.group))
    let adoption = Adoption(
      project: project.name, folder: folder, containers: reading.containers,
      moves: request.volumes == .copy
        ? []
        : reading.volumes.map {
          FolderMove(
            $0.path, to: "\(paths.own(record))/\($0.place)", user: record.user, from: numbers)
        }, adoptedAt: host.clock.timestamp())
    let head = BackupHead(
      id: host.clock.uuid(), kind: .full, createdAt: host.clock.timestamp(), hostName: berth.environment.hostName,
      instance: record, settings: registration.settings, manifest: manifest,
      sets: [Takeover.set(reading.volumes)], owner: numbers)
    return Takeover(
      adoption: adoption, reading: reading, freed: freed, head: head, token: host.clock.uuid())
  }

  /// Why folders cannot become an instance's by changing their names.
  ///
  /// - Parameter project: the folder of its Compose file, which has to stay for the way back.
  private func unmovable(
    _ volumes: [ProjectReading.Volume], _ record: InstanceRecord, project: String
  ) -> [BerthError] {
    let project = host.files.realPath(project)
    return volumes.enumerated().flatMap { index, volume -> [BerthError] in
      var problems: [BerthError] = []
      if !host.files.isOneFileSystem(volume.path, paths.own(record)) { problems.append(.cannotKeep(volume.path)) }
      if !volume.sharers.isEmpty { problems.append(.sharedVolume(volume.path, with: volume.sharers)) }
      let others = volumes.enumerated().filter { $0.offset != index }.map(\.element.path) + [project]
      if let inner = others.first(where: { $0 == volume.path || $0.hasPrefix("\(volume.path)/") }) {
        problems.append(.nestedVolume(volume.path, inner))
      }
      return problems
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
