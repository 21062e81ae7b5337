import BerthKit
import Foundation

/// The kernel's tables of sockets, `/proc/net/{tcp,udp}{,6}` (proc(5)).
struct SocketTable {
  /// The inodes of the sockets that are bound to a port; for TCP those that listen.
  static func inodes(of port: PortNumber) -> Set<String> {
    var inodes: Set<String> = []
    for suffix in ["", "6"] {
      let table = contents("/proc/net/\(port.transport.rawValue)\(suffix)")
      for line in table.split(separator: "\n").dropFirst() {
        let words = line.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count > 9, let hex = words[1].split(separator: ":").last, Int(hex, radix: 16) == port.number else {
          continue
        }
        // 0A is TCP_LISTEN.
        if port.transport == .udp || words[3] == "0A" { inodes.insert(String(words[9])) }
      }
    }
    return inodes
  }

  /// The sockets that a process holds; nil when they cannot be seen.
  static func sockets(of process: Int) -> Set<String>? {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd") else { return nil }
    // In another user namespace the names of a process of one's own can be listed, and none of them read.
    let targets = names.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")
    }
    guard !targets.isEmpty || names.isEmpty else { return nil }
    return Set(targets.filter { $0.hasPrefix("socket:[") }.map { String($0.dropFirst("socket:[".count).dropLast()) })
  }

  /// Every process on the host that this one can see.
  static func processes() -> [Int] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int.init)
  }

  /// A file of `/proc`, whose size is not known beforehand.
  static func contents(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
