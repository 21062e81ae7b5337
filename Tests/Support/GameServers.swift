import Foundation
import Synchronization

/// Small servers that speak the published protocols, written apart from what Berth reads them with.
public enum GameServers {
  // MARK: RCON

  /// A Source-like remote console.
  ///
  /// - Parameters:
  ///   - isMinecraft: packets must come one at a time, and every one is answered.
  ///   - answersMarker: whether an empty value is answered.
  ///   - reply: what a command says; nil closes the connection instead.
  public static func rcon(
    password: String, isMinecraft: Bool = false, answersMarker: Bool = true, port: Int = 0,
    reply: @escaping @Sendable (String) -> String?
  ) throws -> LoopbackServer {
    try LoopbackServer(tcp: port) { client in
      var isIn = false
      while true {
        guard let packet = rconPacket(client, isMinecraft) else { return }
        switch packet.kind {
        case 3:
          isIn = packet.body == Array(password.utf8)
          if !isMinecraft { client.send(rconBytes(packet.id, 0, [])) }
          client.send(rconBytes(isIn ? packet.id : -1, 2, []))
        case 2 where isIn:
          guard let text = reply(String(decoding: packet.body, as: UTF8.self)) else { return }
          var rest = Array(text.utf8)[...]
          repeat {
            client.send(rconBytes(packet.id, 0, Array(rest.prefix(4096))))
            rest = rest.dropFirst(4096)
          } while !rest.isEmpty
        case _ where !answersMarker: break
        case _ where isMinecraft: client.send(rconBytes(packet.id, 0, Array("Unknown request \(packet.kind)".utf8)))
        default:
          client.send(rconBytes(packet.id, 0, []))
          client.send(rconBytes(packet.id, 0, [0, 1, 0, 0]))
        }
      }
    }
  }

  private static func rconPacket(_ client: LoopbackServer.Client, _ isMinecraft: Bool) -> (
    id: Int32, kind: Int32, body: [UInt8]
  )? {
    func number(_ bytes: ArraySlice<UInt8>) -> Int32 {
      Int32(bitPattern: bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
    var bytes: [UInt8]
    if isMinecraft {
      // As the original does it: what one read gives has to be one packet.
      bytes = client.receive()
      guard bytes.count >= 14, Int(number(bytes[..<4])) == bytes.count - 4 else { return nil }
      bytes.removeFirst(4)
    } else {
      guard let size = client.receive(4), let rest = client.receive(Int(number(size[...]))), rest.count >= 10 else {
        return nil
      }
      bytes = rest
    }
    return (number(bytes[..<4]), number(bytes[4..<8]), Array(bytes[8...].dropLast(2)))
  }

  public static func rconBytes(_ id: Int32, _ kind: Int32, _ body: [UInt8]) -> [UInt8] {
    func little(_ number: Int32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    return little(Int32(body.count + 10)) + little(id) + little(kind) + body + [0, 0]
  }

  // MARK: Minecraft

  /// Server List Ping: looks at the handshake, and answers with this JSON, in pieces.
  public static func minecraft(json: @autoclosure @escaping @Sendable () -> String) throws -> LoopbackServer {
    try LoopbackServer(tcp: 0) { client in
      guard let size = client.receive(1), let handshake = client.receive(Int(size[0])), handshake[0] == 0,
        handshake.last == 1, client.receive(2) == [1, 0]
      else { return }
      let text = Array(json().utf8)
      let body = [0] + variable(text.count) + text
      let bytes = variable(body.count) + body
      client.send(Array(bytes.prefix(3)))
      usleep(20_000)
      client.send(Array(bytes.dropFirst(3)))
      client.stay()
    }
  }

  public static func variable(_ number: Int) -> [UInt8] {
    number < 128 ? [UInt8(number)] : [UInt8(number & 127) | 128] + variable(number >> 7)
  }

  // MARK: A2S

  /// Wants a challenge for everything, and cuts what it says of players into two parts, the second of which comes first.
  public static func a2s(
    name: String, map: String, count: UInt8, limit: UInt8, players: [(name: [UInt8], score: Int32, seconds: Float)]?
  ) throws -> LoopbackServer {
    let head: [UInt8] = [255, 255, 255, 255]
    let number: [UInt8] = [9, 8, 7, 6]
    return try LoopbackServer(udp: 0) { packet in
      guard packet.prefix(4) == head[...] else { return [] }
      guard Array(packet.suffix(4)) == number else {
        return packet[4] == 0x55 && players == nil ? [] : [head + [0x41] + number]
      }
      func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }
      if packet[4] == 0x54 {
        return [
          head + [0x49, 17] + text(name) + text(map) + text("folder") + text("A game") + [1, 0] + [count, limit, 0]
            + Array("dl".utf8) + [0, 1] + text("1.2.3.4") + [0x80, 0x87, 0x69]
        ]
      }
      guard let players else { return [] }
      let body = players.enumerated().reduce(head + [0x44, UInt8(players.count)]) { bytes, player in
        bytes + [UInt8(player.offset)] + player.element.name + [0]
          + withUnsafeBytes(of: player.element.score.littleEndian) { Array($0) }
          + withUnsafeBytes(of: player.element.seconds.bitPattern.littleEndian) { Array($0) }
      }
      func part(_ number: UInt8, _ bytes: ArraySlice<UInt8>) -> [UInt8] {
        [254, 255, 255, 255, 5, 0, 0, 0, 2, number, 0xe0, 4] + bytes
      }
      return [part(1, body[10...]), part(0, body[..<10])]
    }
  }

  // MARK: Quake 3

  /// `getstatus` and `rcon`.
  public static func quake3(
    password: String, status: [UInt8], reply: @escaping @Sendable (String) -> [String]
  ) throws -> LoopbackServer {
    let head: [UInt8] = [255, 255, 255, 255]
    return try LoopbackServer(udp: 0) { packet in
      let words = String(decoding: packet.dropFirst(4), as: UTF8.self)
      if words.hasPrefix("getstatus ") {
        let challenge = words.dropFirst(10).filter { $0 != "\n" }
        return [head + Array("statusResponse\n\\challenge\\\(challenge)".utf8) + status]
      }
      guard words.hasPrefix("rcon \(password) ") else {
        return [head + Array("print\nBad rconpassword.\n".utf8)]
      }
      return reply(String(words.dropFirst(password.count + 6))).map { head + Array("print\n\($0)".utf8) }
    }
  }

  // MARK: Armagetron

  /// Tells the great answer only after the small question, as one that is on no public list.
  public static func armagetron(small: [UInt8], great: [UInt8]) throws -> LoopbackServer {
    let isKnown = Mutex(false)
    return try LoopbackServer(udp: 0) { packet in
      switch packet {
      case [0, 52, 0, 0, 0, 0, 0, 0]:
        isKnown.withLock { $0 = true }
        return [small]
      case [0, 53, 0, 0, 0, 0, 0, 0]: return isKnown.withLock { $0 } ? [small, great] : []
      default: return []
      }
    }
  }

  // MARK: Luanti

  /// Gives peers their numbers, and keeps them until they say goodbye.
  public static func luanti(peers: @escaping @Sendable (Set<[UInt8]>) -> Void) throws -> LoopbackServer {
    let known = Mutex<Set<[UInt8]>>([])
    return try LoopbackServer(udp: 0) { packet in
      let magic: [UInt8] = [0x4f, 0x45, 0x74, 0x03]
      guard packet.starts(with: magic) else { return [] }
      let peer = Array(packet[4..<6])
      if peer == [0, 0] {
        peers(
          known.withLock {
            $0.insert([7, 9]); return $0
          })
        return [magic + [0, 1, 0, 3, 0xff, 0xdd, 0, 2], magic + [0, 1, 0, 3, 0xff, 0xdc, 0, 1, 7, 9]]
      }
      if Array(packet[6...]) == [0, 0, 3] {
        peers(
          known.withLock {
            $0.remove(peer); return $0
          })
      }
      return []
    }
  }

  // MARK: Palworld

  /// The REST interface: these bodies by path; what is posted is kept by whoever looks on.
  public static func palworld(
    password: String, bodies: [String: String], isChunked: Bool = false,
    posted: @escaping @Sendable (_ path: String, _ body: String) -> Void = { _, _ in }
  ) throws -> LoopbackServer {
    try LoopbackServer(tcp: 0) { client in
      var request = ""
      while !request.contains("\r\n\r\n") {
        let bytes = client.receive()
        guard !bytes.isEmpty else { return }
        request += String(decoding: bytes, as: UTF8.self)
      }
      let login = Data("admin:\(password)".utf8).base64EncodedString()
      guard request.contains("Authorization: Basic \(login)\r\n") else {
        return client.send(Array("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".utf8))
      }
      let parts = request.components(separatedBy: "\r\n\r\n")
      let words = request.split(separator: " ")
      let path = String(words[1])
      if words[0] == "POST" { posted(path, parts[1]) }
      guard let body = words[0] == "POST" ? "OK" : bodies[path] else {
        return client.send(Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8))
      }
      let half = body.utf8.count / 2
      let (first, last) = (Array(body.utf8.prefix(half)), Array(body.utf8.dropFirst(half)))
      client.send(Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".utf8))
      if isChunked {
        let pieces = [first, last].filter { !$0.isEmpty }.flatMap { piece -> [UInt8] in
          let size: [UInt8] = Array("\(String(piece.count, radix: 16));x=y\r\n".utf8)
          return size + piece + [13, 10]
        }
        client.send(Array("Transfer-Encoding: chunked\r\n\r\n".utf8) + pieces + Array("0\r\n\r\n".utf8))
        client.stay()
      } else {
        client.send(Array("Content-Length: \(body.utf8.count)\r\n\r\n".utf8) + first)
        usleep(5000)
        client.send(last)
      }
    }
  }

  // MARK: Teeworlds

  /// The external console.
  public static func teeworldsConsole(
    password: String, reply: @escaping @Sendable (String) -> [String]
  ) throws -> LoopbackServer {
    try LoopbackServer(tcp: 0) { client in
      func say(_ text: String) { client.send(Array("\(text)\n\0\0".utf8)) }
      say("Enter password:")
      var isIn = false
      var waiting = ""
      while true {
        let bytes = client.receive()
        guard !bytes.isEmpty else { return }
        waiting += String(decoding: bytes, as: UTF8.self)
        while let end = waiting.firstIndex(of: "\n") {
          let line = String(waiting[..<end])
          waiting = String(waiting[waiting.index(after: end)...])
          guard isIn else {
            isIn = line == password
            say(isIn ? "Authentication successful. External console access granted." : "Wrong password 1/3.")
            if isIn { say("[09:00:00][econ]: cid=0 authed") }
            continue
          }
          say("[09:00:00][server]: cid=0 cmd='\(line)'")
          if line.hasPrefix("echo ") {
            say("[09:00:00][Console]: \(line.dropFirst(5))")
          } else {
            for text in reply(line) { say("[09:00:00][Console]: \(text)") }
          }
        }
      }
    }
  }
}
