import Glibc
import Synchronization
import Foundation

/// A server on this host's loopback for as long as somebody holds on to it, with one thread of its own.
public final class LoopbackServer: Sendable {
  /// One client of a TCP server, in whose thread everything blocks.
  public struct Client: Sendable {
    let socket: Int32
    let isOver: @Sendable () -> Bool

    public func send(_ bytes: [UInt8]) {
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return }
        sent += count
      }
    }

    /// What has come; empty when the client has gone or the server ends.
    public func receive() -> [UInt8] {
      while !isOver() {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20) > 0 else { continue }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : []
      }
      return []
    }

    /// The head of a request by HTTP, to the empty line behind it; nil when the client goes before.
    public func receiveHead() -> [UInt8]? {
      var request: [UInt8] = []
      while !request.contains([13, 10, 13, 10]) {
        let more = receive()
        if more.isEmpty { return nil }
        request += more
      }
      return request
    }

    /// So many bytes; nil when the client goes before.
    public func receive(_ count: Int) -> [UInt8]? {
      var bytes: [UInt8] = []
      while bytes.count < count, !isOver() {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20) > 0 else { continue }
        var buffer = [UInt8](repeating: 0, count: count - bytes.count)
        let got = recv(socket, &buffer, buffer.count, 0)
        guard got > 0 else { return nil }
        bytes += buffer[..<got]
      }
      return bytes.count == count ? bytes : nil
    }

    /// Waits until the client goes.
    public func stay() { while !receive().isEmpty {} }
  }

  public struct NoPort: Error {}

  public let port: Int
  private let isOver: Flag

  private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
  }

  /// Over TCP: one client after the other.
  ///
  /// - Parameter port: 0 takes any free one.
  public init(tcp port: Int = 0, serve: @escaping @Sendable (Client) -> Void) throws {
    let (socket, number) = try Self.bound(SOCK_STREAM, port)
    listen(socket, 8)
    let flag = Flag()
    (self.port, isOver) = (number, flag)
    Thread.detachNewThread {
      defer { close(socket) }
      while !flag.isSet {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20) > 0 else { continue }
        let client = accept(socket, nil, nil)
        guard client >= 0 else { continue }
        serve(Client(socket: client, isOver: { flag.isSet }))
        close(client)
      }
    }
  }

  /// Over UDP: what is sent back for each packet.
  public init(udp port: Int = 0, answer: @escaping @Sendable ([UInt8]) -> [[UInt8]]) throws {
    let (socket, number) = try Self.bound(SOCK_DGRAM, port)
    let flag = Flag()
    (self.port, isOver) = (number, flag)
    Thread.detachNewThread {
      defer { close(socket) }
      while !flag.isSet {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20) > 0 else { continue }
        var buffer = [UInt8](repeating: 0, count: 65536)
        var from = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &from) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { from in
            let count = recvfrom(socket, &buffer, buffer.count, 0, from, &size)
            guard count >= 0 else { return }
            for packet in answer(Array(buffer[..<count])) { _ = sendto(socket, packet, packet.count, 0, from, size) }
          }
        }
      }
    }
  }

  deinit { isOver.set() }

  private static func bound(_ kind: __socket_type, _ port: Int) throws -> (socket: Int32, port: Int) {
    let socket = Glibc.socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isBound else {
      close(socket)
      throw NoPort()
    }
    return (socket, Int(in_port_t(bigEndian: address.sin_port)))
  }
}
