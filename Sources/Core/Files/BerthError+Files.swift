import BerthKit
import Glibc

extension BerthError {
  /// A link stands on the way to a path, in a folder that somebody else than root and Berth's own user can change.
  package static func linkInTheWay(_ path: String) -> BerthError {
    let link = HostPath.obstacle(onTheWayTo: path)?.path ?? path
    return BerthError(
      "link-in-the-way", .badInput,
      link == path
        ? "'\(path)' is a link, and Berth follows none in a folder that others can change"
        : "'\(path)' leads through the link '\(link)', and Berth follows none in a folder that others can change",
      at: path, remedy: .run(Command("ls", ["-ld", link])))
  }

  /// Something else stands where a folder should; nil when all that is there of a path are folders.
  package static func noFolder(onTheWayTo path: String) -> BerthError? {
    guard let obstacle = HostPath.obstacle(onTheWayTo: path) else { return nil }
    guard obstacle.info.st_mode & S_IFMT != S_IFLNK else { return linkInTheWay(path) }
    return BerthError(
      "not-a-file", .badInput, "'\(obstacle.path)' is \(FileKind.name(of: obstacle.info)), not a folder",
      at: obstacle.path, remedy: .run(Command("ls", ["-ld", obstacle.path])))
  }

  /// Something else stands where a regular file should.
  package static func notRegular(_ path: String, _ info: stat) -> BerthError {
    BerthError(
      "not-a-file", .badInput, "'\(path)' is \(FileKind.name(of: info)), not a regular file", at: path,
      remedy: .run(Command("ls", ["-ld", path])))
  }

  /// A file in a folder that others can change is also a file elsewhere, of another owner.
  package static func secondName(_ path: String) -> BerthError {
    BerthError(
      "not-a-file", .badInput, "'\(path)' is one more name of another owner's file", at: path,
      remedy: .run(Command("ls", ["-li", path])))
  }

  /// Folders lie in one another deeper than Berth goes.
  package static func tooDeep(_ path: String) -> BerthError {
    BerthError(
      "too-deep", .badInput, "the folders in '\(path)' lie in one another deeper than \(TreeWalkLimit.depth) levels",
      at: path, remedy: .run(Command("find", [path, "-mindepth", String(TreeWalkLimit.depth)])))
  }
}

/// How deep Berth goes into folders that others make: each level costs a descriptor and stack.
package enum TreeWalkLimit {
  package static let depth = 500
}

enum FileKind {
  /// What a file is, with an article, for people.
  static func name(of info: stat) -> String {
    switch info.st_mode & S_IFMT {
    case S_IFREG: "a regular file"
    case S_IFDIR: "a folder"
    case S_IFLNK: "a link"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
