import BerthKit

/// What is wrong with folders that an instance has or is to get.
extension BerthError {
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

  static func folderInUse(_ path: String) -> BerthError {
    BerthError(
      "folder-in-use", .conflict, "the folder '\(path)' of the new instance is already there", at: path,
      remedy: .newName)
  }

  static func notAFolder(_ path: String) -> BerthError {
    BerthError(
      "not-a-folder", .badInput, "'\(path)' is a file, or a link that Berth does not follow, where a folder has to be",
      at: path, remedy: .run(Command("mv", [path, "\(path).aside"])))
  }

  /// One of an instance's own folders is a link without a folder behind it: its disk is missing, or the operator did not make it.
  static func leadsNowhere(_ path: String) -> BerthError {
    BerthError(
      "not-a-folder", .badInput,
      "'\(path)' leads to no folder: what it leads to is missing, or it is a link that Berth does not follow", at: path,
      remedy: .run(Command("namei", ["-l", path])))
  }

  /// A folder that is to be exchanged is the top of a file system.
  static func isMountPoint(_ path: String, of record: InstanceRecord) -> BerthError {
    BerthError(
      "is-mounted", .conflict,
      "a file system is mounted at '\(path)', so that it cannot be exchanged for what a backup of \(record.title) has",
      at: path,
      remedy: .prose("move its files to a folder in it, and make a link to that folder in its place")
    )
  }

  static func containerTaken(_ name: String, _ engine: Container.Engine, of record: InstanceRecord) -> BerthError {
    BerthError(
      "container-taken", .conflict,
      "\(engine == .podman ? "Podman" : "Docker") has a container '\(name)' already, which is not of this instance",
      at: record.title, remedy: .run(Command("\(engine)", ["rename", name, "\(name)-other"])))
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
}
