import BerthFiles
import BerthKit
import Foundation

/// What this process knows of where it runs.
public struct HostEnvironment: Sendable {
  public let userID: Int
  /// The environment variables that Berth reads.
  public let variables: [String: String]
  /// Where managers show that they run: `/run`, unless a test gives a folder of its own.
  private let run: String

  public init(
    userID: Int = Int(getuid()), variables: [String: String] = ProcessInfo.processInfo.environment,
    run: String = "/run"
  ) {
    self.userID = userID
    self.variables = variables
    self.run = run
  }

  public var isRoot: Bool { userID == 0 }

  /// The name of the user that runs this process, or its number where it has none.
  public var userName: String {
    getpwuid(uid_t(userID)).map { String(cString: $0.pointee.pw_name) } ?? "\(userID)"
  }

  public var processID: Int { Int(getpid()) }

  public var home: String {
    if let home = variables["HOME"], home.hasPrefix("/") { return home }
    return getpwuid(uid_t(userID)).map { String(cString: $0.pointee.pw_dir) } ?? "/"
  }

  /// A folder of the XDG base directory specification; relative values count as unset.
  public func xdg(_ name: String, default fallback: String) -> String {
    if let value = variables[name], value.hasPrefix("/") { return value }
    return "\(home)/\(fallback)"
  }

  /// Whether systemd booted this host (sd_booted(3)).
  public var isSystemdBooted: Bool { LinuxFileTree().isFolder("\(run)/systemd/system") }

  /// The runtime folder whose user manager answers, also where the variable is unset, as in cron; nil for none.
  public var userRuntime: String? {
    let candidates = [variables["XDG_RUNTIME_DIR"], "\(run)/user/\(userID)"].compactMap { $0 }
    return candidates.first { LinuxFileTree().exists("\($0)/systemd/private") }
  }

  /// The folder of this user's port claims, the same in all of the user's scopes: root's own, a person's runtime folder
  /// where a login has made one, else the person's state folder.
  ///
  /// - Parameter state: the scope's own state folder, for a person without a home.
  public func claims(else state: String) -> String {
    guard !isRoot else { return ScopePaths.system.claims }
    let runtime = "\(run)/user/\(userID)"
    let isOwn = HostPath.target(runtime).map { $0.st_uid == uid_t(userID) && $0.st_mode & 0o077 == 0 } ?? false
    if isOwn { return "\(runtime)/berth/claims" }
    guard variables["XDG_STATE_HOME"] != nil || LinuxFileTree().isFolder(home) else { return "\(state)/claims" }
    return "\(xdg("XDG_STATE_HOME", default: ".local/state"))/berth/claims"
  }

  public var hostName: String { ProcessInfo.processInfo.hostName }

  /// The processors of the host.
  public var processorCount: Int { ProcessInfo.processInfo.processorCount }

  /// The host's first address that others may reach it at; nil where it has none.
  public var address: String? {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return nil }
    defer { freeifaddrs(first) }
    for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
      guard let entry = entry?.pointee, let address = entry.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET),
        entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0
      else { continue }
      var text = [CChar](repeating: 0, count: 64)
      guard
        getnameinfo(
          address, socklen_t(MemoryLayout<sockaddr_in>.size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return nil
  }

  public var timeZone: String { TimeZone.current.identifier }

  /// This program's own file.
  public var program: String { LinuxFileTree().realPath("/proc/self/exe") }

  /// Folders outside the system's own from which this program has loaded libraries: a toolchain's, while it is being
  /// developed. An installed Berth has none.
  public var libraryFolders: [String] {
    let maps = SocketTable.contents("/proc/self/maps").split(separator: "\n")
    let libraries = maps.compactMap { $0.split(separator: " ", maxSplits: 5).last }
      .filter { $0.hasPrefix("/") && $0.contains(".so") && !$0.hasPrefix("/usr/") && !$0.hasPrefix("/lib") }
    return Set(libraries.map { ($0.trimmingCharacters(in: .whitespaces) as NSString).deletingLastPathComponent })
      .sorted()
  }

  public var workingFolder: String { FileManager.default.currentDirectoryPath }
}

extension HostEnvironment {
  /// What makes `systemctl --user` find a person's manager, also where the variables are unset, as in cron.
  public func userClient(paths: ScopePaths) -> [String: String] {
    guard paths.scope == .user, let userRuntime else { return [:] }
    return ["XDG_RUNTIME_DIR": userRuntime]
  }
}
