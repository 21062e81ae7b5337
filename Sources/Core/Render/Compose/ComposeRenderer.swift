import BerthKit
import Foundation

/// Manifest × instance → a project of Docker Compose: the plugin's file as it is, what is this instance's own beside it,
/// and the variables that the plugin's file names.
public struct ComposeRenderer: Sendable {
  private let manifest: Manifest
  private let context: RenderContext

  public init(manifest: Manifest, context: RenderContext) {
    self.manifest = manifest
    self.context = context
  }

  /// The three files; nothing for an app without Compose.
  ///
  /// - Throws: `bad-env-value` for a value that a shell and Compose cannot read alike.
  public func files(of instance: InstanceValues, variables: Variables) throws -> [RenderedFile] {
    guard let compose = manifest.compose else { return [] }
    let declared = manifest.services.filter { $0.engine == .docker }
    let enabled = manifest.enabledServices(instance.settings).filter { $0.engine == .docker }
    let home = context.paths.instance(instance.key)
    let isSecret = declared.flatMap(\.environment).contains { variables.isSecret($0.value) }
    let project = try project(compose, enabled, instance, variables)
    let hasOwn = enabled.contains { !$0.ownVariables(instance.settings).isEmpty }
    return [
      RenderedFile(path: "\(home)/\(ScopePaths.composeFile)", text: compose.text),
      // JSON is YAML too (YAML 1.2, 1.3), and leaves no doubt about quotes.
      RenderedFile(
        path: "\(home)/\(ScopePaths.composeOverride)",
        text: try ComposeText.json(project) + "\n", isSecret: isSecret || hasOwn),
      RenderedFile(
        path: "\(home)/\(ScopePaths.composeEnvironment)", text: try environment(declared, instance, variables),
        isSecret: isSecret),
    ]
  }

  // MARK: What is the instance's own

  private func project(
    _ compose: ComposeFile, _ services: [Service], _ instance: InstanceValues, _ variables: Variables
  ) throws -> ComposeProject {
    let name = ContainerName.shared(manifest.id, instance.slug)
    func own(_ part: String) -> String { ContainerName.part(part, manifest.id, instance.slug) }
    var project = ComposeProject(name: name)
    for network in manifest.composeNetworks {
      let isShared = network == Container.Network.shared
      project.networks[network] = .init(name: isShared ? name : own(network), instance.subnets[network])
    }
    // A job has Compose make all volumes of the plugin's file, those of services that the instance does not have too.
    for volume in Set(services.flatMap(\.mounts).compactMap(\.volume) + compose.volumes) {
      // A folder of the instance's, so that what holds for its data holds for its volumes. All containers share it, and so
      // does whoever pins it.
      let pins = context.paths.mounts(manifest.id, instance.key.id.text, unit: Manifest.composeUnit)
      let folder = try variables.text(Mount.path(ofVolume: volume)) ?? ""
      project.volumes[volume] = .init(
        name: own(volume), driver: "local",
        driver_opts: [
          "type": "none", "o": "bind", "device": ComposeText.literal(context.pins ? "\(pins)/\(volume)" : folder),
        ])
    }
    for service in services {
      project.services[compose.name(of: service)] = try self.service(service, instance, variables)
    }
    return project
  }

  private func service(
    _ service: Service, _ instance: InstanceValues, _ variables: Variables
  ) throws -> ComposeProject.Service {
    let reference = try service.container.flatMap { try variables.text($0.image) } ?? ""
    var own = ComposeProject.Service(
      container_name: ContainerName.container(manifest.id, instance.slug, service: service.id),
      image: instance.images[service.id].map { "sha256:\($0)" } ?? ComposeText.literal(reference))
    for variable in service.environment {
      guard let value = try variables.text(variable.value) else { continue }
      own.environment[variable.name] = ComposeText.literal(value)
    }
    own.environment.merge(service.ownVariables(instance.settings).mapValues(ComposeText.literal)) { plugin, _ in plugin
    }
    for role in manifest.enabledPorts(instance.settings) where manifest.publisher(of: role)?.id == service.id {
      guard let number = instance.ports[role.role] else { continue }
      own.ports += role.protocols.map {
        .init(
          target: role.target ?? number, published: "\(number)", host_ip: role.isOnEveryAddress ? nil : role.bind,
          protocol: $0.rawValue)
      }
    }
    own.volumes = try service.mounts.enumerated().compactMap { number, mount in
      guard mount.condition?.holds(instance.settings) ?? true, let path = try variables.text(mount.path) else {
        return nil
      }
      let target = ComposeText.literal(mount.target)
      if let name = mount.volume {
        // The folder is the instance's own: what the image has in that place must not change its owner.
        return .init(
          type: "volume", source: name, target: target, read_only: mount.isReadOnly, volume: .init(nocopy: true))
      }
      return .init(
        type: "bind", source: source(number, of: service, instance) ?? ComposeText.literal(path), target: target,
        read_only: mount.isReadOnly, bind: .init(create_host_path: false))
    }
    own.group_add = instance.sharedGroup.map { ["\($0.number)"] }
    own.stop_signal = service.stop.signal
    own.stop_grace_period = "\(service.stop.grace)s"
    let file = manifest.compose(service)
    if file?.hasLogging == true { own.logging = nil }
    let places = file?.places ?? []
    ContainerHardening.apply(
      to: &own, of: service, profile: context.paths.seccomp(instance.key),
      taken: Set(places + service.mounts.map(\.target)))
    let bounds = service.bounds
    let memory = try (instance.limits.memory ?? bounds.memory).flatMap { try variables.text($0) }
    own.mem_limit = memory.flatMap { ByteSize.bytes(of: $0) }
    own.pids_limit = instance.limits.tasks ?? bounds.tasks
    own.cpus = instance.limits.cpus ?? bounds.cpus
    return own
  }

  /// Where a mount's source is pinned, by whichever unit starts the container; nil where nothing is.
  ///
  /// Who runs Docker Compose by hand means the service's.
  private func source(_ number: Int, of service: Service, _ instance: InstanceValues) -> String? {
    guard context.pins else { return nil }
    let (app, id) = (instance.key.app, instance.key.id.text)
    return context.paths.mounts(app, id, unit: "${\(Self.unit):-\(service.id)}") + "/\(number)"
  }

  /// The variable that tells Docker Compose for which unit a container is made.
  static let unit = "BERTH_UNIT"

  // MARK: Variables

  /// `.env`, which Compose puts into the plugin's file and a person's shell may read.
  ///
  /// Compose reads the file as a whole, so that services which the instance does not have need their variables too.
  private func environment(
    _ services: [Service], _ instance: InstanceValues, _ variables: Variables
  ) throws -> String {
    var values: [String: String] = [:]
    for variable in services.flatMap(\.environment) {
      if let value = try variables.text(variable.value) { values[variable.name] = value }
    }
    let lines = try values.sorted { $0.key < $1.key }.map { name, value in
      guard let quoted = ComposeText.quoted(value) else { throw BerthError.badEnvironmentValue(name) }
      return "\(name)=\(quoted)"
    }
    let header = "# Made by Berth for \(instance.key). Docker Compose and a shell read it alike."
    return ([header] + lines).joined(separator: "\n") + "\n"
  }
}

/// Quoting for files of Docker Compose.
enum ComposeText {
  /// A value in a Compose file, in which `$` begins a variable.
  static func literal(_ text: String) -> String { text.replacing("$", with: "$$") }

  /// A Compose file or a part of one.
  static func json(_ part: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(part), as: UTF8.self)
  }

  /// A value in `.env`, which Compose's own reader (compose-go, `dotenv`) and a POSIX shell take as the same text.
  ///
  /// Single quotes keep everything but themselves, and for Compose a backslash before the closing one. Double quotes can
  /// say these, but a backquote in them means a program to a shell and has no escape in Compose.
  ///
  /// - Returns: nil when there is no such form.
  static func quoted(_ value: String) -> String? {
    if !value.unicodeScalars.contains("'"), value.unicodeScalars.last != "\\" { return "'\(value)'" }
    guard !value.unicodeScalars.contains("`") else { return nil }
    return "\"\(value.backslashing("\"\\$"))\""
  }
}
