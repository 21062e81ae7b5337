import BerthKit

/// A project of Docker Compose, read as an instance of an app: what the plugin declares, the other way round.
///
/// Services go by their names, volumes by where their containers see them, ports by the number inside, and a setting by
/// the variable or the image that the plugin makes of it.
package struct ProjectReading: Equatable {
  /// A folder that becomes a volume of the instance.
  package struct Volume: Equatable {
    /// Its name in the plugin's Compose file.
    package let name: String
    /// Where it lies on the host.
    package let path: String
    /// What Docker calls it; nil for a folder that somebody has chosen.
    package let origin: String?
  }

  /// What a container has of a variable that the plugin gives it.
  private struct Former: Equatable {
    let variable: Service.EnvironmentVariable
    /// Nil where it has none.
    let value: String?
  }

  /// The variables of a container that the plugin does not give it.
  private struct Unknown {
    let service: Service
    /// All that it has.
    let environment: [String: String]
    let values: [String: String]
  }

  /// Those of the plugin, and variables that it does not know, which the instance has for its own.
  package private(set) var settings: [String: String] = [:]
  /// By role.
  package private(set) var ports: [String: Int] = [:]
  package private(set) var volumes: [Volume] = []
  /// Whose its own files are.
  package private(set) var numbers = FileNumbers(user: 0, group: 0)
  /// The project's containers, those among them from which nothing is taken marked as such.
  package private(set) var containers: [ContainerHandle]
  /// What will be otherwise than it was, for people.
  package private(set) var notices: [String] = []
  /// Those of which nobody can say before the instance is planned what they will be.
  private var open: [Former] = []

  /// - Throws: `not-adoptable` for an app that is no project of Compose, or a project without its services or volumes.
  package init(_ project: ForeignProject, as manifest: Manifest) throws {
    guard let compose = manifest.compose else { throw BerthError.noComposeApp(manifest.id) }
    let services = manifest.services.filter { $0.container?.composeFile != nil }
    containers = project.handles(neededBy: Set(services.map(compose.name)))
    var unknown: [Unknown] = []
    for service in services {
      guard let container = project.containers.first(where: { $0.service == compose.name(of: service) }) else {
        if service.condition == nil { throw BerthError.serviceMissing(service.id, in: project.name) }
        continue
      }
      read(image: service.container?.image, container)
      unknown.append(
        Unknown(service: service, environment: container.environment, values: read(service, container, manifest)))
      readPorts(of: service, container, manifest)
      readVolumes(of: compose.services.first { $0.id == service.id }?.volumes ?? [], container)
      if let user = container.user, numbers.user == 0 { numbers = user }
    }
    for service in compose.services where manifest.service(service.id)?.condition == nil {
      for mount in service.volumes where !volumes.contains(where: { $0.name == mount.volume }) {
        throw BerthError.volumeMissing(mount.target, of: service.id, in: project.name)
      }
    }
    carry(unknown, manifest)
    for container in project.containers where !services.contains(where: { compose.name(of: $0) == container.service }) {
      notices.append("its service '\(container.service)' is stopped, and has no counterpart")
    }
  }

  /// - Returns: the variables that the plugin does not know.
  private mutating func read(
    _ service: Service, _ container: ForeignContainer, _ manifest: Manifest
  ) -> [String: String] {
    // What is a setting alone says it best.
    for variable in service.environment.sorted(by: { $0.value.segments.count < $1.value.segments.count }) {
      guard let value = container.environment[variable.name] else {
        open.append(Former(variable: variable, value: nil))
        continue
      }
      if let literal = variable.value.literalText {
        if literal != value { notices.append("\(variable.name) was \(value), and becomes \(literal)") }
        continue
      }
      for (id, text) in variable.value.settings(in: value, of: manifest, known: settings) where settings[id] == nil {
        guard let setting = manifest.setting(id), setting.kind != .image, !(text.isEmpty && !setting.isRequired) else {
          continue
        }
        settings[id] = text
      }
      if !tellChange(of: variable, from: value, manifest) { open.append(Former(variable: variable, value: value)) }
    }
    // A password may stand in it, as in a variable.
    if container.command != nil {
      notices.append("its service '\(container.service)' had a command of its own, and runs what the plugin says")
    }
    let own = container.environment.filter { container.imageEnvironment[$0.key] != $0.value }
    let known = manifest.variableNames(of: service)
    for name in own.keys.filter(known.subtracting(service.environment.map(\.name)).contains).sorted() {
      notices.append("\(name) of its service '\(container.service)' is what the plugin's Compose file says")
    }
    return own.filter { !known.contains($0.key) }
  }

  /// Takes variables as they are: for all containers where all have them alike, else for each that has one.
  ///
  /// What stands in a file that all containers read is the plugin's for one of them, and the others need no copy of it.
  private mutating func carry(_ unknown: [Unknown], _ manifest: Manifest) {
    for name in Set(unknown.flatMap(\.values.keys)).sorted() {
      let given = unknown.filter { manifest.variableNames(of: $0.service).contains(name) }.map { $0.environment[name] }
      let holders = unknown.filter { $0.values[name] != nil && !given.contains($0.values[name]) }
      let isShared = holders.count == unknown.count && Set(holders.map { $0.values[name] }).count == 1
      let all = isShared && manifest.stored(OwnVariable(name).key) != nil ? [OwnVariable(name)] : []
      for variable in all.isEmpty ? holders.map({ OwnVariable(name, service: $0.service.id) }) : all {
        let value = holders.first { variable.service ?? $0.service.id == $0.service.id }?.values[name] ?? ""
        if (try? manifest.choice(variable.key)?.parse(value)) == nil {
          let place = variable.service.map { " of '\($0)'" } ?? ""
          notices.append("\(name)\(place) stays behind: no file can hold its name, its lines or its length")
        } else {
          settings[variable.key] = value
        }
      }
      for other in unknown where other.values[name] != nil && given.contains(other.values[name]) {
        notices.append("\(name) stays behind for '\(other.service.id)', which the plugin does not give it to")
      }
    }
  }

  /// Tells what becomes of the variables that the settings of the project alone do not say.
  ///
  /// - Parameter variables: those of the instance as it will be.
  package mutating func tell(_ variables: Variables) throws {
    for former in open {
      let (name, old, new) = (former.variable.name, former.value, try variables.text(former.variable.value))
      // What says the same in other letters is no change, such as `True`.
      guard old?.lowercased() != new?.lowercased() else { continue }
      let was = old.map { "was \($0.isEmpty ? "empty" : $0)" } ?? "was not set"
      let notice =
        variables.isSecret(former.variable.value)
        ? "\(name) \(old == nil ? "was not set" : "was another one"), and becomes the instance's secret"
        : "\(name) \(was), and \(new.map { "becomes \($0)" } ?? "is left out")"
      if !notices.contains(notice) { notices.append(notice) }
    }
    open = []
  }

  /// Tells of a variable that has another value with the settings that were found. Secrets are not named.
  ///
  /// - Returns: whether these settings say what it will be.
  private mutating func tellChange(
    of variable: Service.EnvironmentVariable, from value: String, _ manifest: Manifest
  ) -> Bool {
    var text = ""
    for segment in variable.value.segments {
      switch segment {
      case .literal(let literal): text += literal
      case .variable(let name):
        guard let setting = name.settingID.flatMap(manifest.setting), !setting.isSecret,
          let part = settings[setting.id] ?? setting.defaultValue?.literalText
        else { return false }
        text += part
      case .filtered: return false
      }
    }
    if text.lowercased() != value.lowercased() { notices.append("\(variable.name) was \(value), and becomes \(text)") }
    return true
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
  /// The longest text in which several settings are looked for.
  private static let longest = 1000

  /// The settings that make the text what it is, and their values: of `{{settings.a}},localhost`, that is `x` in
  /// `x,localhost`. Of several settings there is one way alone to read all of them, else there is none.
  ///
  /// - Parameter known: what others have said already.
  fileprivate func settings(
    in text: String, of manifest: Manifest, known: [String: String]
  ) -> [(id: String, value: String)] {
    var parts: [Part] = []
    for segment in segments {
      switch segment {
      case .literal(let literal): parts.append(.literal(Array(literal.utf8)))
      case .variable(let name):
        guard let id = name.settingID, let setting = manifest.setting(id) else { return [] }
        parts.append(.setting(setting))
      case .filtered: return []
      }
    }
    let names = parts.compactMap(\.id)
    guard Set(names).count == 1 || text.utf8.count <= Self.longest else { return [] }
    // By bytes: what looks alike is not the same variable.
    var ways: [[String: String]] = []
    // A person may have left out what only repeats a setting, such as `,www.{{settings.domain}}` at the end.
    for count in stride(from: parts.count, to: 0, by: -1) where ways.isEmpty {
      let (kept, left) = (parts[..<count], parts[count...].compactMap(\.id))
      guard count == parts.count || mayBeLeft(parts[count...], text), Set(left).isSubset(of: Set(kept.compactMap(\.id)))
      else { continue }
      Self.match(kept, Array(text.utf8)[...], known, checks: Set(names).count > 1 || count < parts.count, &ways)
    }
    guard ways.count == 1, let way = ways.first else { return [] }
    return names.reduce(into: []) { found, id in
      if let value = way[id], !found.contains(where: { $0.0 == id }) { found.append((id, value)) }
    }
  }

  /// Whether nothing in a text tells of these parts, which hold a setting.
  private func mayBeLeft(_ parts: ArraySlice<Part>, _ text: String) -> Bool {
    guard case .literal(let literal)? = parts.first, parts.contains(where: { $0.id != nil }) else { return false }
    return !text.contains(String(decoding: literal, as: UTF8.self))
  }

  fileprivate enum Part {
    case literal([UInt8])
    case setting(Setting)

    var id: String? { if case .setting(let setting) = self { setting.id } else { nil } }
  }

  /// Finds at most two ways: more than one is none.
  private static func match(
    _ parts: ArraySlice<Part>, _ bytes: ArraySlice<UInt8>, _ known: [String: String], checks: Bool,
    _ ways: inout [[String: String]]
  ) {
    guard ways.count < 2 else { return }
    guard let part = parts.first else {
      if bytes.isEmpty { ways.append(known) }
      return
    }
    let rest = parts.dropFirst()
    switch part {
    case .literal(let literal):
      if bytes.starts(with: literal) { match(rest, bytes.dropFirst(literal.count), known, checks: checks, &ways) }
    case .setting(let setting):
      if let value = known[setting.id] {
        let value = Array(value.utf8)
        if bytes.starts(with: value) { match(rest, bytes.dropFirst(value.count), known, checks: checks, &ways) }
        return
      }
      for count in 0...bytes.count {
        // The rest is quicker to refuse than a value.
        if case .literal(let literal)? = rest.first, !bytes.dropFirst(count).starts(with: literal) { continue }
        if rest.isEmpty, count < bytes.count { continue }
        let value = String(decoding: bytes.prefix(count), as: UTF8.self)
        let text = setting.kind == .bool ? value.lowercased() : value
        if checks, (try? setting.parse(text)) == nil { continue }
        var known = known
        known[setting.id] = text
        match(rest, bytes.dropFirst(count), known, checks: checks, &ways)
      }
    }
  }
}

extension String {
  /// `a` of `settings.a`.
  var settingID: String? {
    let prefix = "settings."
    return hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
