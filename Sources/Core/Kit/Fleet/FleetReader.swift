/// Turns the text of a fleet file into a fleet, as strictly as a plugin is read.
///
/// Everything that the file alone can get wrong is an error with file, line and key path, before anything is planned.
public struct FleetReader {
  /// As many instances as one `count` may stand for.
  static let largestCount = 10_000
  /// As many as all entries together may stand for, so that a short file cannot fill the memory.
  static let largestFleet = 10_000

  private let file: YAMLFile

  /// - Parameter file: the path that errors name.
  public init(file: String) { self.file = YAMLFile(path: file, kind: .fleet) }

  /// Reads and checks.
  ///
  /// - Parameters:
  ///   - catalog: the apps that the file may name.
  ///   - goesOn: whether an entry whose plugin cannot be used is left out, instead of being an error of the whole file.
  /// - Throws: `bad-fleet`.
  public func fleet(from text: String, catalog: PluginCatalog, goesOn: Bool = false) throws -> FleetFile {
    let root = try file.root(of: text)
    let fields = try root.fields(["schema", "name", "defaults", "instances"])
    let schema = try root.required("schema", in: fields)
    guard try schema.integer() == 1 else { throw schema.error("this Berth reads schema 1") }
    let name = try fields["name"].map(fleetName)
    let defaults = try fields["defaults"].map(self.defaults) ?? FleetDefaults()
    let apps = FleetApps(catalog)
    var claims = FleetClaims()
    var instances: [FleetInstance] = []
    var lost: [FleetFile.Lost] = []
    for entry in try root.required("instances", in: fields).list() {
      if goesOn, let entry = apps.lost(entry) {
        lost.append(entry)
        continue
      }
      let read = try FleetEntry(entry, apps: apps)
      for instance in try read.instances(defaults) {
        try claims.add(instance, of: read)
        instances.append(instance)
      }
      guard instances.count <= Self.largestFleet else {
        throw entry.error("a fleet has at most \(Self.largestFleet) instances")
      }
    }
    var fleet = FleetFile(name: name, instances: instances)
    fleet.lost = lost
    return fleet
  }

  private func fleetName(_ value: YAMLValue) throws -> String {
    let text = try value.text()
    guard (1...64).contains(text.count), !text.hasControlCharacter, text.first != " ", text.last != " " else {
      throw value.error("expected one line of 1 to 64 characters that neither begins nor ends with a space")
    }
    return text
  }

  private func defaults(_ value: YAMLValue) throws -> FleetDefaults {
    let fields = try value.fields(["labels", "limits", "backup", "enabled"])
    return FleetDefaults(
      labels: try fields["labels"]?.labels() ?? [:],
      limits: try fields["limits"]?.limits() ?? InstanceLimits(),
      backup: try fields["backup"]?.backupPolicy() ?? BackupPolicy(),
      enabled: try fields["enabled"]?.boolean() ?? true)
  }
}

/// What holds for every instance that does not say otherwise.
struct FleetDefaults {
  var labels: [String: String] = [:]
  var limits = InstanceLimits()
  var backup = BackupPolicy()
  var enabled = true
}

/// The apps that a fleet may name, looked up once each.
struct FleetApps {
  private let entries: [String: PluginCatalog.Entry]

  init(_ catalog: PluginCatalog) {
    entries = Dictionary(catalog.entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// An entry whose app is missing or broken; nil for every other one, whatever else is wrong with it.
  func lost(_ entry: YAMLValue) -> FleetFile.Lost? {
    let fields = (try? entry.entries()) ?? []
    func text(_ key: String) -> String? { try? fields.first { $0.key == key }?.value.text() }
    guard let app = text("app"), let value = fields.first(where: { $0.key == "app" })?.value else { return nil }
    do { _ = try manifest(value) } catch let error as BerthError {
      return FleetFile.Lost(app: app, name: text("name"), error: error)
    } catch { return nil }
    return nil
  }

  /// The manifest of the app that a value names.
  func manifest(_ value: YAMLValue) throws -> Manifest {
    let app = try value.text()
    guard let entry = entries[app] else {
      throw value.error("there is no app '\(app)'\(BerthError.nearestPhrase(app, Array(entries.keys)))")
    }
    switch entry.result {
    case .success(let plugin): return plugin.manifest
    case .failure(let problem):
      let cause = [problem.summary + (problem.location.map { " (\($0))" } ?? ""), problem.cause]
      throw value.error(
        "the plugin of '\(app)' is broken", cause: cause.compactMap { $0 }.joined(separator: "\n"))
    }
  }
}
