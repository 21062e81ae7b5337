/// What an app is: its services, ports, settings, files and jobs, as its plugin declares them.
///
/// A value and nothing else. It is the same whether it was read from a `plugin.yaml` or built in Swift, and
/// ``ManifestValidator`` checks both alike.
public struct Manifest: Sendable, Equatable, Codable {
  /// The kind of app, for listings.
  public enum Category: String, Sendable, Codable, CaseIterable {
    case game, media, health, database, web, other
  }

  /// Unique over all plugins: `[a-z][a-z0-9-]{1,31}`.
  public var id: String
  /// The app's own name, for people.
  public var name: String
  /// One line that says what it is.
  public var summary: String
  public var category: Category
  /// The version of the plugin, not of the app.
  public var version: String
  /// Why the plugin was never run against its real program; nil when it was.
  public var untested: String?
  /// Who looks after the plugin, such as `Ada Example <ada@example.org>`; nil where nobody has said.
  public var maintainer: String?
  /// The licence of the plugin, by its identifier of SPDX; nil where nobody has said.
  public var licence: String?
  /// A page about the app, an address that begins with `https://`; nil for none.
  public var homepage: String?
  /// The oldest Berth that reads it; nil for any.
  public var needs: NeededRelease?
  /// The id by which game panels know the app; nil for one that is made of ``id``.
  public var guid: String?
  /// A group of the host's that its services are in beside their own, or the setting that names it; nil for none.
  public var sharedGroup: Template?
  /// What must be installed on the host, in order.
  public var install: [InstallStep]
  public var programs: [Program]
  public var settings: [Setting]
  public var ports: [PortRole]
  public var services: [Service]
  /// The file for Docker Compose that some of the services come from.
  public var compose: ComposeFile?
  public var config: [ConfigFile]
  /// In document order, in which those of one moment run.
  public var jobs: [Job]
  /// What a web proxy of the host passes on to it.
  public var routes: [Route]
  /// How it is asked who plays; nil when nobody can ask.
  public var query: PlayerQuery?
  /// How it takes commands while it runs; nil when it takes none.
  public var console: Console?
  /// In document order: what belongs to several is the first one's.
  public var backup: [BackupSet]
  /// When an instance is backed up and what stays, unless somebody says otherwise.
  public var backupPolicy: BackupPolicy
  /// How a test puts something into it and reads it back; nil where nobody has said.
  public var probeData: ProbeData?

  public init(
    id: String, name: String, summary: String, category: Category, version: String, untested: String? = nil,
    maintainer: String? = nil, licence: String? = nil, homepage: String? = nil, needs: NeededRelease? = nil,
    guid: String? = nil, sharedGroup: Template? = nil, install: [InstallStep] = [], programs: [Program] = [],
    settings: [Setting] = [],
    ports: [PortRole] = [],
    services: [Service], compose: ComposeFile? = nil, config: [ConfigFile] = [], jobs: [Job] = [],
    routes: [Route] = [], query: PlayerQuery? = nil, console: Console? = nil, backup: [BackupSet] = [],
    backupPolicy: BackupPolicy = BackupPolicy(), probeData: ProbeData? = nil
  ) {
    self.id = id
    self.name = name
    self.summary = summary
    self.category = category
    self.version = version
    self.untested = untested
    self.maintainer = maintainer
    self.licence = licence
    self.homepage = homepage
    self.needs = needs
    self.guid = guid
    self.sharedGroup = sharedGroup
    self.install = install
    self.programs = programs
    self.settings = settings
    self.ports = ports
    self.services = services
    self.compose = compose
    self.config = config
    self.jobs = jobs
    self.routes = routes
    self.query = query
    self.console = console
    self.backup = backup
    self.backupPolicy = backupPolicy
    self.probeData = probeData
  }

  /// The setting of that name.
  public func setting(_ id: String) -> Setting? { settings.first { $0.id == id } }

  /// The port role of that name.
  public func port(_ role: String) -> PortRole? { ports.first { $0.role == role } }
}

/// A program of the app, found at the first of its places that exists.
public struct Program: Sendable, Equatable, Codable {
  public var id: String
  /// Absolute paths, in order of preference.
  public var candidates: [String]

  public init(_ id: String, _ candidates: [String]) {
    self.id = id
    self.candidates = candidates
  }
}
