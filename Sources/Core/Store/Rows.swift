import BerthKit
import GRDB

/// A row of `instance`.
struct InstanceRow: Encodable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "instance"

  let uid: String
  let app: String
  let id: String
  let name: String
  let slug: String
  let state: String
  let user: String?
  let version: String?
  let plugin_version: String?
  let directory: String?
  let labels: String
  let limits: String
  let backup: String?
  let fleet: String?
  let units: String?
  let services: String
  let images: String
  let release: String?
  let builds: String
  let pool: String?
  let routes: String
  let folders: String
  let subnets: String
  let registration: String?
  let plugin_folder: String?
  let created_at: String

  init(_ record: InstanceRecord) throws {
    uid = record.uid
    app = record.key.app
    id = record.key.id.text
    name = record.name.text
    slug = record.slug
    state = record.state.rawValue
    user = record.user
    version = record.version
    plugin_version = record.pluginVersion
    directory = record.directory
    labels = record.labels.isEmpty ? "{}" : try JSONText.of(record.labels)
    limits = record.limits.isEmpty ? "{}" : try JSONText.of(record.limits)
    backup = try record.backup.flatMap { $0.isEmpty ? nil : try JSONText.of($0) }
    fleet = record.fleet
    units = record.unitsChecksum
    services = record.services.joined(separator: " ")
    images = record.images.isEmpty ? "{}" : try JSONText.of(record.images)
    release = record.release
    builds = record.builds.isEmpty ? "[]" : try JSONText.of(record.builds)
    pool = record.pool
    routes = record.routes.isEmpty ? "[]" : try JSONText.of(record.routes)
    folders = record.folders.isEmpty ? "[]" : try JSONText.of(record.folders)
    subnets = record.subnets.isEmpty ? "{}" : try JSONText.of(record.subnets)
    registration = record.registration
    plugin_folder = record.pluginFolder
    created_at = record.createdAt
  }

  /// Read by hand: a list of a thousand rows is four times as fast as by `Codable`.
  init(row: Row) {
    uid = row["uid"]
    app = row["app"]
    id = row["id"]
    name = row["name"]
    slug = row["slug"]
    state = row["state"]
    user = row["user"]
    version = row["version"]
    plugin_version = row["plugin_version"]
    directory = row["directory"]
    labels = row["labels"]
    limits = row["limits"]
    backup = row["backup"]
    fleet = row["fleet"]
    units = row["units"]
    services = row["services"]
    images = row["images"]
    release = row["release"]
    builds = row["builds"]
    pool = row["pool"]
    routes = row["routes"]
    folders = row["folders"]
    subnets = row["subnets"]
    registration = row["registration"]
    plugin_folder = row["plugin_folder"]
    created_at = row["created_at"]
  }

  /// What the rows have as JSON.
  struct Columns {
    fileprivate let labels: JSONColumn<[String: String]>
    fileprivate let limits: JSONColumn<InstanceLimits>
    fileprivate let images: JSONColumn<[String: ImagePin]>
    fileprivate let builds: JSONColumn<[SteamBuild]>
    fileprivate let routes: JSONColumn<[RouteClaim]>
    fileprivate let folders: JSONColumn<[String]>
    fileprivate let subnets: JSONColumn<[String: Subnet]>

    init(_ rows: [InstanceRow]) {
      labels = JSONColumn(rows.lazy.map(\.labels))
      limits = JSONColumn(rows.lazy.map(\.limits))
      images = JSONColumn(rows.lazy.map(\.images))
      builds = JSONColumn(rows.lazy.map(\.builds))
      routes = JSONColumn(rows.lazy.map(\.routes))
      folders = JSONColumn(rows.lazy.map(\.folders))
      subnets = JSONColumn(rows.lazy.map(\.subnets))
    }
  }

  /// A row of which something cannot be read is no matter of the others: it says so, and has nothing in its place.
  func record(ports: [PortRow], _ columns: Columns) -> InstanceRecord {
    var problem: String?
    func read<Value>(_ column: String, else nothing: Value, _ body: () throws -> Value?) -> Value {
      if let value = try? body() { return value }
      problem = problem ?? "the registry's '\(column)' of it cannot be read"
      return nothing
    }
    var record = InstanceRecord(
      uid: uid, key: InstanceKey(app: app, id: InstanceID(unchecked: id)), name: InstanceName(unchecked: name),
      slug: slug, state: read("state", else: .installing) { InstanceRecord.State(rawValue: state) }, user: user,
      version: version, pluginVersion: plugin_version, directory: directory,
      labels: read("labels", else: [:]) { try columns.labels[labels] },
      limits: read("limits", else: InstanceLimits()) { try columns.limits[limits] },
      backup: read("backup", else: nil) { try .some(backup.map(JSONText.value)) }, fleet: fleet, unitsChecksum: units,
      services: services.split(separator: " ").map(String.init),
      images: read("images", else: [:]) { try columns.images[images] }, release: release,
      builds: read("builds", else: []) { try columns.builds[builds] }, ports: ports.compactMap(\.port), pool: pool,
      routes: read("routes", else: []) { try columns.routes[routes] },
      folders: read("folders", else: []) { try columns.folders[folders] },
      subnets: read("subnets", else: [:]) { try columns.subnets[subnets] }, registration: registration,
      pluginFolder: plugin_folder, createdAt: created_at)
    record.problem = problem
    return record
  }
}

/// A row of `port`.
struct PortRow: Encodable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "port"

  let instance: String
  let position: Int
  let role: String
  let transport: String
  let number: Int
  let address: String

  init(instance: String, position: Int, _ port: InstanceRecord.Port) {
    self.instance = instance
    self.position = position
    role = port.role
    transport = port.port.transport.rawValue
    number = port.port.number
    address = port.address
  }

  init(row: Row) {
    instance = row["instance"]
    position = row["position"]
    role = row["role"]
    transport = row["transport"]
    number = row["number"]
    address = row["address"]
  }

  var port: InstanceRecord.Port? {
    TransportProtocol(rawValue: transport).map {
      InstanceRecord.Port(role: role, port: PortNumber($0, number), address: address)
    }
  }
}

/// A row of `setting`.
struct SettingRow: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "setting"

  let instance: String
  let key: String
  let value: String
  let is_secret: Bool
  let is_default: Bool

  init(instance: String, _ setting: StoredSetting) {
    self.instance = instance
    key = setting.key
    value = setting.value
    is_secret = setting.isSecret
    is_default = setting.isDefault
  }

  var setting: StoredSetting {
    StoredSetting(key: key, value: value, isSecret: is_secret, isDefault: is_default)
  }
}
