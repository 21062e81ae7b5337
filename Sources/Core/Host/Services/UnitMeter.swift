import BerthKit
import Foundation

/// What units take, as the kernel counts it for their control groups.
///
/// The manager says the same of each unit, but with everything else that it knows of it, which takes a second for a
/// thousand. Source: the kernel's `cgroup-v2` page; systemd.special(7) and systemd.slice(5) for the names.
struct UnitMeter: Sendable {
  /// Where version 2 is mounted: alone, or beside the older ones; nil where it is not.
  private static let root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first {
    LinuxFileTree().exists("\($0)/cgroup.procs") && LinuxFileTree().exists("\($0)/cgroup.controllers")
  }

  /// The manager's own group, such as `/user.slice/…` or nothing.
  let manager: String
  /// Whether it is the host's manager and no person's.
  let isSystem: Bool

  /// What a unit takes; nothing of what nobody counts, or of a unit that has no processes.
  func usage(of unit: String) -> UnitUsage {
    guard let root = Self.root else { return UnitUsage() }
    let folder = "\(root)\(manager == "/" ? "" : manager)/\(UnitGroup.path(of: unit, isSystem: isSystem))"
    func number(_ file: String) -> Int64? {
      Int64(SocketTable.contents("\(folder)/\(file)").prefix { $0 != "\n" })
    }
    let time = SocketTable.contents("\(folder)/cpu.stat").split(separator: "\n")
      .first { $0.hasPrefix("usage_usec ") }.flatMap { Int64($0.dropFirst("usage_usec ".count)) }
    return UnitUsage(
      memory: number("memory.current") ?? Self.resident(folder), processor: time.map { Double($0) / 1e6 },
      tasks: number("pids.current").map { Int($0) })
  }

  /// What the processes of a group hold in memory, for a host that does not count it by group: what several share counts for
  /// each of them.
  private static func resident(_ folder: String) -> Int64? {
    let processes = SocketTable.contents("\(folder)/cgroup.procs").split(separator: "\n")
    let pages = processes.compactMap { process -> Int64? in
      let words = SocketTable.contents("/proc/\(process)/statm").split(separator: " ")
      return words.count > 1 ? Int64(words[1]) : nil
    }
    return pages.isEmpty ? nil : pages.reduce(0, +) * Int64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
