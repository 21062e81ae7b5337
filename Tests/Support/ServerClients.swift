import Foundation
import Glibc

/// Asks real servers over their own protocols.
public enum ServerClient {
  /// Nobody answered, or not in the protocol's words.
  public struct NoAnswer: Error { public let description: String }

  /// A Teeworlds 0.7 server's name and map: a token first, then its info without a connection.
  public static func teeworlds(port: Int) throws -> (name: String, map: String) {
    let mine: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    let request: [UInt8] = [0x04, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x05] + mine + [UInt8](repeating: 0, count: 508)
    let reply = try ask(request, port: port)
    guard reply.count >= 12, reply[7] == 0x05 else { throw NoAnswer(description: "no token") }
    let info = try ask([0x21] + reply[8..<12] + mine + [0xff, 0xff, 0xff, 0xff] + Array("gie3".utf8) + [1], port: port)
    guard let at = info.firstRange(of: Array("inf3".utf8)) else { throw NoAnswer(description: "no info") }
    let words = info[(at.upperBound + 1)...].split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard words.count > 3 else { throw NoAnswer(description: "a short info") }
    return (words[1], words[3])
  }

  /// The peer id that a Luanti server gives to a first packet.
  public static func luanti(port: Int) throws -> Int {
    let magic: [UInt8] = [0x4f, 0x45, 0x74, 0x03]
    let reply = try ask(magic + [0, 0, 0, 1], port: port)
    guard reply.count >= 14, Array(reply[0..<4]) == magic else { throw NoAnswer(description: "not Luanti's") }
    return Int(reply[12]) << 8 | Int(reply[13])
  }

  /// The most users that a Mumble server takes, from its UDP ping.
  public static func mumble(port: Int) throws -> Int {
    let reply = try ask([0, 0, 0, 0] + Array("berthping".utf8.prefix(8)), port: port)
    guard reply.count >= 24 else { throw NoAnswer(description: "not Mumble's") }
    return reply[16..<20].reduce(0) { $0 << 8 | Int($1) }
  }

  /// The body of an HTTP answer.
  public static func http(port: Int, path: String) throws -> String {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    guard withLoopback(port, { connect(socket, $0, $1) }) == 0 else { throw NoAnswer(description: "no connection") }
    let request = Array("GET \(path) HTTP/1.0\r\nHost: localhost\r\n\r\n".utf8)
    send(socket, request, request.count, 0)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { answer += buffer.prefix(count) }
    return String(decoding: answer, as: UTF8.self)
  }

  /// Sends a packet up to five times, one second apart, and gives the first answer.
  private static func ask(_ packet: [UInt8], port: Int) throws -> [UInt8] {
    let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    guard withLoopback(port, { connect(socket, $0, $1) }) == 0 else { throw NoAnswer(description: "no socket") }
    for _ in 0..<5 {
      send(socket, packet, packet.count, 0)
      var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 1000) > 0 else { continue }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(socket, &buffer, buffer.count, 0)
      if count > 0 { return Array(buffer.prefix(count)) }
      usleep(200_000)
    }
    throw NoAnswer(description: "nothing from port \(port)")
  }

  private static func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}

/// A port that the test itself holds, as a foreign process would.
public final class HeldPort: Sendable {
  public let number: Int
  private let socket: Int32

  /// - Parameter number: 0 takes any free one.
  public init(udp number: Int = 0) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(number).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isBound else { throw ServerClient.NoAnswer(description: "port \(number) is taken") }
    self.socket = socket
    self.number = Int(in_port_t(bigEndian: address.sin_port))
  }

  deinit { close(socket) }
}

/// Port numbers for tests that have to name them.
public enum FreePorts {
  /// The first of so many numbers in a row that nobody listens on, chosen by chance, so that test runs beside each other
  /// do not want the same. They lie below those that the kernel gives out by itself.
  public static func block(_ count: Int) -> Int {
    for _ in 0..<100 {
      let first = Int.random(in: 12000..<(32000 - count))
      if (first..<(first + count)).allSatisfy({ (try? HeldPort(udp: $0)) != nil }) { return first }
    }
    return 12000
  }
}
