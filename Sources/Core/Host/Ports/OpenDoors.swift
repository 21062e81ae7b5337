import BerthKit
import Foundation

/// Looks for programs that take orders from whoever reaches a port of theirs.
///
/// Names alone are not believed, since every program chooses its own: engines run as root, and Caddy in its own unit.
enum OpenDoors {
  /// What Docker's daemon listens on as part of a swarm: nodes show certificates there.
  private static let swarm: Set = [2377, 7946]
  private static let caddy = "/system.slice/caddy.service"

  static func all() -> [OpenDoor] {
    let sockets = SocketTable.listeners()
    let suspects = SocketTable.processes().compactMap { process in
      program(of: process).map { (program: $0, process: process) }
    }
    return suspects.flatMap { suspect -> [OpenDoor] in
      let own = SocketTable.sockets(of: suspect.process) ?? []
      return sockets.filter { own.contains($0.inode) && isDoor($0, of: suspect.program) }.map {
        OpenDoor(suspect.program, at: $0.place)
      }
    }
  }

  private static func program(of process: Int) -> OpenDoor.Program? {
    var info = stat()
    switch SocketTable.contents("/proc/\(process)/comm").prefix(while: { $0 != "\n" }) {
    case "caddy": return UnitGroup.holds(process, in: [caddy]) ? .caddy : nil
    case "dockerd": return stat("/proc/\(process)", &info) == 0 && info.st_uid == 0 ? .docker : nil
    case "podman":
      let words = SocketTable.contents("/proc/\(process)/cmdline").split(separator: "\0")
      return stat("/proc/\(process)", &info) == 0 && info.st_uid == 0 && words.contains("service") ? .podman : nil
    default: return nil
    }
  }

  private static func isDoor(_ socket: SocketEntry, of program: OpenDoor.Program) -> Bool {
    switch program {
    // Its other ports are sites.
    case .caddy: "\(socket.localPort)" == CaddyAdmin.defaultAddress.split(separator: ":").last.map(String.init)
    case .docker: !swarm.contains(socket.localPort)
    case .podman: true
    }
  }
}

extension SocketEntry {
  /// Such as `127.0.0.1:2019`.
  var place: String { address.contains(":") ? "[\(address)]:\(localPort)" : "\(address):\(localPort)" }

  /// Its own address in words.
  var address: String {
    let isFour = local[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let bytes = isFour ? Array(local[12...]) : local
    inet_ntop(isFour ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
