import BerthKit
import Foundation

/// The one process that a running sandbox adds to its manager: it makes the namespace, starts journald and the manager,
/// waits for the manager's end, and leaves nothing behind.
///
/// It is started by ``SandboxHost/up(wait:)`` through `unshare`, which has already made the mount namespace.
public struct SandboxSupervisor: Sendable {
  private let layout: SandboxLayout
  private let program: String

  /// - Parameter program: this program's own file.
  public init(paths: ScopePaths, program: String) {
    layout = SandboxLayout(paths: paths)
    self.program = program
  }

  /// Runs until the manager has ended. What goes wrong before that is left in the outcome file.
  public func run() {
    signal(SIGHUP, SIG_IGN)
    do {
      try supervise()
    } catch {
      let error = error as? BerthError ?? BerthError("sandbox-failed", .failure, "\(error)")
      report("\(error.summary)\n\(error.cause ?? "")")
      return
    }
    // What a manager that was killed has left stands in this namespace.
    for key in (try? LinuxFileTree().list(layout.paths.mounts)) ?? [] {
      LinuxFileTree().unpin("\(layout.paths.mounts)/\(key)")
    }
    try? LinuxFileTree().remove(layout.paths.runtime)
  }

  private func supervise() throws {
    let groups = try ControlGroups(name: layout.cgroup)
    try groups.make()
    defer {
      groups.leave()
      groups.remove()
    }
    guard groups.enter("supervisor") else {
      throw BerthError.sandboxFailed(
        "this process cannot enter its cgroup", remedy: "run it as root", cause: String(cString: strerror(errno)))
    }
    groups.delegateControllers()
    let mounts = SandboxMounts(layout: layout, isRoot: getuid() == 0)
    let changes = FolderWatch("/etc")
    try mounts.make()
    try linkBaseUnits()

    let journal = try launch("/lib/systemd/systemd-journald", [], environment: [:])
    defer { end(journal) }
    guard wait(seconds: 5, until: { LinuxFileTree().exists("/run/systemd/journal/stdout") }) else {
      throw BerthError.sandboxFailed("journald did not start", remedy: "systemd-analyze --version")
    }

    let ready = try NotifySocket(path: layout.notifySocket)
    // The manager is put into its own group by a second start of this program, right before it becomes the manager.
    let manager = try launch(
      program, ["sandbox-enter"] + groups.managerFiles + ["--", "/lib/systemd/systemd", "--user"],
      environment: [
        "HOME": layout.home, "XDG_RUNTIME_DIR": layout.paths.runtime, "XDG_CONFIG_HOME": layout.paths.config,
        "NOTIFY_SOCKET": layout.notifySocket, "SYSTEMD_LOG_TARGET": "journal", "SYSTEMD_UNIT_PATH": layout.unitPath,
      ])
    ready.drain(while: { manager.isRunning }, besides: changes, onChange: { try? mounts.coverUsers() }) {
      report("ready")
    }
    manager.waitUntilExit()
  }

  private func launch(_ program: String, _ arguments: [String], environment: [String: String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment.merging(
      ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]) { own, _ in own }
    process.standardInput = FileHandle.nullDevice
    // Whoever started the sandbox is gone soon, and a word to their closed pipe would end the writer.
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch {
      throw BerthError.sandboxFailed(
        "\(program) cannot be started", remedy: "apt-get install systemd", cause: "\(error)")
    }
    return process
  }

  private func end(_ process: Process) {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  /// The few units of the distribution that a manager cannot do without.
  private func linkBaseUnits() throws {
    let names =
      ["basic", "default", "shutdown", "exit", "sockets", "timers", "paths"].map { "\($0).target" }
      + ["app", "background", "session"].map { "\($0).slice" } + ["systemd-exit.service"]
    try LinuxFileTree().makeFolder(layout.baseUnits, mode: 0o755, owner: nil)
    for name in names { symlink("/usr/lib/systemd/user/\(name)", "\(layout.baseUnits)/\(name)") }
  }

  private func report(_ text: String) {
    // Written beside and renamed, so that whoever waits never reads half of it.
    let beside = "\(layout.outcome).new"
    try? text.write(toFile: beside, atomically: false, encoding: .utf8)
    rename(beside, layout.outcome)
  }

  private func wait(seconds: Int, until isDone: () -> Bool) -> Bool {
    for _ in 0..<(seconds * 100) {
      if isDone() { return true }
      usleep(10_000)
    }
    return false
  }
}

/// The socket on which a manager says that it is ready (sd_notify(3)).
private struct NotifySocket {
  private let descriptor: Int32

  init(path: String) throws {
    unlink(path)
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isBound else {
      throw BerthError.sandboxFailed(
        "no socket at \(path)", remedy: "ls -ld \(path)", cause: String(cString: strerror(errno)))
    }
  }

  /// Reads what the manager says until it is gone; it would stall on a socket that nobody reads.
  ///
  /// - Parameters:
  ///   - changes: watched at the same time, since one process sees to both.
  ///   - onChange: called when something was replaced there.
  func drain(while isRunning: () -> Bool, besides changes: FolderWatch, onChange: () -> Void, onReady: () -> Void) {
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    while isRunning() {
      var waiting = [descriptor, changes.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&waiting, 2, 200) > 0 else { continue }
      if waiting[1].revents & Int16(POLLIN) != 0 {
        changes.drain()
        onChange()
      }
      guard waiting[0].revents & Int16(POLLIN) != 0 else { continue }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { continue }
      if String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").contains("READY=1") { onReady() }
    }
  }
}

/// Tells when a file of a folder is replaced (inotify(7)). Where it cannot be had, nothing is told.
private struct FolderWatch {
  let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))

  init(_ path: String) { inotify_add_watch(descriptor, path, UInt32(IN_MOVED_TO)) }

  func drain() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while read(descriptor, &buffer, buffer.count) > 0 {}
  }
}
