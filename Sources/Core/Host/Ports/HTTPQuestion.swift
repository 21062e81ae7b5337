import BerthKit
import Foundation

/// A question to a web server whose answer says whether it is ready.
///
/// It needs the status line alone, so that it speaks that much of HTTP/1.1 (RFC 9112) itself and starts at once.
public struct HTTPQuestion: Sendable {
  /// Seconds for one answer.
  private static let patience = 5
  /// Bytes of an answer that may come before its status line has to be complete.
  private static let longest = 512

  private let address: String
  private let port: Int
  private let path: String
  private let host: String?
  private let statuses: [Int]

  /// - Parameters:
  ///   - address: an IPv4 or IPv6 address.
  ///   - host: the name that is asked for; the address when nil.
  ///   - statuses: the status codes that mean ready.
  public init(address: String, port: Int, path: String, host: String?, statuses: [Int]) {
    self.address = address
    self.port = port
    self.path = path
    self.host = host
    self.statuses = statuses
  }

  /// Where it is asked.
  public var subject: String { "http://\(authority)\(path)" }

  /// Asks once.
  public func look() -> Readiness.Look {
    let status = answer()
    if let status, statuses.contains(status) { return .ready }
    return .notYet(status.map(String.init))
  }

  private var authority: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

  /// The status of one answer; nil when there is none.
  private func answer() -> Int? {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, "\(port)", &hints, &found) == 0, let place = found else { return nil }
    defer { freeaddrinfo(place) }
    let connection = socket(place.pointee.ai_family, place.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard connection >= 0 else { return nil }
    defer { close(connection) }
    var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(connection, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    guard connect(connection, place.pointee.ai_addr, place.pointee.ai_addrlen) == 0 else { return nil }
    let request = "GET \(path) HTTP/1.1\r\nHost: \(host ?? authority)\r\nUser-Agent: berth\r\nConnection: close\r\n\r\n"
    let bytes = Array(request.utf8)
    guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
    return Self.status(in: firstLine(from: connection))
  }

  private func firstLine(from connection: Int32) -> [UInt8] {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: Self.longest)
    while line.count < Self.longest, !line.contains(UInt8(ascii: "\n")) {
      let count = recv(connection, &buffer, Self.longest - line.count, 0)
      guard count > 0 else { break }
      line += buffer[..<count]
    }
    return line
  }

  /// `HTTP/1.1 200 OK` is 200; nil for anything else.
  static func status(in line: [UInt8]) -> Int? {
    let words = line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }.split(separator: UInt8(ascii: " "))
    guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
      words[1].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(String(decoding: words[1], as: UTF8.self))
  }
}
