import BerthFiles
import BerthKit
import Foundation

extension BerthError {
  /// The file system says no. Reads `errno`, so it is called right after the call that failed.
  static func fileSystem(_ action: String, _ path: String, cause: String? = nil) -> BerthError {
    let number = errno
    // Only where a link is not followed; see `HostPath`.
    if number == ELOOP { return linkInTheWay(path) }
    if number == ENOTDIR, let obstacle = noFolder(onTheWayTo: path) { return obstacle }
    if number == ENOSPC || number == EDQUOT { return diskFull(action, path, String(cString: strerror(number))) }
    let isDenied = [EACCES, EPERM, EROFS].contains(number)
    return BerthError(
      isDenied ? "not-allowed" : "file-system", isDenied ? .notAllowed : .failure, "\(action) '\(path)'",
      remedy: isDenied ? .run(Command("namei", ["-l", path])) : .run(Command("ls", ["-ld", path])),
      cause: cause ?? String(cString: strerror(number)))
  }

  /// The same code as the registry's own.
  private static func diskFull(_ action: String, _ path: String, _ cause: String) -> BerthError {
    // What is shown by df(1) has to be there.
    var folder = path[...]
    while let slash = folder.lastIndex(of: "/"), !HostPath.exists(String(folder)) { folder = folder[..<slash] }
    let place = folder.isEmpty ? "/" : String(folder)
    return BerthError(
      "disk-full", .failure, "\(action) '\(path)', since its disk is full", at: path,
      remedy: .run(Command("df", ["-h", place])), cause: cause)
  }

  /// The kernel does not mount what was opened. Reads `errno`, so it is called right after the call that failed.
  static func cannotPin(_ path: String, at place: String) -> BerthError {
    let number = errno
    let isOld = [ENOSYS, EINVAL].contains(number)
    return BerthError(
      "cannot-pin", isOld ? .unavailable : [EPERM, EACCES].contains(number) ? .notAllowed : .failure,
      isOld
        ? "this kernel cannot mount '\(path)' safely; Linux 5.14 or later can"
        : "cannot mount '\(path)' below '\(place)'",
      at: path, remedy: isOld ? "uname --kernel-release" : "findmnt --target \(place)",
      cause: String(cString: strerror(number)))
  }

  static func tooLarge(_ path: String, bytes: Int) -> BerthError {
    BerthError(
      "too-large", .badInput, "'\(path)' is larger than \(bytes / 1024) KiB", at: path, remedy: "ls -l \(path)")
  }

  static func unknownUser(_ name: String) -> BerthError {
    BerthError("unknown-user", .failure, "there is no user '\(name)'", remedy: "getent passwd \(name)")
  }

  static func programMissing(_ program: String) -> BerthError {
    BerthError(
      "program-missing", .unavailable, "the program '\(program)' is not installed",
      remedy: packages[program].map { Remedy.prose("apt-get install \($0)") } ?? "install '\(program)' and try again")
  }

  static func busy(_ path: String, holder: String?) -> BerthError {
    BerthError(
      "busy", .busy, "another Berth is at work here\(holder.map { ": \($0)" } ?? "")", at: path,
      remedy: .again("--wait", "60"))
  }

  static func managerSilent(_ cause: String) -> BerthError {
    BerthError(
      "no-manager", .unavailable, "the service manager does not answer", remedy: .berth("host", "status"), cause: cause)
  }

  /// - Parameter command: what was asked for. Whoever types it again needs the way to the same manager.
  static func managerRefused(_ command: Command, _ cause: String) -> BerthError {
    let way = command.environment.filter { $0.key.hasPrefix("XDG_") }.map { "\($0.key)=\($0.value)" }.sorted()
    return BerthError(
      "manager-refused", .failure, "the service manager refused '\(command.line)'",
      remedy: .run(way.isEmpty ? command : Command("env", way + [command.program] + command.arguments)), cause: cause)
  }

  static func badTime(_ text: String, _ cause: String) -> BerthError {
    BerthError(
      "bad-time", .usage, "'\(text)' is not a time that journalctl reads", remedy: .again("--since", "10 min ago"),
      cause: cause)
  }

  static func sandboxFailed(_ reason: String, remedy: Remedy, cause: String? = nil) -> BerthError {
    BerthError(
      "sandbox-failed", .unavailable, "a private service manager cannot be had here: \(reason)", remedy: remedy,
      cause: cause)
  }

  static func packagesFailed(_ names: [String], _ cause: String) -> BerthError {
    BerthError(
      "packages-failed", .unavailable, "the packages \(names.joined(separator: ", ")) could not be installed",
      remedy: "apt-get update", cause: cause)
  }

  static func openClaims(_ folder: String) -> BerthError {
    BerthError(
      "claims-folder", .notAllowed, "others may write in '\(folder)' or above it, where runs of Berth claim ports",
      at: folder, remedy: "ls -ld \(folder) \(ScopePaths.folder(of: folder))")
  }

  /// - Parameter owner: as a person would name it.
  static func foreignPort(_ port: PortNumber, owner: String) -> BerthError {
    BerthError(
      "port-in-use", .conflict, "the port \(port) is not free for this service: it belongs to \(owner)", at: "\(port)",
      remedy: "ss --listening --numeric --processes --\(port.transport.rawValue) 'sport = :\(port.number)'")
  }

  /// - Parameter instance: whose config file it is.
  public static func unreadableFile(_ file: String, of instance: (app: String, id: String), _ reason: String)
    -> BerthError
  {
    BerthError(
      "unreadable-file", .badInput, "the service cannot read its config file '\(file)': \(reason)", at: file,
      remedy: .berth("update", instance.app, "--instance", instance.id))
  }

  public static func noUnit(_ program: String) -> BerthError {
    BerthError(
      "no-unit", .usage, "'\(program)' is called by units of Berth's, and this process is in none",
      remedy: .berth("--help"))
  }

  /// - Parameter answer: what came in the place of what was expected; nil for nothing.
  static func notReady(_ port: String, seconds: Int, answer: String? = nil) -> BerthError {
    BerthError(
      "not-ready", .failure,
      answer.map { "\(port) did not get ready within \(seconds) s: \($0)" }
        ?? "nothing answered on \(port) within \(seconds) s", remedy: .berth("list"))
  }

  /// Where the programs come from that Berth itself calls.
  private static let packages = [
    "systemctl": "systemd", "journalctl": "systemd", "systemd-sysusers": "systemd", "unshare": "util-linux",
    "setsid": "util-linux", "userdel": "passwd", "apt-get": "apt", "dpkg-query": "dpkg",
  ]
}
