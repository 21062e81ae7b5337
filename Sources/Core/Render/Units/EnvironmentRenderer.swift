import BerthKit

/// Manifest × instance → the environment file of each service.
public struct EnvironmentRenderer: Sendable {
  private let manifest: Manifest
  private let context: RenderContext

  public init(manifest: Manifest, context: RenderContext) {
    self.manifest = manifest
    self.context = context
  }

  /// One file per service that the instance has: the variables that the arguments of its units name, then its own.
  ///
  /// - Parameter pool: the instances that it serves together with; nil for none.
  public func files(for key: InstanceKey, variables: Variables, pool: String? = nil) throws -> [RenderedFile] {
    let jobs = manifest.enabledJobs(variables.settings)
    let sets = manifest.enabledBackup(variables.settings)
    return try manifest.enabledServices(variables.settings).flatMap { service in
      var lines = ["# Made by Berth. Read by the service manager when \(key) starts."]
      let own = sets.filter { $0.service == service.id }
      // What has a unit file of its own has everything worked in.
      let ownJobs = service.hasOwnUnits ? [] : jobs.filter { $0.service == service.id }
      let spoken = service.consoleLines(own)
      let console = spoken.isEmpty ? nil : manifest.console
      let programs =
        ownJobs.flatMap(\.action.exec) + own.flatMap(words) + spoken
        + (console.flatMap(UnitRenderer.number).map { [$0] } ?? [])
        + (service.container == nil ? manifest.configFiles(of: service).map(\.location) : [])
      let told = try placeholders(of: service, service.exec(of: variables.settings) + programs).compactMap { part in
        try variables.value(of: part).map {
          "\(UnitText.environmentName(part) ?? "")=\(EnvironmentText.quoted($0.plain))"
        }
      }
      lines += told.sorted()
      if !service.hasOwnUnits {
        let sources = SourceGuard(service, of: manifest, in: context)
        let served = context.served(key, pool: pool, service: service.id)
        lines += try sources.environment(variables, served: context.proxy == nil ? nil : served).map {
          "\(UnitText.environmentName($0.name))=\(EnvironmentText.quoted($0.value))"
        }
      }
      let unitsFile = context.paths.environment(key.app, key.id.text, service: service.id)
      if let password = try console?.password.flatMap({ try variables.text($0) }) {
        lines.append("\(UnitRenderer.passwordName)=\(EnvironmentText.quoted(password))")
      }
      guard service.container == nil else {
        // The units of its backup sets run beside the container, and know nothing of what is the container's.
        let units = RenderedFile(path: unitsFile, text: lines.joined(separator: "\n") + "\n", service: service.id)
        return service.hasOwnUnits ? [units, try containerFile(of: service, key, variables)] : [units]
      }
      // A program that writes to its home writes into its data.
      if !service.environment.contains(where: { $0.name == "HOME" }), let data = variables["paths.data"] {
        lines.append("HOME=\(EnvironmentText.quoted(data.plain))")
      }
      for variable in service.environment {
        guard let value = try variables.text(variable.value) else { continue }
        lines.append("\(LoaderVariables.unitName(variable.name))=\(EnvironmentText.quoted(value))")
      }
      return [
        RenderedFile(
          path: unitsFile, text: lines.joined(separator: "\n") + "\n",
          isSecret: console?.password != nil || service.environment.contains { variables.isSecret($0.value) },
          service: service.id)
      ]
    }
  }

  /// `KEY=value` lines as podman-run(1) reads them (`--env-file`): to the end of the line, with no quotes.
  private func containerFile(of service: Service, _ key: InstanceKey, _ variables: Variables) throws -> RenderedFile {
    let own = service.ownVariables(variables.settings)
    let lines =
      try service.environment.compactMap { variable in
        try variables.text(variable.value).map { "\(variable.name)=\($0)" }
      } + own.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let header = "# Made by Berth. Read by Podman when \(key) starts."
    return RenderedFile(
      path: context.paths.containerEnvironment(key.app, key.id.text, service: service.id),
      text: ([header] + lines).joined(separator: "\n") + "\n",
      isSecret: !own.isEmpty || service.environment.contains { variables.isSecret($0.value) }, service: service.id)
  }

  /// Only what the units need, so that nothing else reaches the program's environment.
  private func placeholders(of service: Service, _ programs: [Template]) -> Set<Template.Segment> {
    // A unit file of an instance's own has worked in what is done before a stop, its probes and its ports.
    let isOwn = service.hasOwnUnits
    let arguments =
      programs + (isOwn ? [] : service.stop.first?.exec ?? []) + (isOwn ? [] : service.ready.flatMap(words))
    // The names of its containers hold it.
    let inNames = service.container == nil ? [] : ["instance.slug"]
    let roles = isOwn ? [] : service.ready.compactMap(\.role)
    let ports = isOwn ? [] : manifest.ports.filter { manifest.publisher(of: $0)?.id == service.id }.map(\.role)
    let named = (inNames + (roles + ports).map { "ports.\($0)" }).map(Template.Segment.variable)
    return Set(
      named
        + arguments.flatMap(\.segments).filter { segment in
          switch segment {
          case .literal: false
          case .variable(let name): !name.hasPrefix("programs.")
          case .filtered: true
          }
        })
  }

  private func words(of probe: ReadyProbe) -> [Template] {
    switch probe.check {
    case .http(let check): check.host.map { [$0] } ?? []
    case .exec(let exec): exec
    case .port: []
    }
  }

  /// The arguments of a set's units. Snapshots are named by paths relative to the instance.
  private func words(of set: BackupSet) -> [Template] {
    guard case .sqlite(let paths) = set.method else { return set.commands.flatMap { $0 } }
    return paths.map(SelectedSet.relative) + set.commands.flatMap { $0 }
  }
}

/// Quoting for `KEY="value"` files, by systemd.exec(5) (`EnvironmentFile=`); a POSIX shell reads it the same way.
enum EnvironmentText {
  /// The value in double quotes; control characters never come this far.
  static func quoted(_ value: String) -> String { "\"\(value.backslashing("\"\\$`"))\"" }
}
