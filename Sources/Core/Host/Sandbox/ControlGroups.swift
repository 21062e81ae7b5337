import BerthKit
import Foundation

/// The control groups of a sandbox: one tree per hierarchy, with the supervisor and the manager apart in it.
///
/// A manager wants to be alone in its group, and everything in the tree is ours, so that it can be ended as a whole.
struct ControlGroups {
  /// The tops of the trees, one per hierarchy that systemd uses.
  let tops: [String]
  /// Where this process was before.
  private let origins: [String]

  /// - Throws: `sandbox-failed` when there is no group that this user may divide.
  init(name: String) throws {
    var tops: [String] = []
    var origins: [String] = []
    for (mount, path) in Self.hierarchies() {
      let own = path == "/" ? mount : mount + path
      let parent = own == mount ? own : (own as NSString).deletingLastPathComponent
      guard let base = [parent, own].first(where: Self.isUsable) else {
        throw BerthError.sandboxFailed(
          "no cgroup is delegated to this user (\(own) cannot be written)",
          remedy: "run it as root, or have root run: scripts/delegate-cgroup USER PID")
      }
      origins.append(own)
      tops.append("\(base)/\(name)")
    }
    guard !tops.isEmpty else {
      throw BerthError.sandboxFailed("no cgroup hierarchy for systemd is mounted", remedy: "mount | grep cgroup")
    }
    self.tops = tops
    self.origins = origins
  }

  /// Makes the trees. The controllers are handed on, which a group may only do while no process sits in it.
  func make() throws {
    for top in tops {
      for folder in [top, "\(top)/supervisor", "\(top)/\(SandboxLayout.managerGroup)"]
      where mkdir(folder, 0o755) != 0 && errno != EEXIST {
        throw BerthError.sandboxFailed(
          "the cgroup \(folder) cannot be made", remedy: "run it as root", cause: String(cString: strerror(errno)))
      }
    }
  }

  func delegateControllers() {
    for top in tops {
      for controller in SocketTable.contents("\(top)/cgroup.controllers").split(whereSeparator: \.isWhitespace) {
        // A controller that cannot be handed on only means that its limits are not enforced.
        _ = Self.put("+\(controller)", into: "\(top)/cgroup.subtree_control")
      }
    }
  }

  /// Moves this process.
  func enter(_ part: String) -> Bool { tops.allSatisfy { Self.put("\(getpid())", into: "\($0)/\(part)/cgroup.procs") } }

  /// Back to where this process was, so that the trees can be removed.
  func leave() { for origin in origins { _ = Self.put("\(getpid())", into: "\(origin)/cgroup.procs") } }

  /// The files that the manager's process is put in by.
  var managerFiles: [String] { tops.map { "\($0)/\(SandboxLayout.managerGroup)/cgroup.procs" } }

  /// Every process in the trees.
  static func processes(in tops: [String]) -> [Int] {
    tops.flatMap { folders(below: $0) }.flatMap { folder in
      SocketTable.contents("\(folder)/cgroup.procs").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }
  }

  /// Removes the trees, deepest first; the kernel may need a moment after the last process is gone.
  func remove() {
    for top in tops {
      for folder in Self.folders(below: top).sorted(by: >) {
        for _ in 0..<100 where rmdir(folder) != 0 && errno == EBUSY { usleep(20_000) }
      }
    }
  }

  /// Whether memory and task limits are enforced for a sandbox of this user's on this host.
  var enforcesLimits: Bool {
    let controllers = tops.flatMap { top in
      SocketTable.contents("\((top as NSString).deletingLastPathComponent)/cgroup.controllers")
        .split(whereSeparator: \.isWhitespace)
    }
    return controllers.contains("memory") && controllers.contains("pids")
  }

  /// Writes a word into a kernel file.
  static func put(_ word: String, into file: String) -> Bool {
    let descriptor = open(file, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return word.withCString { write(descriptor, $0, strlen($0)) } > 0
  }

  /// The hierarchies that systemd uses and where this process is in each: `name=systemd` and the unified one beside it
  /// where they are hybrid, else the unified one alone (cgroups(7)).
  private static func hierarchies() -> [(mount: String, path: String)] {
    let root = "/sys/fs/cgroup"
    let files = LinuxFileTree()
    let isHybrid = files.isFolder("\(root)/systemd")
    var found: [(String, String)] = []
    for line in SocketTable.contents("/proc/self/cgroup").split(separator: "\n") {
      let words = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard words.count == 3 else { continue }
      if words[1] == "name=systemd", isHybrid { found.append(("\(root)/systemd", words[2])) }
      if words[0] == "0" {
        let mount = isHybrid ? "\(root)/unified" : root
        if files.isFolder(mount), files.exists("\(mount)/cgroup.procs") { found.append((mount, words[2])) }
      }
    }
    return found
  }

  private static func isUsable(_ folder: String) -> Bool {
    access(folder, W_OK | X_OK) == 0 && access("\(folder)/cgroup.procs", W_OK) == 0
  }

  private static func folders(below top: String) -> [String] {
    let files = LinuxFileTree()
    guard files.isFolder(top) else { return [] }
    let names = (try? files.list(top)) ?? []
    return [top] + names.map { "\(top)/\($0)" }.filter(files.isFolder).flatMap { folders(below: $0) }
  }
}
