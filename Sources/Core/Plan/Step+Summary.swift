import BerthKit

extension Step {
  /// The kind in one word, for programs.
  public var kind: String {
    switch self {
    case .installPackages: "install-packages"
    case .makeRelease: "make-release"
    case .makeUsers: "make-users"
    case .removeUsers: "remove-users"
    case .register: "register"
    case .forget: "forget"
    case .keep: "keep"
    case .settle: "settle"
    case .makeFolder: "make-folder"
    case .writeFile: "write-file"
    case .makeLink: "make-link"
    case .removeTree: "remove-tree"
    case .shareUnits: "share-units"
    case .releaseUnits: "release-units"
    case .reloadManager: "reload-manager"
    case .sharePool: "share-pool"
    case .releasePool: "release-pool"
    case .leavePool: "leave-pool"
    case .joinPool: "join-pool"
    case .reloadProxy: "reload-proxy"
    case .runJob: "run-job"
    case .enable: "enable"
    case .disable: "disable"
    case .start: "start"
    case .stop: "stop"
    case .restart: "restart"
    case .archive: "archive"
    case .unpack: "unpack"
    case .replaceFolder: "replace-folder"
    case .guardData: "guard-data"
    case .guardSettings: "guard-settings"
    case .checkConfig: "check-config"
    case .haltContainers: "halt-containers"
    case .releaseContainers: "release-containers"
    case .moveFolders: "move-folders"
    case .giveFiles: "give-files"
    }
  }

  /// What it does, in a line.
  public var summary: String {
    switch self {
    case .installPackages(let lists):
      "install the packages \(lists.map { $0.joined(separator: " | ") }.joined(separator: ", "))"
    case .makeRelease(let release): release.summary
    case .makeUsers(let names): "make the system user \(names.joined(separator: ", "))"
    case .removeUsers(let names): "remove the system user \(names.joined(separator: ", "))"
    case .register(let registration): Self.summary(of: registration)
    case .forget: "forget it and free its ports"
    case .keep(let record): "keep its settings under the id \(record.key.id), and free its ports"
    case .settle(_, let state): "note that it is \(state.rawValue)"
    case .makeFolder(let path, _, let owner, _):
      "make the folder \(path)\(owner?.inside == nil ? "" : " for the user of its container")"
    case .writeFile(let file): "write \(file.path)\(file.isSecret ? " (holds a secret)" : "")"
    case .makeLink(let path, let target): "link \(path) to \(target)"
    case .removeTree(let path): "remove \(path)"
    case .shareUnits(let app, let files): "put \(files.count) unit files of \(app) in place"
    case .releaseUnits(let app, _): "remove the unit files of \(app), unless another instance needs them"
    case .reloadManager: "reload the service manager"
    case .sharePool(let site): "write \(site.file.path), the site of the pool \(site.pool)"
    case .releasePool(let site):
      "remove \(site.file.path), unless another instance is behind it in the pool \(site.pool)"
    case .leavePool(_, let place):
      "take it out of the pool \(place.pool), and wait until its requests have ended"
    case .joinPool(_, let place): "put it back into the pool \(place.pool)"
    case .reloadProxy(let kind): "have \(kind.rawValue) read its sites again"
    case .runJob(let run):
      "run the job \(run.job)\(run.isPointOfNoReturn ? " (point of no return: it cannot be taken back)" : "")"
    case .enable(let units): "enable \(units.joined(separator: " "))"
    case .disable(let units): "disable \(units.joined(separator: " "))"
    case .start(_, let units):
      "start \(units.isEmpty ? "it" : units.joined(separator: ", ")) and wait until it is ready"
    case .stop(_, let units): units.isEmpty ? "stop it" : "stop \(units.joined(separator: ", "))"
    case .restart(_, let units):
      "restart \(units.isEmpty ? "it" : units.joined(separator: ", ")) and wait until it is ready"
    case .archive(let work): work.summary
    case .unpack(_, let order): "check and unpack \(order.archives.last ?? "")"
    case .replaceFolder(_, let order): "put what was unpacked in the place of \(order.folder)"
    case .haltContainers(let containers):
      "stop the containers \(containers.map(\.name).joined(separator: ", ")), and keep Docker from starting them"
    case .releaseContainers(let containers): Self.release(containers)
    case .moveFolders(let moves):
      moves.map { "move \($0.path) to \($0.target)" }.joined(separator: ", ")
    case .giveFiles(_, let owner): "make \(owner.user) the owner of what others own in its folders"
    case .guardData(_, let point):
      "from here on, going back brings the data back from \(point.unpack.archives.last ?? "")"
    case .guardSettings(_, let jobs, _):
      "from here on, going back runs \(jobs.joined(separator: ", ")) once more, with the former settings"
    case .checkConfig(_, let checks):
      "see whether \(checks.map(\.path).joined(separator: ", ")) still says what was set"
    }
  }

  private static func summary(of registration: Registration) -> String {
    let record = registration.record
    let ports = record.ports.map { "\($0.role) \($0.port)" }.joined(separator: ", ")
    if record.state == .ready { return "note its settings" + (ports.isEmpty ? "" : " and the ports \(ports)") }
    let verb = registration.takesUp ? "take it up" : "register it"
    return "\(verb) with the id \(record.key.id)" + (ports.isEmpty ? "" : " and the ports \(ports)")
  }
}

extension Step {
  /// What comes back, and what stays as it is.
  private static func release(_ containers: [ContainerHandle]) -> String {
    func names(_ containers: [ContainerHandle]) -> String { containers.map(\.name).joined(separator: ", ") }
    let stopped = containers.filter { $0.comeback == .stopped }
    let started = containers.filter { $0.comeback != .stopped }
    let parts =
      (started.isEmpty ? [] : ["start the containers \(names(started)) and wait until they are healthy"])
      + (stopped.isEmpty ? [] : ["leave \(names(stopped)) stopped"])
    return parts.joined(separator: ", and ")
  }
}
