import BerthKit
import Foundation

/// What a sandbox's manager sees in place of the host's own runtime folders. All of it lives in a mount namespace of the
/// supervisor's and is gone with it.
struct SandboxMounts {
  let layout: SandboxLayout
  let isRoot: Bool

  /// Lays everything out. Called once, in a private mount namespace.
  func make() throws {
    try replaceRunWhereBare()
    try makeRuntimeFolder()
    try makeJournalFolder()
    if LinuxFileTree().exists("/etc/machine-id") { try bind(layout.machineID, over: "/etc/machine-id") }
    guard isRoot else { return }
    try coverUsers()
    uncoverKernelLog()
  }

  /// Puts the sandbox's users over the host's, where they are not.
  ///
  /// A host that changes its users replaces these files, and with a file goes what is mounted on it, in every namespace.
  func coverUsers() throws {
    guard isRoot else { return }
    for (source, target) in [(layout.passwd, "/etc/passwd"), (layout.group, "/etc/group")] {
      var own = stat()
      var seen = stat()
      let isCovered =
        stat(source, &own) == 0 && stat(target, &seen) == 0 && own.st_ino == seen.st_ino && own.st_dev == seen.st_dev
      if !isCovered { try bind(source, over: target) }
    }
  }

  /// A container of systemd-nspawn has a removed file over `/proc/kmsg`. Nothing can be mounted on that, so that
  /// `ProtectKernelLogs=` would fail; the kernel's own file behind it serves.
  private func uncoverKernelLog() {
    var info = stat()
    while lstat("/proc/kmsg", &info) == 0, info.st_mode & S_IFMT != S_IFREG {
      guard umount2("/proc/kmsg", Int32(MNT_DETACH)) == 0 else { return }
    }
  }

  /// A bare machine has no `/run/systemd` to mount on, and an ordinary user cannot make one: `/run` is replaced by a copy
  /// of its entries in which it can.
  private func replaceRunWhereBare() throws {
    let wanted = ["systemd", "log", "user"]
    guard !wanted.allSatisfy({ LinuxFileTree().isFolder("/run/\($0)") }) else { return }
    let copy = "\(layout.privateFolder)/run"
    mkdir(copy, 0o755)
    try tmpfs(copy)
    for name in try LinuxFileTree().list("/run") {
      let source = "/run/\(name)"
      let target = "\(copy)/\(name)"
      if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: source) {
        symlink(link, target)
        continue
      }
      if LinuxFileTree().isFolder(source) {
        mkdir(target, 0o755)
      } else {
        close(open(target, O_CREAT | O_CLOEXEC, 0o644))
      }
      try mount(source, target, nil, UInt(MS_BIND) | UInt(MS_REC))
    }
    for name in wanted { mkdir("\(copy)/\(name)", 0o755) }
    try mount(copy, "/run", nil, UInt(MS_BIND) | UInt(MS_REC))
  }

  /// `systemd --user` starts only where `/run/systemd/system` is, and hides behind nodes in `inaccessible` what a service
  /// must not see (systemd.exec(5), InaccessiblePaths).
  private func makeRuntimeFolder() throws {
    // Name resolution and the user database stay what they are.
    let kept = ["resolve", "userdb"].map { "/run/systemd/\($0)" }.filter(LinuxFileTree().isFolder)
    let handles = kept.map { (path: $0, handle: open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
    try tmpfs("/run/systemd")
    for (path, handle) in handles {
      mkdir(path, 0o755)
      try mount("/proc/self/fd/\(handle)", path, nil, UInt(MS_BIND) | UInt(MS_REC))
      close(handle)
    }
    for folder in ["system", "journal", "journald.conf.d"] { mkdir("/run/systemd/\(folder)", 0o755) }
    try Self.journalSettings.write(
      toFile: "/run/systemd/journald.conf.d/berth.conf", atomically: false, encoding: .utf8)
    makeInaccessibleNodes("/run/systemd")
    guard !isRoot else { return }
    try tmpfs("/run/user")
    let own = "/run/user/\(getuid())"
    for folder in [own, "\(own)/systemd"] { mkdir(folder, 0o755) }
    makeInaccessibleNodes("\(own)/systemd")
  }

  /// journald writes below `/run/log/journal`; the folder behind it is the sandbox's, readable from outside.
  private func makeJournalFolder() throws {
    try tmpfs("/run/log")
    mkdir("/run/log/journal", 0o755)
    try mount(layout.paths.journal, "/run/log/journal", nil, UInt(MS_BIND))
  }

  private func makeInaccessibleNodes(_ folder: String) {
    let nodes = "\(folder)/inaccessible"
    mkdir(nodes, 0o755)
    mkdir("\(nodes)/dir", 0)
    for (name, kind) in [("reg", S_IFREG), ("fifo", S_IFIFO), ("sock", S_IFSOCK), ("chr", S_IFCHR), ("blk", S_IFBLK)] {
      // An ordinary user cannot make the block device; nothing here needs it.
      mknod("\(nodes)/\(name)", kind, 0)
    }
  }

  private func tmpfs(_ path: String) throws {
    try mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID) | UInt(MS_NODEV), "mode=0755")
  }

  private func bind(_ source: String, over target: String) throws {
    try mount(source, target, nil, UInt(MS_BIND))
  }

  private func mount(_ source: String, _ target: String, _ type: String?, _ flags: UInt, _ data: String? = nil) throws {
    let result =
      if let data { data.withCString { Glibc.mount(source, target, type, flags, $0) } } else {
        Glibc.mount(source, target, type, flags, nil)
      }
    guard result == 0 else {
      throw BerthError.sandboxFailed(
        "cannot mount on \(target)", remedy: "run it as root", cause: String(cString: strerror(errno)))
    }
  }

  private static let journalSettings = """
    [Journal]
    Storage=volatile
    ReadKMsg=no
    Audit=no
    ForwardToSyslog=no
    ForwardToKMsg=no
    ForwardToConsole=no
    ForwardToWall=no
    RateLimitIntervalSec=0
    RuntimeMaxUse=256M
    """
}
