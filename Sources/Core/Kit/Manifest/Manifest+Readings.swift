/// A place of a manifest that reads something of an instance: settings, ports, paths, programs.
public struct Reading: Sendable, Equatable {
  /// Who reads it.
  public enum Part: Sendable {
    /// What a service's programs are told: arguments, environment, folders, files.
    case service
    /// A config file of the app's.
    case config
    /// A program that runs beside a service, or before one.
    case action
    /// Code of a plugin in Swift.
    case code
    /// What Berth itself asks, shows or fetches: probes, routes, consoles, conditions, limits, downloads.
    case berth
    /// A backup set.
    case backup
    /// What a setting is without a choice.
    case setting
  }

  public let part: Part
  /// Such as `services.main.exec[2]`.
  public let key: String
  /// Placeholders' names, such as `settings.title` and `ports.game`.
  public let names: [String]
}

/// Everything of a manifest that reads something, so that nothing else has to know where placeholders stand.
extension Manifest {
  /// In the order of services, config files, jobs and what is left. A place that reads nothing is left out.
  ///
  /// - Parameter code: what a plugin in Swift reads by itself.
  public func readings(code: [String] = []) -> [Reading] {
    var found = Readings()
    for service in services { found.add(service, compose: compose(service)) }
    for file in config { found.add(file) }
    for job in jobs {
      let key = "jobs.\(job.id)"
      found.add(.action, job.action, key)
      found.add(job.condition, "\(key).when")
    }
    for setting in settings { found.add(.setting, setting.defaultValue, "settings.\(setting.id).default") }
    for (index, step) in install.enumerated() { found.add(step, "install[\(index)]") }
    for route in routes { found.add(route) }
    if let query { found.add(role: query.role, "query.port") }
    if let console {
      found.add(role: console.role, "console.port")
      found.add(.berth, console.password, "console.password")
    }
    found.add(.berth, sharedGroup, "shared-group")
    for set in backup { found.add(set) }
    if let probe = probeData {
      found.add(.action, probe.write, "probe-data.write")
      found.add(.action, probe.read, "probe-data.read")
    }
    found.add(.code, code, "")
    return found.all
  }
}

private struct Readings {
  var all: [Reading] = []

  mutating func add(_ part: Reading.Part, _ names: [String], _ key: String) {
    if !names.isEmpty { all.append(Reading(part: part, key: key, names: names)) }
  }

  mutating func add(_ part: Reading.Part, _ template: Template?, _ key: String) {
    add(part, template?.variables ?? [], key)
  }

  mutating func add(_ part: Reading.Part, _ templates: [Template], _ key: String) {
    for (index, template) in templates.enumerated() { add(part, template, "\(key)[\(index)]") }
  }

  mutating func add(_ condition: Condition?, _ key: String) {
    for clause in condition?.settings ?? [] { add(.berth, ["settings.\(clause.setting)"], "\(key).\(clause.setting)") }
  }

  mutating func add(role: String?, _ key: String) {
    if let role { add(.berth, ["ports.\(role)"], key) }
  }

  /// - Parameter key: that of the mapping in which the action stands.
  mutating func add(_ part: Reading.Part, _ action: Action, _ key: String) {
    add(part, action.exec, "\(key).exec")
    add(part, action.console, "\(key).console")
  }

  mutating func add(_ service: Service, compose: ComposeFile.Service?) {
    let key = "services.\(service.id)"
    add(service.condition, "\(key).when")
    for (index, argument) in service.arguments.enumerated() {
      let place = "\(key).exec[\(index)]"
      add(.service, argument.words.flatMap(\.variables), place)
      add(argument.condition, "\(place).when")
    }
    for variable in service.environment { add(.service, variable.value, "\(key).env.\(variable.name)") }
    for mount in service.mounts {
      add(.service, mount.path, "\(key).mounts.\(mount.target)")
      add(mount.condition, "\(key).mounts.\(mount.target).when")
    }
    add(.service, service.workdir, "\(key).workdir")
    if let first = service.stop.first { add(.action, first, "\(key).stop.first") }
    if let container = service.container { add(container, compose, key) }
    for (index, probe) in service.ready.enumerated() {
      let place = service.ready.count == 1 ? "\(key).ready" : "\(key).ready[\(index)]"
      add(role: probe.role, place)
      switch probe.check {
      case .port: break
      case .http(let check): add(.berth, check.host, "\(place).http.host")
      case .exec(let exec): add(.action, exec, "\(place).exec")
      }
    }
    add(.berth, service.limits.memory, "\(key).limits.memory")
  }

  private mutating func add(_ container: Container, _ compose: ComposeFile.Service?, _ service: String) {
    let key = container.engine == .docker ? "\(service).compose" : "\(service).container"
    add(.berth, container.image, "\(key).image")
    add(.service, container.user ?? compose?.user, "\(key).user")
    add(.service, container.entrypoint, "\(key).entrypoint")
    add(.service, container.exec, "\(key).exec")
    for label in container.labels { add(.service, label.value, "\(key).labels.\(label.name)") }
    for (index, device) in container.devices.enumerated() { add(device.condition, "\(key).devices[\(index)].when") }
    // A service reads the variables of its file under their own names; see `Service.environment`.
    for variable in compose?.values ?? [] { add(.service, variable.value, key) }
  }

  mutating func add(_ file: ConfigFile) {
    let key = "config.\(file.id)"
    add(.config, file.location, "\(key).path")
    for (word, entries) in [("values", file.values), ("initial", file.initial)] {
      for entry in entries { add(.config, entry.value, "\(key).\(word).\(entry.key)") }
    }
    add(
      .config,
      file.template.flatMap { try? ManifestValidator.mustacheTags(in: $0, key: key, file: file.id).map(\.name) } ?? [],
      key)
  }

  mutating func add(_ step: InstallStep, _ key: String) {
    switch step {
    case .apt: break
    case .download(let download):
      add(.berth, download.url, "\(key).download.url")
      add(.berth, download.sha256, "\(key).download.sha256")
      add(download.condition, "\(key).download.when")
    case .steam(let server): add(server.condition, "\(key).steamcmd.when")
    }
  }

  mutating func add(_ route: Route) {
    let key = "routes.\(route.id)"
    add(role: route.role, "\(key).port")
    add(.berth, route.host, "\(key).host")
    for folder in route.staticFolders { add(.berth, folder.folder, "\(key).static.\(folder.prefix)") }
    add(.berth, route.auth, "\(key).auth")
    add(route.condition, "\(key).when")
  }

  mutating func add(_ set: BackupSet) {
    let key = "backup.\(set.id)"
    switch set.method {
    case .files(let paths, let exclude, _):
      add(.backup, paths, "\(key).files")
      add(.backup, exclude, "\(key).exclude")
    case .volume: break
    case .sqlite(let paths): add(.backup, paths, "\(key).sqlite")
    case .command(let dump, let restore):
      add(.backup, dump.exec, "\(key).command")
      add(.backup, restore.exec, "\(key).restore")
    }
    for (word, actions) in [("before", set.before), ("after", set.after)] {
      for (index, action) in actions.enumerated() { add(.backup, action, "\(key).\(word)[\(index)]") }
    }
  }
}
