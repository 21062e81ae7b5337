/// Files over HTTP/1.0 on this host's loopback, for as long as somebody holds on to it.
public final class FileServer: Sendable {
  /// What is answered for a path.
  public enum Answer: Sendable {
    case file([UInt8])
    /// To this address.
    case redirect(String)
    /// Fewer bytes than were promised.
    case cutOff([UInt8], promised: Int)
    /// Bytes without an end, and without a word of how many.
    case endless
  }

  private let server: LoopbackServer

  public init(_ answers: [String: Answer]) throws {
    server = try LoopbackServer(tcp: 0) { client in
      guard let request = client.receiveHead() else { return }
      let words = request.split(separator: 0x20, maxSplits: 2)
      let path = words.count > 1 ? String(decoding: words[1], as: UTF8.self) : ""
      func head(_ status: String, _ lines: String...) -> [UInt8] {
        Array((["HTTP/1.0 \(status)"] + lines + ["Connection: close", "", ""]).joined(separator: "\r\n").utf8)
      }
      switch answers[path] {
      case .file(let bytes)?: client.send(head("200 OK", "Content-Length: \(bytes.count)") + bytes)
      case .redirect(let place)?: client.send(head("302 Found", "Location: \(place)", "Content-Length: 0"))
      case .cutOff(let bytes, let promised)?: client.send(head("200 OK", "Content-Length: \(promised)") + bytes)
      case .endless?:
        client.send(head("200 OK"))
        // The client goes at some time, and what is sent then fails; so it cannot go on for ever either.
        let block = [UInt8](repeating: 0, count: 65536)
        for _ in 0..<1024 { client.send(block) }
      case nil: client.send(head("404 Not Found", "Content-Length: 0"))
      }
    }
  }

  /// The address of a path.
  public func url(_ path: String) -> String { "http://127.0.0.1:\(server.port)\(path)" }
}
