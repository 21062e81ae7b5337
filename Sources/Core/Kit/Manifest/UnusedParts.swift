/// Finds what a manifest declares and nothing uses: it is allowed, and it is most often a mistake.
///
/// A person may set such a setting and nothing comes of it; such a port is kept from others and no program opens it.
public struct UnusedParts {
  let manifest: Manifest
  private let readings: [Reading]

  /// - Parameter code: what a plugin in Swift reads by itself (``AppPlugin/readsInCode``).
  public init(_ manifest: Manifest, code: [String] = []) {
    self.manifest = manifest
    readings = manifest.readings(code: code)
  }

  /// Everything that is of no use, in the order of the manifest's parts.
  public func problems() -> [ManifestValidator.Problem] {
    idleInstall() + idleNames() + idlePorts() + unreachable() + idleConfig() + idleBackup()
  }

  // MARK: Names that nothing reads

  private func idleNames() -> [ManifestValidator.Problem] {
    let read = Set(readings.flatMap(\.names))
    let programs = manifest.programs.filter { !read.contains("programs.\($0.id)") }.map {
      ManifestValidator.Problem(
        key: "programs.\($0.id)", text: "nothing runs it; name it as {{programs.\($0.id)}}, or take it out")
    }
    let settings = manifest.settings.filter { !read.contains("settings.\($0.id)") }.map {
      ManifestValidator.Problem(
        key: "settings.\($0.id)",
        text: "nothing reads it, so that a person sets it in vain; name it as {{settings.\($0.id)}}, or take it out")
    }
    return programs + settings
  }

  /// A role that nobody is told of. What follows another port is told with that one, as programs count on from it.
  private func idlePorts() -> [ManifestValidator.Problem] {
    let told = Set(
      readings.filter { [.service, .config, .action, .code].contains($0.part) }.flatMap(\.names))
    func isTold(_ port: PortRole) -> Bool {
      // An engine opens the ports of its containers by itself.
      told.contains("ports.\(port.role)") || manifest.publisher(of: port)?.container != nil
    }
    return manifest.ports.filter { port in
      let leader = port.follows?.role ?? port.role
      return !manifest.ports.contains { ($0.follows?.role ?? $0.role) == leader && isTold($0) }
    }.map { port in
      ManifestValidator.Problem(
        key: "ports.\(port.role)",
        text: "no service is told of it; name it as {{ports.\(port.role)}} in 'exec', 'env' or 'config'"
          + (manifest.services.contains { $0.container != nil } ? ", or say whose 'service' it is" : ""))
    }
  }

  // MARK: What never acts

  /// What belongs to a service and has a condition of its own that the service's rules out.
  private func unreachable() -> [ManifestValidator.Problem] {
    var found: [ManifestValidator.Problem] = []
    func check(_ own: Condition?, _ service: String?, _ key: String) {
      let whole = service.flatMap(manifest.service)?.condition
      guard let setting = Condition.contradiction(own, whole) else { return }
      found.append(
        ManifestValidator.Problem(
          key: "\(key).when.\(setting)",
          text: "no instance has it: where the service '\(service ?? "")' is, '\(setting)' has another value"))
    }
    for service in manifest.services {
      let key = "services.\(service.id)"
      for (index, argument) in service.arguments.enumerated() {
        check(argument.condition, service.id, "\(key).exec[\(index)]")
      }
      for mount in service.mounts { check(mount.condition, service.id, "\(key).mounts.\(mount.target)") }
      for (index, device) in (service.container?.devices ?? []).enumerated() {
        check(device.condition, service.id, "\(key).container.devices[\(index)]")
      }
    }
    for job in manifest.jobs { check(job.condition, job.service, "jobs.\(job.id)") }
    for route in manifest.routes { check(route.condition, manifest.port(route.role)?.service, "routes.\(route.id)") }
    return found
  }

  private func idleInstall() -> [ManifestValidator.Problem] {
    manifest.install.enumerated().compactMap { index, step in
      if case .apt = step {
        guard manifest.programs.isEmpty else { return nil }
        return ManifestValidator.Problem(
          key: "install[\(index)].apt",
          text: "nothing installs it: packages are looked at when one of 'programs' is missing, and there is none")
      }
      // The steps' own target is no use of it.
      guard !readings.contains(where: { $0.names.contains("paths.app") }),
        !manifest.services.flatMap(\.mounts).contains(where: { $0.placeInApp != nil })
      else {
        return nil
      }
      return ManifestValidator.Problem(key: "install[\(index)]", text: "nothing uses what it brings: {{paths.app}}")
    }
  }

  /// Config files in a folder that no service is told of. The path of a file itself tells no service.
  private func idleConfig() -> [ManifestValidator.Problem] {
    let places = Set(manifest.config.map { "config.\($0.id).path" })
    let isTold = readings.contains {
      ![.backup, .setting].contains($0.part) && !places.contains($0.key) && $0.names.contains("paths.config")
    }
    guard !isTold else { return [] }
    return manifest.config.filter { $0.location.variables.first == "paths.config" }.map {
      ManifestValidator.Problem(
        key: "config.\($0.id)", text: "no service is told of it; name its place, {{paths.config}}, in 'exec' or 'env'")
    }
  }

  /// Sets whose files are all an earlier one's.
  private func idleBackup() -> [ManifestValidator.Problem] {
    manifest.backup.enumerated().compactMap { index, set in
      guard let earlier = manifest.backup[..<index].first(where: { $0.holdsAll(of: set, manifest) }) else { return nil }
      return ManifestValidator.Problem(
        key: "backup.\(set.id)", text: "it copies nothing: all of it is in the set '\(earlier.id)' above")
    }
  }
}

extension BackupSet {
  /// Whether every file of another set is this one's, in every instance.
  fileprivate func holdsAll(of other: BackupSet, _ manifest: Manifest) -> Bool {
    guard case .files(let own, let exclude, _) = method, exclude.isEmpty,
      manifest.service(service)?.condition == nil || service == other.service
    else { return false }
    switch other.method {
    // Databases are taken from whatever set has them; a dump has no paths.
    case .sqlite, .command: return false
    case .files, .volume: break
    }
    return other.paths.allSatisfy { path in
      own.contains { $0.source == path.source || path.source.hasPrefix("\($0.source)/") }
    }
  }
}

extension Condition {
  /// A setting of which both want different values; nil where an instance can fulfil both.
  static func contradiction(_ one: Condition?, _ other: Condition?) -> String? {
    guard let one, let other else { return nil }
    return one.settings.first { clause in
      other.settings.contains { $0.setting == clause.setting && Set($0.values).isDisjoint(with: clause.values) }
    }?.setting
  }
}
