import BerthKit
import Foundation

/// A port of this host that this process has, so that nobody else can.
public final class HeldPort: Sendable {
  private let descriptor: Int32

  /// - Returns: nil where somebody else has it.
  public init?(_ port: PortNumber) {
    let kind = port.transport == .tcp ? Int32(SOCK_STREAM.rawValue) : Int32(SOCK_DGRAM.rawValue)
    descriptor = socket(AF_INET, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port.number).bigEndian
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isBound, port.transport == .udp || listen(descriptor, 1) == 0 else { return nil }
  }

  deinit { close(descriptor) }
}
