import BerthKit

/// A project of Docker Compose, read as an instance of an app: what the plugin declares, the other way round.
///
/// Services go by their names (``ServicePairs``), folders by where their containers see them, ports by the number inside, and a
/// setting by the variable, the image or the folder that the plugin makes of it.
package struct ProjectReading: Equatable {
  /// A folder that becomes one of the instance's own.
  package struct Volume: Equatable {
    /// Where it will lie in the instance, such as `data/volumes/media`.
    package let place: String
    /// Where it lies on the host.
    package internal(set) var path: String
    /// What Docker calls it; nil for a folder that somebody has chosen.
    package let origin: String?
    /// Where the service that had it sees it.
    let target: String
    /// That service, by its name in the plugin.
    let service: String
    /// Whether it lies in another one there.
    let isNested: Bool
    /// Containers of others that have it too.
    package internal(set) var sharers: [String] = []

    /// For people: its name in the plugin's Compose file, or its place.
    package var name: String {
      let volumes = "data/\(ScopePaths.volumes)/"
      return place.hasPrefix(volumes) ? String(place.dropFirst(volumes.count)) : place
    }
  }

  /// What a container sees of the host, and the instance is not given.
  struct Leftover: Equatable {
    let mount: ForeignContainer.Mount
    /// The project's.
    let service: String
    /// Why nothing is lost by that; nil where something may be.
    let reason: String?
  }

  /// A folder that the plugin keeps, and that the project had only in the container itself.
  struct Absence: Equatable {
    let place: String
    let target: String
    let service: String
  }

  /// What a container has of a variable that the plugin gives it.
  struct Former: Equatable {
    let variable: Service.EnvironmentVariable
    /// Nil where it has none.
    let value: String?
  }

  /// The variables of a container that the plugin does not give it.
  struct Unknown: Equatable {
    let service: Service
    /// All that it has.
    let environment: [String: String]
    let values: [String: String]
  }

  /// Those of the plugin, and variables that it does not know, which the instance has for its own.
  package internal(set) var settings: [String: String] = [:]
  /// By role.
  package internal(set) var ports: [String: Int] = [:]
  package internal(set) var volumes: [Volume] = []
  /// Whose those files are that will be the instance's; nil where its programs are all users of their images, and their files
  /// keep their numbers.
  package internal(set) var numbers: FileNumbers?
  /// The project's containers, those among them from which nothing is taken marked as such.
  package private(set) var containers: [ContainerHandle]
  /// What will be otherwise than it was, for people.
  package internal(set) var notices: [String] = []
  /// Why it cannot be adopted as it is.
  package internal(set) var problems: [BerthError] = []
  /// Those of which nobody can say before the instance is planned what they will be.
  var open: [Former] = []
  var openFacts: [FormerFact] = []
  var leftovers: [Leftover] = []
  var absences: [Absence] = []
  /// Paths of the host that the instance is shown as they are.
  var shown: [String] = []
  /// Those among them that the instance's user is to write.
  var written: [String] = []
  let project: ForeignProject
  let app: String
  /// What a person says of settings, which stands before all that is read.
  let given: [String: String]
  /// Names of services and containers that are others in the instance.
  let renamed: [String: String]

  /// What is wrong is noted, so that a person hears all of it at once.
  ///
  /// - Parameters:
  ///   - given: settings that stand before those of the project.
  ///   - chosen: services of the project by those of the plugin, where a person says so.
  /// - Throws: `not-adoptable` for an app that is no project of Compose; `bad-pair`.
  package init(
    _ project: ForeignProject, as manifest: Manifest, given: [String: String] = [:],
    pairs chosen: [String: String] = [:]
  ) throws {
    guard manifest.compose != nil else { throw BerthError.noComposeApp(manifest.id) }
    let found = ServicePairs(
      manifest.services.filter { $0.container?.composeFile != nil }, project, manifest, chosen: chosen)
    // What else is wrong follows from that.
    if let first = found.problems.first {
      throw found.problems.count == 1
        ? first : BerthError.notAdoptable(found.problems, project: project.name, as: manifest.id)
    }
    self.project = project
    self.given = given
    app = manifest.id
    renamed = found.renamed(manifest)
    containers = project.handles(needing: found.pairs.map(\.container))
    judgeStates()
    tellPairs(found, manifest)
    for pair in found.pairs { readImage(pair, manifest) }
    let unknown = readVariables(found.pairs, manifest)
    try readFacts(found.pairs, manifest)
    for service in found.missing { readMissing(service, manifest, found.others) }
    for pair in found.pairs {
      readCondition(pair, manifest)
      tellImage(pair, manifest)
      let owner = manifest.networkOwner(of: pair.service).id
      readPorts(pair, found.pairs.first { $0.service.id == owner }, manifest)
      readMounts(pair, manifest)
      readNumbers(pair, manifest)
      tellBelongings(pair)
    }
    tellPorts(found.pairs, manifest)
    tellKnown(manifest)
    carry(unknown, manifest)
    for container in found.others { tellOther(container, found.pairs) }
  }

  mutating func note(_ notice: String) { if !notices.contains(notice) { notices.append(notice) } }

  // MARK: Settings

  /// What a text with settings will be, as far as these are known; nil for one with secrets or with other variables.
  func text(of template: Template, _ manifest: Manifest) -> String? {
    template.text(of: manifest) { $0.isSecret ? nil : value(of: $0) }
  }

  private func value(of setting: Setting) -> String? {
    given[setting.id] ?? settings[setting.id] ?? setting.defaultValue?.literalText
  }

  /// Whether a condition holds with the settings that are known.
  func holds(_ condition: Condition, _ manifest: Manifest) -> Bool {
    condition.settings.allSatisfy { clause in
      guard let setting = manifest.setting(clause.setting), let text = value(of: setting),
        let value = try? setting.parse(text)
      else { return false }
      return clause.values.contains(value.plain)
    }
  }

  /// What was there by hand is there by a setting, unless something has said otherwise.
  ///
  /// - Returns: whether the condition holds.
  mutating func fulfil(_ condition: Condition, _ manifest: Manifest) -> Bool {
    for clause in condition.settings where settings[clause.setting] == nil && given[clause.setting] == nil {
      settings[clause.setting] = clause.values.first
    }
    return holds(condition, manifest)
  }
}
