import BerthFiles
import BerthKit
import Foundation

/// What units mount of an instance's, at places that the instance cannot change.
///
/// A path that leads through folders of the instance's means in each moment what the instance wants it to. So it is opened
/// once, and what was opened is mounted at a place of root's: it is *pinned*. Whoever mounts or serves it afterwards (the
/// service manager, an engine, a web proxy) names that place.
public enum SourcePins {
  /// One of them: `own:0:/var/lib/berth/instances/palworld/default/data/Saved`.
  public struct Pin: Sendable {
    public enum Kind: String, Sendable {
      /// A path through folders of the instance's: no link that others can have made is followed.
      case own
      /// A config file for a program of the host: a copy of what is in it now, which keeps its name whatever is put in the
      /// file's place.
      case copied
      /// A path of the operator's, whose links are the operator's affair as far as no instance made them.
      case chosen
      /// The same for a volume, which several units of the instance pin and none of them takes away.
      case shared
      /// Files for a web proxy: nobody writes by this way, and no link in there is followed, whoever follows.
      case served
    }

    let kind: Kind
    /// Its name in its folder.
    let name: String
    public let source: String

    /// - Returns: nil for what is none.
    public init?(_ text: String) {
      let parts = text.split(separator: ":" as Character, maxSplits: 2, omittingEmptySubsequences: false).map(
        String.init)
      guard parts.count == 3, let kind = Kind(rawValue: parts[0]),
        parts[1].wholeMatch(of: /[a-z0-9][a-z0-9_\-]*/) != nil
      else { return nil }
      (self.kind, name, source) = (kind, parts[1], parts[2])
    }
  }

  /// Has this thread do the following in the sight of the service manager that has started this process as a unit's command.
  ///
  /// - Throws: `cannot-pin`.
  public static func enterManagersMounts() throws {
    guard PinnedMount.enterParentsMounts() else { throw BerthError.cannotPin("/proc/\(getppid())/ns/mnt", at: "/") }
  }

  /// Pins sources in a folder in the place of all that is there, such as what was left when a service was killed. What is
  /// served or shared and there already stays, so that nobody meets a gap.
  ///
  /// - Parameter folder: two levels below one that is root's alone, or that everybody may enter for what is served.
  /// - Returns: the folders to serve that do not exist; there is nothing to serve then.
  /// - Throws: `link-in-the-way`, `not-a-file` for what is neither a file nor a folder, `cannot-pin`, or a file error.
  public static func pin(_ pins: [Pin], in folder: String) throws -> [String] {
    guard !pins.isEmpty else {
      unpin(folder)
      return []
    }
    let open = try make(folder, isPublic: pins.contains { $0.kind == .served })
    // The instances of a pool share what they serve.
    flock(open.descriptor, LOCK_EX)
    let isShared = pins.contains { $0.kind == .shared }
    for name in open.names() ?? [] where !isShared && !pins.contains(where: { Array($0.name.utf8) == name }) {
      PinnedMount.detach(name, in: open, at: folder)
    }
    return try pins.filter { try !pin($0, in: open, at: folder) }.map(\.source)
  }

  /// Takes away everything in a folder, and the folder above where it holds nothing else.
  public static func unpin(_ folder: String) {
    PinnedMount.detachAll(in: folder)
    LinuxFileTree().removeFolderIfEmpty(ScopePaths.folder(of: folder))
  }

  /// - Returns: false where there is nothing to serve.
  private static func pin(_ pin: Pin, in folder: OpenFolder, at path: String) throws -> Bool {
    let name = Array(pin.name.utf8)
    guard pin.kind != .copied else {
      PinnedMount.detach(name, in: folder, at: path)
      try copy(pin.source, as: name, in: folder, at: path)
      return true
    }
    let file = open(pin)
    if file < 0, errno == ENOENT, pin.kind == .served {
      PinnedMount.detach(name, in: folder, at: path)
      return false
    }
    defer { if file >= 0 { close(file) } }
    let info = try mountable(file, pin)
    if [.served, .shared].contains(pin.kind), let there = folder.info(name), there.st_dev == info.st_dev,
      there.st_ino == info.st_ino
    {
      return true
    }
    PinnedMount.detach(name, in: folder, at: path)
    let attributes: PinnedMount.Attributes =
      pin.kind == .served
      ? [.readOnly, .noSetuid, .noDevices, .noPrograms, .noLinks] : [.noSetuid, .noDevices]
    guard PinnedMount.attach(file, as: name, in: folder, attributes) else {
      throw BerthError.cannotPin(pin.source, at: path)
    }
    return true
  }

  /// Makes sure that what is mounted from a path can be mounted, and is behind no link that the instance can have made.
  ///
  /// - Throws: `link-in-the-way`, `not-a-file` for what is neither a file nor a folder, or a file error.
  public static func require(_ pin: Pin) throws {
    let file = open(pin)
    defer { if file >= 0 { close(file) } }
    _ = try mountable(file, pin)
  }

  private static func open(_ pin: Pin) -> Int32 {
    pin.kind == .chosen
      ? HostPath.openChosen(pin.source, isInstances: UserNumber.isInstances)
      : HostPath.open(pin.source, HostPath.pathOnly)
  }

  private static func mountable(_ file: Int32, _ pin: Pin) throws -> stat {
    var info = stat()
    guard file >= 0, fstat(file, &info) == 0 else { throw BerthError.fileSystem("cannot mount", pin.source) }
    if info.st_mode & S_IFMT == S_IFLNK { throw BerthError.linkInTheWay(pin.source) }
    guard [S_IFDIR, S_IFREG].contains(info.st_mode & S_IFMT) else { throw BerthError.notRegular(pin.source, info) }
    return info
  }

  /// Whoever could read or write the file can read the copy; nobody but root can write to it where it is mounted read-only.
  private static func copy(_ source: String, as name: Bytes, in folder: OpenFolder, at path: String) throws {
    guard let file = try RegularFile.open(source) else { throw BerthError.fileSystem("cannot read", source) }
    guard let bytes = file.read(atMost: LinuxFileTree.largestText) else {
      if errno == EFBIG { throw BerthError.tooLarge(source, bytes: LinuxFileTree.largestText) }
      throw BerthError.fileSystem("cannot read", source)
    }
    let place = "\(path)/\(String(decoding: name, as: UTF8.self))"
    let copy = name.withCPath {
      openat(folder.descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    guard copy >= 0 else { throw BerthError.fileSystem("cannot write", place) }
    defer { close(copy) }
    try bytes.withUnsafeBytes { try LinuxFileTree.writeAll($0, to: copy, place) }
    guard fchown(copy, file.info.st_uid, file.info.st_gid) == 0, fchmod(copy, file.info.st_mode & 0o777) == 0 else {
      throw BerthError.fileSystem("cannot give away", place)
    }
  }

  private static func make(_ folder: String, isPublic: Bool) throws -> OpenFolder {
    let above = ScopePaths.folder(of: folder)
    let mode: mode_t = isPublic ? 0o755 : 0o700
    try LinuxFileTree().makeFolder(ScopePaths.folder(of: above), mode: UInt16(mode), owner: nil)
    while true {
      if let made = HostPath.makeFolder(above) { fchmod(made.descriptor, mode) }
      if let made = HostPath.makeFolder(folder) { fchmod(made.descriptor, mode) }
      if let open = OpenFolder(folder) { return open }
      // Another unit of the instance that ends in this moment takes the folder above away, where it is empty.
      guard errno == ENOENT else { throw BerthError.fileSystem("cannot open the folder", folder) }
    }
  }
}
