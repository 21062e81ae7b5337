import BerthKit
import Foundation
import Synchronization

/// The host's ports, by trying to bind them.
///
/// A claim is a name in the kernel's abstract socket space (unix(7)): taking it is atomic over all processes of the
/// host's network, it needs no file, and it ends with the process.
public final class LivePorts: PortProbe {
  private let claims = Mutex<[PortNumber: Int32]>([:])

  public init() {}

  public func listener(on port: PortNumber) -> String? {
    guard Self.isTaken(port, AF_INET) || Self.isTaken(port, AF_INET6) else { return nil }
    let inodes = SocketTable.inodes(of: port)
    for process in SocketTable.processes() {
      guard let sockets = SocketTable.sockets(of: process), !sockets.isDisjoint(with: inodes) else { continue }
      let name = SocketTable.contents("/proc/\(process)/comm").split(separator: "\n").first.map(String.init) ?? "?"
      return "\(name) (process \(process))"
    }
    return "another process"
  }

  public func claim(_ port: PortNumber) -> Bool {
    if claims.withLock({ $0[port] != nil }) { return true }
    let name = "berth/port/\(port)"
    let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return false }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      // A leading NUL makes the name abstract.
      for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
    }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
    let isMine = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) == 0 }
    }
    guard isMine else {
      close(socket)
      return false
    }
    claims.withLock { $0[port] = socket }
    return true
  }

  public func releaseClaims() {
    claims.withLock { sockets in
      for socket in sockets.values { close(socket) }
      sockets = [:]
    }
  }

  /// Whether binding fails because someone else has the port. A protocol family that the host lacks takes nothing.
  private static func isTaken(_ port: PortNumber, _ family: Int32) -> Bool {
    let kind = port.transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let socket = socket(family, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    // A connection that is only winding down (TIME_WAIT) does not take a TCP port.
    if port.transport == .tcp { setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, size) }
    let result: Int32
    if family == AF_INET {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port.number).bigEndian
      result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    } else {
      setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = in_port_t(port.number).bigEndian
      result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    guard result != 0 else { return false }
    // A port that only root may bind cannot be tried; the kernel's table tells.
    if errno == EACCES { return !SocketTable.inodes(of: port).isEmpty }
    return errno == EADDRINUSE
  }
}
