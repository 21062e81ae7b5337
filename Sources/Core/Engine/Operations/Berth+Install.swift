import BerthKit
import BerthPlan
import BerthPlanning

extension Berth {
  /// What an installation would do, with nothing changed.
  public func planInstall(_ requests: [InstallRequest]) async throws -> Plan {
    try await ask(installation(requests)).answer(about: requests.count)
  }

  /// Installs instances and waits until they are ready.
  ///
  /// - Returns: for each instance its report, or what went wrong with it when the others went on.
  /// - Throws: what planning throws, with nothing changed; or what a step threw, with everything taken back.
  public func install(_ requests: [InstallRequest]) async throws -> [ControlOutcome] {
    try await outcomes(try await carryOut(installation(requests)))
  }

  private func installation(_ requests: [InstallRequest]) -> Operation {
    var operation = Operation("install", on: requests[0].app, present: [], needs: .programsOfFirst, with: catalog()) {
      session in
      var builder = try await session.planBuilder(
        "install", apps: Set(requests.map(\.app)), asksManager: false)
      for var request in requests {
        if let directory = request.directory { request.directory = try chosenFolder(directory) }
        try builder.make(request)
      }
      return session.lessLacking(builder.plan)
    }
    operation.mayMovePorts = requests.allSatisfy(\.ports.isEmpty)
    return operation
  }

  /// The path of a folder that a person has chosen for an instance's own ones, links worked in.
  ///
  /// - Throws: `bad-directory`, `directory-in-use`, or `unsafe-directory` where somebody else can change a folder or owns a link on the way.
  func chosenFolder(_ text: String) throws -> String {
    let absolute = try PathRules.absolute(text, in: environment.workingFolder)
    let typed = text.hasPrefix("/") ? text : "\(environment.workingFolder)/\(text)"
    if let place = host.files.changeable(onTheWayTo: "\(typed)/data") {
      // What is an instance's is its user's, who can change it.
      try Grounds(paths, try host.registry.instances(), origin: host.origins()).requireFree(absolute, for: nil)
      throw BerthError.unsafeDirectory(absolute, place)
    }
    return absolute
  }
}
