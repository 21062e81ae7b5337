import BerthKit

extension BerthError {
  static func noBackupSets(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "no-backup-sets", .usage, "the plugin of '\(record.key.app)' declares nothing to back up", at: record.title,
      remedy: .berth("app", "show", record.key.app))
  }

  /// - Parameters:
  ///   - known: what could be asked for.
  ///   - asker: such as `the archive`.
  package static func unknownGrant(_ word: String, known: [String], by asker: String) -> BerthError {
    let near = nearestPhrase(word, known)
    return BerthError(
      "unknown-grant", .usage, "\(asker) asks for no '\(word)'\(near)",
      remedy: known.isEmpty ? "leave that word out" : "choose among \(known.joined(separator: ", "))")
  }

  package static func idInUse(_ key: InstanceKey) -> BerthError {
    BerthError(
      "id-in-use", .conflict, "there is already an instance '\(key.id)' of '\(key.app)'",
      remedy: .berth("status", key.app, "--instance", "\(key.id)"))
  }

  /// - Parameters:
  ///   - head: the backup that the values are in; nil for the instance itself.
  ///   - id: the instance's.
  static func droppedSettings(
    _ keys: [String], by manifest: Manifest, of head: BackupHead? = nil, instance id: String? = nil
  ) -> BerthError {
    let names = keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
    let holder = head.map { "the backup of \($0.createdAt)" } ?? "the instance"
    return BerthError(
      "dropped-settings", .conflict,
      "\(holder) has a value for \(names), and version \(manifest.version) of the plugin '\(manifest.id)' has no place for it",
      remedy: id.map { .again("--drop").or(.berth("update", manifest.id, "--instance", $0, "--drop")) }
        ?? .again("--drop"))
  }

  static func nameInUse(_ name: String, owner: InstanceRecord) -> BerthError {
    BerthError(
      "name-in-use", .conflict, "the name '\(name)' belongs to the instance \(owner.key)",
      remedy: .newName)
  }

  /// - Parameter settings: those that name the folder; none where it is the instance's own.
  package static func directoryInUse(_ path: String, _ reason: String, settings: [String] = []) -> BerthError {
    BerthError(
      "directory-in-use", .conflict, "'\(path)' cannot be used: \(reason)",
      remedy: settings.isEmpty ? .again("--dir", "PATH").or("choose another folder") : .setting(settings))
  }

  /// - Parameter place: the folder on the way that somebody else can change.
  package static func unsafeDirectory(_ path: String, _ place: String) -> BerthError {
    BerthError(
      "unsafe-directory", .notAllowed,
      "'\(path)' cannot be used: others can change '\(place)', and with it what Berth writes there", at: place,
      remedy: .run(Command("namei", ["-l", path])))
  }

  /// Nothing may be derived from a row of which a part is missing.
  static func unreadableRow(_ record: InstanceRecord, _ problem: String) -> BerthError {
    BerthError(
      "unreadable-row", .failure, "nothing can be done to \(record.title) but to remove it: \(problem)",
      remedy: .berth("remove", record.key.app, "--instance", "\(record.key.id)", "--yes"))
  }

  static func noFreePort(_ role: String, from number: Int) -> BerthError {
    BerthError(
      "no-free-port", .conflict, "there is no free \(role) port from \(number) on", remedy: .berth("ports"))
  }

  static func portOfRoot(_ port: PortNumber, role: String) -> BerthError {
    BerthError(
      "port-of-root", .notAllowed,
      "the \(role) port cannot be \(port): only programs of root may open it on this host (net.ipv4.ip_unprivileged_port_start)",
      remedy: .again("--port", "\(role)=N").or("choose a higher number"))
  }

  package static func badPort(_ text: String, _ reason: String) -> BerthError {
    BerthError(
      "bad-port", .usage, "'\(text)' is not a port: \(reason)",
      remedy: .again("--port", "ROLE=N").or("choose another number"))
  }

  static func hostTaken(_ host: String, by record: InstanceRecord, owner: InstanceRecord) -> BerthError {
    BerthError(
      "host-taken", .conflict, "the host name '\(host)' that \(record.title) wants belongs to \(owner.title)",
      remedy: "choose another host name, or let instances of one app share it in a pool")
  }

  static func noRoutes(_ record: InstanceRecord, pool: String, isSettable: Bool) -> BerthError {
    BerthError(
      "no-routes", .usage,
      "\(record.title) cannot be in the pool '\(pool)', since a web proxy has nothing to pass on to it",
      remedy: isSettable ? .berth("app", "show", record.key.app) : "leave the pool out")
  }

  static func poolDiffers(_ record: InstanceRecord, pool: String, diff: String) -> BerthError {
    BerthError(
      "pool-differs", .conflict,
      "\(record.title) would answer otherwise than the others of the pool '\(pool)' do",
      remedy: .berth("update", record.key.app, "--all"), cause: diff)
  }

  package static func unitTaken(_ unit: String, by path: String) -> BerthError {
    BerthError(
      "unit-taken", .conflict, "the unit name '\(unit)' is taken by \(path)", at: path,
      remedy: "rename the plugin, so that its units have other names")
  }

  static func badFolder(_ path: String) -> BerthError {
    BerthError(
      "bad-folder", .usage, "'\(path)' is not a path without quotes, '..', ':', '%' and wildcards",
      remedy: "choose another value for the setting in it")
  }

  static func belowFolder(_ path: String) -> BerthError {
    BerthError(
      "bad-folder", .usage,
      "'\(path)' lies below a folder that the instance gets, and cannot be mounted or served by itself",
      remedy: "choose another value for the setting in it, or mend the plugin")
  }

  static func treeMissing(_ path: String, at target: String, _ record: InstanceRecord) -> BerthError {
    BerthError(
      "mount-missing", .badInput,
      "\(record.title) is to see '\(path)' at '\(target)', and there is nothing; perhaps a disk is not mounted",
      at: path, remedy: .run(Command("findmnt", ["--fstab"])))
  }

  /// A file can be mounted only on a file, and a folder only on a folder.
  static func otherKind(_ tree: ShownTree, isFile: Bool, _ record: InstanceRecord) -> BerthError {
    let (kind, other) = isFile ? ("file", "folder") : ("folder", "file")
    return BerthError(
      "mount-kind", .badInput,
      "\(record.title) is to see the \(kind) '\(tree.path)' at '\(tree.target)', which is a \(other) on this host",
      at: tree.path, remedy: .run(Command("ls", ["-ld", tree.path, tree.target])))
  }

  static func notAFolder(_ path: String) -> BerthError {
    BerthError(
      "not-a-folder", .badInput, "'\(path)' is a file, or a link that Berth does not follow, where a folder has to be",
      at: path, remedy: .run(Command("namei", ["-l", path])))
  }

  /// One of an instance's own folders is a link without a folder behind it: its disk is missing, or the operator did not make it.
  static func leadsNowhere(_ path: String) -> BerthError {
    BerthError(
      "not-a-folder", .badInput,
      "'\(path)' leads to no folder: what it leads to is missing, or it is a link that Berth does not follow", at: path,
      remedy: .run(Command("namei", ["-l", path])))
  }

  static func badImage(_ name: String, _ service: String) -> BerthError {
    BerthError(
      "bad-image", .usage, "'\(name)', the image of '\(service)', is no image's name with its registry",
      remedy: "choose another value for the setting in it")
  }

  static func volumeInUse(_ name: String) -> BerthError {
    BerthError(
      "volume-in-use", .conflict, "Docker has a volume '\(name)' already, which is not of this instance",
      remedy: .newName)
  }

  /// A setting makes no address or checksum of a download.
  static func badDownload(_ text: String, _ problem: String, at key: String) -> BerthError {
    BerthError(
      "bad-download", .badInput, "'\(text)' \(problem)", at: key,
      remedy: "choose another value for the setting in it, or mend the plugin")
  }

  static func noSteamBranch(_ branch: String, of app: Int, known: [String]) -> BerthError {
    let near = nearestPhrase(branch, known)
    return BerthError(
      "no-steam-branch", .badInput, "the app \(app) of Steam's has no branch '\(branch)'\(near)",
      at: "install.steamcmd.branch",
      remedy: "steamcmd +login anonymous +app_info_update 1 +app_info_print \(app) +quit",
      cause: "its branches are \(known.prefix(20).joined(separator: ", "))")
  }
}
