@testable import BerthQuery
import BerthKit
import Synchronization
import Testing

/// A generator whose numbers are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// Random bytes, or a good answer that is cut, changed, lengthened or doubled.
  mutating func bytes(like sample: [UInt8]) -> [UInt8] {
    var bytes = sample
    switch Int.random(in: 0..<6, using: &self) {
    case 0: return (0..<Int.random(in: 0..<300, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    case 1: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &self)))
    case 2: bytes += (0..<Int.random(in: 0..<100, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    case 3: bytes += bytes
    default: break
    }
    for _ in 0..<Int.random(in: 0..<6, using: &self) where !bytes.isEmpty {
      let edge: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &self)]
      bytes[Int.random(in: 0..<bytes.count, using: &self)] = edge.randomElement(using: &self) ?? 0
    }
    return bytes
  }
}

/// A connection on which these chunks come, and then silence or the end.
final class ScriptedConnection: Connection, Connector {
  private let chunks: Mutex<[[UInt8]]>
  private let endsClosed: Bool

  init(_ chunks: [[UInt8]], endsClosed: Bool) {
    self.chunks = Mutex(chunks.reversed())
    self.endsClosed = endsClosed
  }

  func open(_ endpoint: Endpoint, to peer: Peer, seconds: Double, bytes: Int) async throws -> any Connection { self }
  func send(_ bytes: [UInt8]) async throws {}
  func write(_ bytes: [UInt8], toPipe path: String, seconds: Double) async throws {}

  func receive(within seconds: Double?) async throws -> [UInt8]? {
    if let chunk = chunks.withLock({ $0.popLast() }) { return chunk }
    if endsClosed { return [] }
    throw ConnectionFailure.silent
  }
}

@Suite("Hostile answers") struct FuzzTests {
  /// Inputs for each decoder.
  static let count = 20_000

  /// One decoder, and what it says of names.
  struct Decoder: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sample: [UInt8]
    let read: @Sendable ([UInt8]) throws -> ServerReport?

    init(_ name: String, _ sample: [UInt8], _ read: @escaping @Sendable ([UInt8]) throws -> ServerReport?) {
      (testDescription, self.sample, self.read) = (name, sample, read)
    }
  }

  /// Lets tests that wait for servers go on.
  private func others(_ round: Int) async { if round % 50 == 0 { await Task.yield() } }

  private static func report(_ answer: A2S.Answer) -> ServerReport? {
    switch answer {
    case .info(let report): report
    case .players(let players): ServerReport(players: players)
    case .challenge: nil
    }
  }

  private static func report(_ answer: Teeworlds.Answer?) -> ServerReport? {
    if case .info(let report) = answer { report } else { nil }
  }

  static let decoders: [Decoder] = [
    Decoder("mumble", Samples.mumble) { try Mumble.report($0, token: Samples.tokenNumber) },
    Decoder("quake3", Samples.quake3) {
      try Quake3.status($0, challenge: "77")?.report(people: 1)
    },
    Decoder("quake3 info", Samples.ones + Array("infoResponse\n\\challenge\\77\\g_humanplayers\\3".utf8)) {
      try Quake3.people($0, challenge: "77").map { ServerReport(count: $0) }
    },
    Decoder("teeworlds", Samples.teeworlds) { report(try Teeworlds.answer($0, token: Samples.tokenNumber)) },
    Decoder("teeworlds 0.6", Samples.oldTeeworlds) { report(try Teeworlds.answer($0, token: Samples.tokenNumber)) },
    Decoder("a2s info", Samples.a2sInfo) { report(try A2S.answer($0)) },
    Decoder("a2s players", Samples.a2sPlayers) { report(try A2S.answer($0)) },
    Decoder("armagetron", Samples.armagetron) { try Armagetron.report($0) },
    // What a server of Luanti says is one number.
    Decoder("luanti", Samples.luanti) { try Luanti.peer($0).map { ServerReport(count: $0) } },
    Decoder("minecraft", Samples.minecraft) { try Minecraft.report($0) },
    Decoder("palworld", Samples.palworld.players) {
      try Palworld.report(info: Samples.palworld.info, metrics: Samples.palworld.metrics, players: $0)
    },
  ]

  @Test(
    "20,000 broken answers of each protocol are read or refused, and nothing of them is dangerous", arguments: decoders)
  func brokenAnswers(_ decoder: Decoder) async throws {
    var chance = SeededGenerator(seed: 1)
    var good = 0
    for round in 0..<Self.count {
      await others(round)
      let bytes = chance.bytes(like: decoder.sample)
      do {
        guard let report = try decoder.read(bytes) else { continue }
        good += 1
        let players = report.players ?? []
        #expect(players.count <= 1000)
        for text in [report.name, report.map, report.version].compactMap({ $0 }) + players.map(\.name) {
          #expect(text.unicodeScalars.count <= 256 && !text.hasControlCharacter)
        }
        for number in [report.count, report.limit] { #expect(number ?? 0 >= 0) }
      } catch is AnswerFailure {}
    }
    // Some of them are good enough, or the test has tried nothing.
    #expect(good > 100)
  }

  @Test("20,000 lots of packets that may be parts make nothing larger than they are")
  func assembly() async {
    var chance = SeededGenerator(seed: 2)
    for round in 0..<Self.count {
      await others(round)
      var assembly = A2SAssembly()
      var sum = 0
      for _ in 0..<Int.random(in: 1..<6, using: &chance) {
        let packet = chance.bytes(like: [254, 255, 255, 255, 5, 0, 0, 0, 2, 1, 0xe0, 4] + Samples.a2sPlayers)
        sum += packet.count
        if let whole = try? assembly.add(packet) { #expect(whole.count <= sum) }
      }
    }
  }

  /// A console, and the bytes of a good session with it.
  static let consoles: [(kind: Console.Kind, sample: [UInt8])] = [
    (
      .sourceRCON,
      [
        SourceRCON.Packet(id: 1, kind: 0), .init(id: 1, kind: 2), .init(id: 2, kind: 0, body: [65, 66]),
        .init(id: 3, kind: 0),
      ]
      .flatMap(\.bytes)
    ),
    (
      .minecraftRCON,
      [SourceRCON.Packet(id: 1, kind: 2), .init(id: 2, kind: 0, body: [65, 66]), .init(id: 3, kind: 0)].flatMap(\.bytes)
    ),
    (.quake3RCON, Samples.ones + Array("print\nhello\n".utf8)),
    (
      .teeworlds,
      Array(
        "Enter password:\n\0\0Authentication successful.\n\0\0[1][server]: cid=0 cmd='x'\n\0\0[1][Console]: y\n".utf8)
    ),
    (.palworldREST, Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n".utf8)),
  ]

  @Test("20,000 broken sessions with each console end, with text or with an error", arguments: consoles.indices)
  func brokenSessions(_ index: Int) async throws {
    let (kind, sample) = Self.consoles[index]
    var chance = SeededGenerator(seed: 3)
    for round in 0..<Self.count {
      await others(round)
      var bytes = chance.bytes(like: sample)[...]
      var chunks: [[UInt8]] = []
      while let size = bytes.isEmpty ? nil : Int.random(in: 1...bytes.count, using: &chance) {
        chunks.append(Array(bytes.prefix(size)))
        bytes = bytes.dropFirst(size)
      }
      let connection = ScriptedConnection(chunks, endsClosed: kind != .quake3RCON && Bool.random(using: &chance))
      let command = kind == .palworldREST ? "save" : "x"
      let console = ServerConsole(
        kind, at: Endpoint(kind.transport ?? .tcp, "127.0.0.1", 1), of: .nobody, password: "secret",
        through: connection, seconds: 1)
      do {
        let text = try await console.run(command)
        #expect(text.utf8.count <= sample.count * 2 + 600)
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" })
      } catch is AnswerFailure {} catch is ConnectionFailure {}
    }
  }

  @Test("20,000 broken streams of a Minecraft status end")
  func minecraftStream() async throws {
    var chance = SeededGenerator(seed: 4)
    let size = Samples.minecraft.count
    let sample = [UInt8(size & 127) | 128, UInt8(size >> 7)] + Samples.minecraft
    for round in 0..<Self.count {
      await others(round)
      let bytes = chance.bytes(like: sample)
      let cut = Int.random(in: 0...bytes.count, using: &chance)
      let chunks = [Array(bytes[..<cut]), Array(bytes[cut...])].filter { !$0.isEmpty }
      let connection = ScriptedConnection(chunks, endsClosed: true)
      let query = ServerQuery(
        .minecraft, at: Endpoint(.tcp, "127.0.0.1", 1), of: .nobody, through: connection, seconds: 1)
      do { _ = try await query.ask() } catch is AnswerFailure {} catch is ConnectionFailure {}
    }
  }
}
