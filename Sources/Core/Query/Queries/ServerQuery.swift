import BerthKit

/// Asks a server who plays, in its own words.
public struct ServerQuery: Sendable {
  private let kind: PlayerQuery.Kind
  private let endpoint: Endpoint
  private let peer: Peer
  private let password: String?
  private let connector: any Connector
  private let seconds: Double

  /// - Parameters:
  ///   - peer: who has to be there.
  ///   - password: for a protocol that needs one.
  ///   - seconds: how long the whole may take.
  public init(
    _ kind: PlayerQuery.Kind, at endpoint: Endpoint, of peer: Peer, password: String? = nil,
    through connector: any Connector, seconds: Double
  ) {
    self.kind = kind
    self.endpoint = endpoint
    self.peer = peer
    self.password = password
    self.connector = connector
    self.seconds = seconds
  }

  /// Asks.
  ///
  /// - Throws: ``ConnectionFailure`` or ``AnswerFailure``.
  public func ask() async throws -> ServerReport {
    switch kind {
    case .a2s: try await askA2S(connection())
    case .armagetron: try await askArmagetron(connection())
    case .luanti: try await askLuanti(connection())
    case .minecraft: try await askMinecraft(connection())
    case .mumble: try await askMumble(connection())
    case .palworldREST: try await askPalworld()
    case .quake3: try await askQuake3(connection())
    case .teeworlds: try await askTeeworlds(connection())
    }
  }

  private func connection() async throws -> any Connection {
    try await connector.open(endpoint, to: peer, seconds: seconds, bytes: AnswerLimits.bytes)
  }

  /// A server that is on no public list tells more only to those who have asked the small question before.
  private func askArmagetron(_ connection: any Connection) async throws -> ServerReport {
    try await connection.ask([Armagetron.smallRequest]) { try Armagetron.isSmallAnswer($0) ? () : nil }
    return try await connection.ask([Armagetron.bigRequest]) { try Armagetron.report($0) }
  }

  private func askLuanti(_ connection: any Connection) async throws -> ServerReport {
    let peer = try await connection.ask([Luanti.hello]) { try Luanti.peer($0) }
    // Else the server waits for half a minute, and goes on sending.
    try await connection.send(Luanti.farewell(from: peer))
    return ServerReport()
  }

  private func askMumble(_ connection: any Connection) async throws -> ServerReport {
    let token = nonce()
    return try await connection.ask([Mumble.request(token)]) { try Mumble.report($0, token: token) }
  }

  private func askQuake3(_ connection: any Connection) async throws -> ServerReport {
    let challenge = String(nonce())
    let status = try await connection.ask([Quake3.statusRequest(challenge)]) {
      try Quake3.status($0, challenge: challenge)
    }
    // The server answers an address once a second, so that it is asked more only where that tells something.
    guard status.mayHaveBots else { return status.report(people: nil) }
    let people = try? await connection.ask([Quake3.infoRequest(challenge)], tries: 2) {
      try Quake3.people($0, challenge: challenge)
    }
    return status.report(people: people)
  }

  private func askTeeworlds(_ connection: any Connection) async throws -> ServerReport {
    let token = nonce()
    let first = try await connection.ask(Teeworlds.firstRequests(token)) { try Teeworlds.answer($0, token: token) }
    let server: UInt32
    switch first {
    case .info(let report): return report
    case .token(let token): server = token
    }
    return try await connection.ask([Teeworlds.infoRequest(server: server, token: token)]) { packet in
      // A repeated token is not what was asked for now.
      if case .info(let report)? = try Teeworlds.answer(packet, token: token) { report } else { nil }
    }
  }

  private func askA2S(_ connection: any Connection) async throws -> ServerReport {
    var assembly = A2SAssembly()
    /// Asks, and once more with the number that the server may want to see.
    func ask<Value>(
      _ packet: (UInt32?) -> [UInt8], tries: Int? = nil, _ read: (A2S.Answer) -> Value?
    ) async throws -> Value {
      var number: UInt32?
      while true {
        let former = number
        let value: Value? = try await connection.ask([packet(former)], tries: tries) { part -> Value?? in
          guard let answer = try assembly.add(part).map(A2S.answer) else { return nil }
          guard case .challenge(let new) = answer else { return read(answer).map { .some($0) } }
          guard new != former else { return nil }
          number = new
          return .some(nil)
        }
        if let value { return value }
      }
    }
    var report = try await ask(A2S.infoRequest) { if case .info(let report) = $0 { report } else { nil } }
    // Servers may keep their players to themselves, and then do not answer at all.
    do {
      report.players = try await ask(A2S.playersRequest, tries: 2) {
        if case .players(let players) = $0 { players } else { nil }
      }
    } catch ConnectionFailure.silent {}
    // Who of them is a bot it does not say.
    if report.count == 0 { report.players = report.players.map { _ in [] } }
    return report
  }

  private func askMinecraft(_ connection: any Connection) async throws -> ServerReport {
    try await connection.send(Minecraft.request(address: endpoint.address, port: endpoint.port))
    var reader = StreamReader(connection)
    while true {
      if let length = try Minecraft.length(reader.bytes) {
        _ = try await reader.take(length.bytes)
        return try Minecraft.report(try await reader.take(length.number))
      }
      guard try await reader.more() else { throw ConnectionFailure.closed }
    }
  }

  private func askPalworld() async throws -> ServerReport {
    guard let password else { throw AnswerFailure.wrongPassword }
    let deadline = ContinuousClock.now + .seconds(seconds)
    func get(_ name: String) async throws -> [UInt8] {
      let left = ContinuousClock.now.duration(to: deadline) / .seconds(1)
      return try await Palworld.send(
        .get(name), to: endpoint, of: peer, password: password, through: connector, seconds: left)
    }
    return try Palworld.report(
      info: try await get("info"), metrics: try await get("metrics"), players: try await get("players"))
  }
}
