import BerthKit
import Foundation

extension Peer {
  /// This process and those that it starts, for servers of a test's own.
  public static var thisProcess: Peer {
    let lines = (FileManager.default.contents(atPath: "/proc/self/cgroup")).map { String(decoding: $0, as: UTF8.self) }
    let paths = (lines ?? "").split(separator: "\n").filter { $0.hasPrefix("0::") || $0.contains(":name=systemd:") }
      .compactMap { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last.map(String.init) }
    return Peer(groups: paths)
  }

  /// A unit that does not exist.
  public static let nobody = Peer(groups: ["/berth-test.slice/nobody.service"])
}
