import CLinux
import Glibc

/// A walk along a path, name by name, that knows where links may be followed.
struct PathWalk {
  /// Whose links a walk follows. Below an instance's `config`, `data` and `cache` it follows none, whoever made it.
  enum Followed {
    /// Those of root and of Berth's own user, as far as nobody else can change the folders that they lie in.
    case ours
    /// Everybody's, except for certain users: neither their links, nor any link below a folder of theirs.
    case allBut((uid_t) -> Bool)
  }

  enum Step {
    /// One name further.
    case on
    /// The last name is left, and no link that would have to be followed stands there.
    case end(OpenFolder, Bytes)
    /// With `errno`.
    case failed
  }

  /// Whether somebody else can change the folder that was reached, or one on the way, so that no link is followed.
  private(set) var isClosed = false
  /// The way so far, with the links that were followed worked in.
  private(set) var reached: String

  private struct Part {
    var name: Bytes
    /// Whether it is an instance's `config`, `data` or `cache`.
    var closes = false
  }

  private var folder: OpenFolder?
  /// What is still to be walked, the next name last.
  private var parts: [Part]
  private var links = 0
  private let followed: Followed
  /// As many as the kernel follows; see path_resolution(7).
  private static let mostLinks = 40

  init(_ path: String, following followed: Followed = .ours) {
    self.followed = followed
    let bytes = Array(path.utf8)
    let isAbsolute = bytes.first == .slash
    parts = Self.parts(of: bytes)
    reached = isAbsolute ? "" : "."
    folder = Self.start(isAbsolute ? "/" : ".")
    look()
  }

  mutating func step(followsLast: Bool) -> Step {
    guard let folder else { return .failed }
    guard let part = parts.popLast() else { return .end(folder, [HostPath.dot]) }
    reached += "/" + String(decoding: part.name, as: UTF8.self)
    if part.name == [HostPath.dot, HostPath.dot] {
      guard !isClosed else { return failed(ELOOP) }
      return enter(folder, part)
    }
    guard let info = folder.info(part.name) else {
      // What is missing is the caller's affair when it comes last.
      return parts.isEmpty && errno == ENOENT ? .end(folder, part.name) : .failed
    }
    if info.st_mode & S_IFMT == S_IFLNK {
      if parts.isEmpty, !followsLast { return .end(folder, part.name) }
      return follow(part, in: folder)
    }
    return parts.isEmpty ? .end(folder, part.name) : enter(folder, part)
  }

  private mutating func enter(_ folder: OpenFolder, _ part: Part) -> Step {
    let descriptor = part.name.withCPath {
      openat(folder.descriptor, $0, HostPath.pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    guard descriptor >= 0 else { return .failed }
    self.folder = OpenFolder(descriptor)
    if part.closes { isClosed = true }
    look()
    return .on
  }

  private mutating func follow(_ part: Part, in folder: OpenFolder) -> Step {
    guard !isClosed, links < Self.mostLinks, let link = folder.link(part.name), follows(link.owner) else {
      isClosed = true
      return failed(ELOOP)
    }
    links += 1
    if link.target.first == .slash {
      self.folder = Self.start("/")
      reached = ""
    } else {
      reached = String(reached[..<(reached.lastIndex(of: "/") ?? reached.startIndex)])
    }
    var further = Self.parts(of: link.target)
    // What an instance's own folder is led to by its owner is the instance's own, too.
    if part.closes {
      if further.isEmpty { isClosed = true } else { further[0].closes = true }
    }
    parts += further
    look()
    return .on
  }

  /// Takes in who can change the folder that was reached.
  private mutating func look() {
    guard let folder, let info = folder.info else { return }
    switch followed {
    case .ours: if Trust.isChangeable(folder, info) { isClosed = true }
    case .allBut(let isTheirs): if isTheirs(info.st_uid) { isClosed = true }
    }
  }

  private func follows(_ owner: uid_t) -> Bool {
    switch followed {
    case .ours: Trust.isOurs(owner)
    case .allBut(let isTheirs): !isTheirs(owner)
    }
  }

  private func failed(_ number: Int32) -> Step {
    errno = number
    return .failed
  }

  private static func start(_ path: String) -> OpenFolder? {
    let descriptor = open(path, HostPath.pathOnly | O_DIRECTORY | O_CLOEXEC)
    return descriptor < 0 ? nil : OpenFolder(descriptor)
  }

  /// The names of a path, the first one last.
  private static func parts(of path: Bytes) -> [Part] {
    var parts = path.split(separator: .slash).filter { !$0.elementsEqual([HostPath.dot]) }.map { Part(name: Array($0)) }
    // …/instances/APP/ID/data
    for index in parts.indices.dropFirst(3)
    where parts[index - 3].name.elementsEqual("instances".utf8)
      && ["config", "data", "cache"].contains(where: { parts[index].name.elementsEqual($0.utf8) })
    {
      parts[index].closes = true
    }
    return parts.reversed()
  }
}

/// Whom a folder is safe from.
enum Trust {
  /// Whether a user's links may be followed: root's and those of the user that Berth runs as.
  static func isOurs(_ user: uid_t) -> Bool { user == 0 || user == geteuid() || user == strangers }

  /// Whether somebody else can put another thing in the place of one in this folder.
  ///
  /// In a folder like `/tmp`, with the sticky bit, everybody makes entries and nobody touches those of others; whose an
  /// entry is, is looked at when its turn comes.
  static func isChangeable(_ folder: OpenFolder, _ info: stat) -> Bool {
    guard isOurs(info.st_uid) else { return true }
    guard info.st_mode & S_ISVTX == 0 else { return false }
    guard info.st_mode & S_IWOTH == 0 else { return true }
    guard info.st_mode & S_IWGRP != 0 else { return false }
    let isGroupOurs = info.st_gid == 0 || info.st_gid == getegid()
    return !isGroupOurs || hasAccessList(folder)
  }

  /// Whether a folder has a POSIX ACL. With one the group's bits are the most that any of the users and groups named there
  /// may do.
  private static func hasAccessList(_ folder: OpenFolder) -> Bool {
    // A descriptor that opens nothing cannot be asked itself.
    if getxattr("/proc/self/fd/\(folder.descriptor)", "system.posix_acl_access", nil, 0) >= 0 { return true }
    return ![ENODATA, EOPNOTSUPP].contains(errno)
  }

  /// The number that stands for root inside a user namespace, in which root's files have no owner; nil outside of one.
  ///
  /// Source: user_namespaces(7), `/proc/sys/kernel/overflowuid`.
  private static let strangers: uid_t? = {
    guard let map = text("/proc/self/uid_map") else { return nil }
    // The first namespace has all numbers.
    guard map.split(whereSeparator: \.isWhitespace) != ["0", "0", "4294967295"] else { return nil }
    return text("/proc/sys/kernel/overflowuid").flatMap { uid_t($0.filter(\.isNumber)) }
  }()

  private static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}
