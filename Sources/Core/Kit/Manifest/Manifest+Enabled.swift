/// What of an app an instance has, by its settings. Always in document order.
extension Manifest {
  /// The services whose `when` holds.
  public func enabledServices(_ settings: [String: Value]) -> [Service] {
    services.filter { $0.condition?.holds(settings) ?? true }
  }

  /// The jobs whose `when` holds, of services that are enabled.
  public func enabledJobs(_ settings: [String: Value]) -> [Job] {
    let enabled = Set(enabledServices(settings).map(\.id))
    return jobs.filter { enabled.contains($0.service) && $0.condition?.holds(settings) ?? true }
  }

  /// The port roles that belong to the app as a whole or to a service that is enabled.
  public func enabledPorts(_ settings: [String: Value]) -> [PortRole] {
    let enabled = Set(enabledServices(settings).map(\.id))
    return ports.filter { $0.service.map(enabled.contains) ?? true }
  }

  /// The routes whose `when` holds, to ports that the instance has.
  public func enabledRoutes(_ settings: [String: Value]) -> [Route] {
    let ports = Set(enabledPorts(settings).map(\.role))
    return routes.filter { ports.contains($0.role) && $0.condition?.holds(settings) ?? true }
  }

  /// The config files that belong to the app as a whole or to a service that is enabled.
  public func enabledConfig(_ settings: [String: Value]) -> [ConfigFile] {
    let enabled = Set(enabledServices(settings).map(\.id))
    return config.filter { $0.service.map(enabled.contains) ?? true }
  }

  /// The config files that a service reads.
  public func configFiles(of service: Service) -> [ConfigFile] {
    config.filter { $0.service == nil || $0.service == service.id }
  }

  /// The backup sets of services that are enabled.
  public func enabledBackup(_ settings: [String: Value]) -> [BackupSet] {
    let enabled = Set(enabledServices(settings).map(\.id))
    return backup.filter { enabled.contains($0.service) }
  }

  /// Whether it makes folders of the host's for its instances.
  package var hasHostFolders: Bool { services.contains { $0.mounts.contains(where: \.isHostFolder) } }

  /// Whether its services or a proxy are shown folders of the host.
  package var showsFolders: Bool {
    services.contains { !$0.mounts.isEmpty } || routes.contains { !$0.staticFolders.isEmpty }
  }

  /// What services that are enabled see of the host, as far as its `when` holds.
  public func enabledMounts(_ settings: [String: Value]) -> [Mount] {
    enabledServices(settings).flatMap { $0.enabledMounts(settings) }
  }

  /// Whether what a mount shows is a file of Berth's, and not a folder.
  public func isConfigFile(_ mount: Mount) -> Bool { config.contains { $0.location == mount.path } }

  /// Services, and everything that they wait for.
  public func services(neededBy names: Set<String>) -> [Service] {
    var needed: Set<String> = []
    var waiting = Array(names)
    while let name = waiting.popLast() {
      guard needed.insert(name).inserted else { continue }
      waiting += service(name)?.dependsOn ?? []
    }
    return services.filter { needed.contains($0.id) }
  }

  /// The service of that name.
  public func service(_ id: String) -> Service? { services.first { $0.id == id } }

  /// The service that opens a port: the one it names, or the only one.
  public func service(of port: PortRole) -> Service? {
    port.service.map(service) ?? (services.count == 1 ? services[0] : nil)
  }

  /// What the proxy serves by itself in the name of a service's ports, in document order.
  package func staticFolders(of service: Service) -> [(route: Route, folder: Route.StaticFolder)] {
    routes.filter { server(of: $0)?.id == service.id }.flatMap { route in
      route.staticFolders.map { (route, $0) }
    }
  }

  /// The service that a route's requests go to.
  package func server(of route: Route) -> Service? { port(route.role).flatMap(server) ?? services.first }

  /// The service that listens on a port: the one it names, the one that is ready by it, that of the port it follows, or the
  /// first.
  package func server(of port: PortRole) -> Service? {
    service(of: port) ?? services.first { $0.ready.contains { $0.role == port.role } }
      ?? port.follows.flatMap { self.port($0.role) }.flatMap(server) ?? services.first
  }
}

extension Service {
  /// The mounts whose `when` holds.
  public func enabledMounts(_ settings: [String: Value]) -> [Mount] {
    mounts.filter { $0.condition?.holds(settings) ?? true }
  }
}
