import BerthKit

/// A project of Docker Compose, read as an instance of an app: what the plugin declares, the other way round.
///
/// Services go by their names, volumes by where their containers see them, ports by the number inside, and a setting by
/// the variable or the image that the plugin makes of it.
struct ProjectReading: Equatable {
  /// A folder that becomes a volume of the instance.
  struct Volume: Equatable {
    /// Its name in the plugin's Compose file.
    let name: String
    /// Where it lies on the host.
    let path: String
    /// What Docker calls it; nil for a folder that somebody has chosen.
    let origin: String?
  }

  private(set) var settings: [String: String] = [:]
  /// By role.
  private(set) var ports: [String: Int] = [:]
  private(set) var volumes: [Volume] = []
  /// Whose its own files are.
  private(set) var numbers = FileNumbers(user: 0, group: 0)
  /// What will be otherwise than it was, for people.
  private(set) var notices: [String] = []

  /// - Throws: `not-adoptable` for an app that is no project of Compose, or a project without its services or volumes.
  init(_ project: ForeignProject, as manifest: Manifest) throws {
    guard let compose = manifest.compose else { throw BerthError.noComposeApp(manifest.id) }
    let services = manifest.services.filter { $0.engine == .docker }
    for service in services {
      guard let container = project.containers.first(where: { $0.service == compose.name(of: service) }) else {
        if service.condition == nil { throw BerthError.serviceMissing(service.id, in: project.name) }
        continue
      }
      read(service.environment, container, manifest)
      read(image: service.container?.image, container)
      readPorts(of: service, container, manifest)
      readVolumes(of: compose.services.first { $0.id == service.id }?.volumes ?? [], container)
      if let user = container.user, numbers.user == 0 { numbers = user }
    }
    for service in compose.services where manifest.service(service.id)?.condition == nil {
      for mount in service.volumes where !volumes.contains(where: { $0.name == mount.volume }) {
        throw BerthError.volumeMissing(mount.target, of: service.id, in: project.name)
      }
    }
    for container in project.containers where !services.contains(where: { compose.name(of: $0) == container.service }) {
      notices.append("its service '\(container.service)' is stopped, and has no counterpart")
    }
  }

  private mutating func read(
    _ environment: [Service.EnvironmentVariable], _ container: ForeignContainer, _ manifest: Manifest
  ) {
    // What is a setting alone says it best.
    for variable in environment.sorted(by: { $0.value.segments.count < $1.value.segments.count }) {
      guard let value = container.environment[variable.name] else { continue }
      if let literal = variable.value.literalText {
        if literal != value { notices.append("\(variable.name) was \(value), and becomes \(literal)") }
      } else if let (id, text) = variable.value.setting(in: value), let setting = manifest.setting(id),
        settings[id] == nil, setting.kind != .image, !(text.isEmpty && !setting.isRequired)
      {
        settings[id] = text
      }
    }
  }

  private mutating func read(image: Template?, _ container: ForeignContainer) {
    guard let image, case .variable(let name)? = image.segments.first, image.segments.count == 1,
      let id = name.settingID, settings[id] == nil
    else { return }
    settings[id] = container.image
  }

  private mutating func readPorts(of service: Service, _ container: ForeignContainer, _ manifest: Manifest) {
    for role in manifest.ports where role.service == service.id {
      guard
        let port = container.ports.first(where: {
          $0.target == role.target && role.protocols.contains($0.published.transport)
        })
      else { continue }
      ports[role.role] = port.published.number
      if port.address != role.bind {
        notices.append("port \(port.published.number) was open on \(port.address), and is on \(role.bind)")
      }
    }
  }

  private mutating func readVolumes(of mounts: [Mount], _ container: ForeignContainer) {
    for mount in mounts {
      guard let name = mount.volume, !volumes.contains(where: { $0.name == name }),
        let found = container.mounts.first(where: { $0.target == mount.target })
      else { continue }
      volumes.append(Volume(name: name, path: found.path, origin: found.volume))
    }
    for mount in container.mounts where !mounts.contains(where: { $0.target == mount.target }) {
      notices.append("'\(mount.volume ?? mount.path)' at \(mount.target) stays behind")
    }
  }
}

extension Template {
  /// The setting that alone makes the text what it is, and its value: of `{{settings.a}},localhost`, that is `x` in
  /// `x,localhost`.
  fileprivate func setting(in text: String) -> (id: String, value: String)? {
    var (before, after): (String, String) = ("", "")
    var found: String?
    for segment in segments {
      switch segment {
      case .literal(let literal): if found == nil { before += literal } else { after += literal }
      case .variable(let name):
        guard found == nil, let id = name.settingID else { return nil }
        found = id
      case .filtered: return nil
      }
    }
    // By bytes: what looks alike is not the same variable.
    let bytes = Array(text.utf8)
    guard let found, bytes.count >= before.utf8.count + after.utf8.count, bytes.starts(with: before.utf8),
      bytes.reversed().starts(with: after.utf8.reversed())
    else { return nil }
    return (found, String(decoding: bytes.dropFirst(before.utf8.count).dropLast(after.utf8.count), as: UTF8.self))
  }
}

extension String {
  /// `a` of `settings.a`.
  fileprivate var settingID: String? {
    let prefix = "settings."
    return hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
