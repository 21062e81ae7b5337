import CLinux
import Glibc

/// How much processor time a service manager has taken, at one moment.
///
/// A manager that works need not answer: systemd stops the services of users one after the other, and looks meanwhile at all
/// that is in `/dev/shm` for each of them (systemd.exec(5), `RemoveIPC=`).
struct ManagerWork {
  let process: Int32
  private let time: Duration
  private let moment = ContinuousClock.now

  /// - Parameters:
  ///   - environment: what makes `systemctl` find the manager, which listens on a socket of its own there.
  ///   - process: the manager's, where it is known.
  /// - Returns: nil where the manager is not there, or not this caller's.
  init?(environment: [String: String], process: Int32?) {
    let socket = "\(environment["XDG_RUNTIME_DIR"] ?? "/run")/systemd/private"
    guard let process = process ?? Self.listener(socket) else { return nil }
    // The name of the program may hold anything but ends at the last bracket. Times are fields 14 and 15 (proc(5)).
    let fields = SocketTable.contents("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
    self.process = process
    time = .seconds(Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))
  }

  /// Whether it has worked a tenth of the time or more since then.
  func goesOn(since last: ManagerWork) -> Bool {
    process == last.process && time - last.time >= (moment - last.moment) / 10
  }

  private static func listener(_ socket: String) -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard socket.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
    // A queue that is full is no reason to wait.
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = Glibc.socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    let process = status == 0 ? berth_peer(descriptor) : -1
    return process > 0 ? process : nil
  }
}
