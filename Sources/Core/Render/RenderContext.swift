import BerthKit

/// What rendering needs beside the manifest: the scope's paths and a few facts of the host, as plain values.
public struct RenderContext: Sendable, Equatable {
  public let paths: ScopePaths
  public let rights: ManagerRights
  /// The `berth` program that units call for their probes.
  public let berth: String
  /// Folders that this program needs to run, where it is not a single file.
  public let berthLibraries: [String]
  /// Folders that a person has to name for this app's plugin to be found, which a scheduled backup does in their place.
  public let pluginFolders: [String]
  /// What a command has to be told to reach this scope and this app's plugin.
  public var reach: [String] { paths.words + pluginFolders.flatMap { ["--plugins", $0] } }
  /// Where each program of the manifest was found.
  public let programs: [String: String]
  public let hostName: String
  public let timeZone: String
  /// The host's web proxy; nil for none.
  public let proxy: ProxyConfig?
  /// The folder in which game panels look for instances; nil for none.
  public let registrations: String?
  /// Whether they look for each instance, or for an app.
  public let registrationStyle: HostConfig.RegistrationStyle

  public init(
    paths: ScopePaths, rights: ManagerRights, berth: String, berthLibraries: [String] = [],
    pluginFolders: [String] = [], programs: [String: String], hostName: String, timeZone: String,
    proxy: ProxyConfig? = nil, registrations: String? = nil,
    registrationStyle: HostConfig.RegistrationStyle = .instance
  ) {
    self.paths = paths
    self.rights = rights
    self.berth = berth
    self.berthLibraries = berthLibraries
    self.pluginFolders = pluginFolders
    self.programs = programs
    self.hostName = hostName
    self.timeZone = timeZone
    self.proxy = proxy
    self.registrations = registrations
    self.registrationStyle = registrationStyle
  }
}

/// One instance, as far as rendering needs to know it.
public struct InstanceValues: Sendable, Equatable {
  public let key: InstanceKey
  /// The id that no other instance has or had, a UUID.
  public let uid: String
  public let name: InstanceName
  public let slug: String
  /// The system user that its services run as; nil for the scope's own user.
  public let user: String?
  /// That user's number, and its group's.
  public let userNumber: Int
  public let groupNumber: Int
  /// The values of its settings; an optional one without a value is absent.
  public let settings: [String: Value]
  /// The number of every port role that the instance has.
  public let ports: [String: Int]
  /// Limits of its own, which stand before those of its services; empty for none.
  public let limits: Service.Limits
  /// When it is backed up, its plugin's wish included.
  public let backup: BackupPolicy
  /// The ids of the images that its containers run, by service.
  public let images: [String: String]
  /// The folder of the programs that it shares with other instances; nil for none.
  public let release: String?
  /// The instances that it serves together with; nil for none.
  public let pool: String?
  /// The group by which it writes into a tree that it shares; nil for none.
  public let sharedGroup: SharedGroup?
  /// The addresses of its networks of Docker Compose; Docker chooses where there are none.
  public let subnets: [String: Subnet]

  public init(
    key: InstanceKey, uid: String, name: InstanceName, slug: String, user: String?,
    numbers: (user: Int, group: Int) = (0, 0),
    settings: [String: Value], ports: [String: Int], limits: Service.Limits = Service.Limits(),
    backup: BackupPolicy = BackupPolicy(), images: [String: String] = [:], release: String? = nil,
    pool: String? = nil, sharedGroup: SharedGroup? = nil, subnets: [String: Subnet] = [:]
  ) {
    self.key = key
    self.uid = uid
    self.name = name
    self.slug = slug
    self.user = user
    userNumber = numbers.user
    groupNumber = numbers.group
    self.settings = settings
    self.ports = ports
    self.limits = limits
    self.backup = backup
    self.images = images
    self.release = release
    self.pool = pool
    self.sharedGroup = sharedGroup
    self.subnets = subnets
  }
}

extension RenderContext {
  /// Whether units pin what they mount of an instance's (``UnitRenderer/guards(of:unit:serves:)``).
  ///
  /// An instance that has another user than Berth could exchange it. Where both are one person there is nobody to be kept out,
  /// and the manager may mount nothing; there units only look at it.
  var pins: Bool { rights == .root }
}

extension Variables {
  /// Everything that a template of the manifest may name, for one instance.
  public init(manifest: Manifest, instance: InstanceValues, context: RenderContext) {
    self.init(settings: instance.settings, of: manifest)
    set("instance.id", to: .text(instance.key.id.text))
    set("instance.name", to: .text(instance.name.text))
    set("instance.slug", to: .text(instance.slug))
    set("instance.uuid", to: .text(instance.uid))
    set("instance.uid", to: .integer(instance.userNumber))
    set("instance.gid", to: .integer(instance.groupNumber))
    set("instance.shared-gid", to: .integer(instance.sharedGroup?.number ?? instance.groupNumber))
    set("host.name", to: .text(context.hostName))
    set("host.timezone", to: .text(context.timeZone))
    for folder in ScopePaths.ownFolders {
      set("paths.\(folder)", to: .text("\(context.paths.instance(instance.key))/\(folder)"))
    }
    if manifest.hasReleases {
      set("paths.app", to: .text("\(context.paths.instance(instance.key))/\(ScopePaths.appFolder)"))
    }
    // No template can name them.
    for (key, value) in instance.settings where OwnVariable.isKey(key) {
      set("settings.\(key)", to: value, isSecret: true)
    }
    for port in manifest.ports {
      set("ports.\(port.role)", to: instance.ports[port.role].map { .integer($0) })
      set("ports.\(port.role).bind", to: .text(port.bind))
    }
    for (id, path) in context.programs { set("programs.\(id)", to: .text(path)) }
  }
}
