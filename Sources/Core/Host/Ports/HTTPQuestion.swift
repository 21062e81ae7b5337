import BerthKit

/// A question to a web server whose answer says whether it is ready.
///
/// It needs the status line alone, so that it speaks that much of HTTP/1.1 (RFC 9112) itself and starts at once.
public struct HTTPQuestion: Sendable {
  /// Seconds for one answer.
  private static let patience = 5.0
  /// Bytes of an answer that may come before its status line has to be complete.
  private static let longest = 512
  /// Bytes that are read at most: what comes with the status line in one piece.
  private static let most = 1 << 20

  private let address: String
  private let port: Int
  private let path: String
  private let host: String?
  private let statuses: [Int]
  private let peer: Peer?

  /// - Parameters:
  ///   - address: an IPv4 or IPv6 address.
  ///   - host: the name that is asked for; the address when nil.
  ///   - statuses: the status codes that mean ready.
  ///   - peer: whose answer counts; anybody's when nil.
  public init(address: String, port: Int, path: String, host: String?, statuses: [Int], peer: Peer?) {
    self.address = address
    self.port = port
    self.path = path
    self.host = host
    self.statuses = statuses
    self.peer = peer
  }

  /// Where it is asked.
  public var subject: String { "http://\(authority)\(path)" }

  /// Asks once.
  public func look() async -> Readiness.Look {
    let status: Int?
    do { status = try await answer() } catch ConnectionFailure.foreign(let owner) {
      return .foreign(PortNumber(.tcp, port), owner: owner)
    } catch { status = nil }
    if let status, statuses.contains(status) { return .ready }
    let expected = statuses.map(String.init).joined(separator: " or ")
    return .notYet(status.map { "it answered \($0), and \(expected) is expected" })
  }

  private var authority: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

  /// The status of one answer; nil when there is none.
  private func answer() async throws -> Int? {
    let request = "GET \(path) HTTP/1.1\r\nHost: \(host ?? authority)\r\nUser-Agent: berth\r\nConnection: close\r\n\r\n"
    let endpoint = Endpoint(.tcp, address, port)
    let connection =
      if let peer {
        try await SocketConnector().open(endpoint, to: peer, seconds: Self.patience, bytes: Self.most)
      } else {
        try await SocketConnector().openToAnyone(endpoint, seconds: Self.patience, bytes: Self.most)
      }
    try await connection.send(Array(request.utf8))
    var line: [UInt8] = []
    while line.count < Self.longest, !line.contains(UInt8(ascii: "\n")) {
      guard let more = try await connection.receive(within: nil), !more.isEmpty else { break }
      line += more
    }
    return Self.status(in: Array(line.prefix(Self.longest)))
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
