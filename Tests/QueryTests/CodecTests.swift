@testable import BerthQuery
import BerthKit
import Testing

@Suite("What servers say of themselves") struct CodecTests {
  typealias Player = ServerReport.Player

  @Test("Mumble tells numbers and no names")
  func mumble() throws {
    let report = try Mumble.report(Samples.mumble, token: Samples.tokenNumber)
    #expect(report == ServerReport(version: "1.3.4", count: 3, limit: 100))
    #expect(try Mumble.report(Samples.mumble, token: 1) == nil)
    #expect(Mumble.request(Samples.tokenNumber) == [0, 0, 0, 0] + Samples.token + Samples.token)
  }

  @Test("Quake 3 tells names with colours, quotes and old letters")
  func quake3() throws {
    let all = [Player("Red ë", score: 5), Player("Bot \"x\"", score: -2)]
    let report = ServerReport(
      name: "Oa Den", map: "oa_dm1", version: "ioq3 1.36", count: 2, limit: 12, players: all)
    #expect(
      try Quake3.status(Samples.quake3, challenge: "77") == Quake3.Status(all: report, isQuick: [false, true]))
    #expect(try Quake3.status(Samples.quake3, challenge: "78") == nil)
  }

  @Test(
    "Quake 3's bots are no players; where a person is as quick as a bot, the server's own count holds",
    arguments: [(nil, 1, 1, ["Red ë"]), (1, 1, 1, ["Red ë"]), (2, 2, 0, ["Red ë", "Bot \"x\""]), (9, 2, 0, nil)]
      as [(Int?, Int, Int, [String]?)])
  func quake3Bots(_ people: Int?, _ count: Int, _ bots: Int, _ names: [String]?) throws {
    let status = try #require(try Quake3.status(Samples.quake3, challenge: "77"))
    let report = status.report(people: people)
    #expect(report.count == count && report.bots == bots)
    if let names { #expect(report.players?.map(\.name) == names) }
    func info(_ text: String) throws -> Int?? {
      try Quake3.people(Samples.ones + Array("infoResponse\n\\challenge\\77\(text)".utf8), challenge: "77")
    }
    #expect(try info("\\g_humanplayers\\3\\clients\\9") == .some(3))
    #expect(try info("\\clients\\9") == .some(nil) && info("\\g_humanplayers\\-3") == .some(nil))
    // Late answers to another question.
    #expect(try Quake3.people(Samples.quake3, challenge: "77") == nil)
    #expect(try Quake3.people(Samples.ones + Array("infoResponse\n\\challenge\\1".utf8), challenge: "77") == nil)
  }

  @Test("Teeworlds 0.7 gives a token first, and numbers of several bytes")
  func teeworlds() throws {
    #expect(try Teeworlds.answer(Samples.teeworldsToken, token: Samples.tokenNumber) == .token(0x0908_0706))
    #expect(try Teeworlds.answer(Samples.teeworldsToken, token: 1) == nil)
    let report = ServerReport(
      name: "Arena", map: "dm1", version: "0.7.5", count: 2, limit: 16,
      players: [Player("Ann", score: 74), Player("Bob", score: -5)])
    #expect(try Teeworlds.answer(Samples.teeworlds, token: Samples.tokenNumber) == .info(report))
    #expect(try Teeworlds.answer(Samples.teeworlds, token: 2) == nil)
    let first = Teeworlds.firstRequests(Samples.tokenNumber)
    #expect(first.map(\.count) == [520, 15])
  }

  @Test("Teeworlds 0.6 writes its numbers as text")
  func oldTeeworlds() throws {
    let report = ServerReport(
      name: "Old", map: "ctf1", version: "0.6.4", count: 1, limit: 12, players: [Player("Ann", score: -3)])
    #expect(try Teeworlds.answer(Samples.oldTeeworlds, token: Samples.tokenNumber) == .info(report))
    #expect(try Teeworlds.answer(Samples.oldTeeworlds, token: 69) == nil)
  }

  @Test("A2S tells scores below 0 and times, and a time that is none is unknown")
  func a2s() throws {
    #expect(
      try A2S.answer(Samples.a2sInfo)
        == .info(ServerReport(name: "Name", map: "de_dust", version: "1.0.0.70", count: 4, bots: 1, limit: 32)))
    #expect(
      try A2S.answer(Samples.a2sPlayers) == .players([Player("Ann", score: -2, seconds: 42), Player("", score: 7)]))
    #expect(try A2S.answer(Samples.ones + [0x41, 1, 0, 0, 0]) == .challenge(1))
  }

  @Test("parts of an answer may come in any order, twice, and with others between")
  func assembly() throws {
    var assembly = A2SAssembly()
    func part(_ id: UInt8, _ total: UInt8, _ number: UInt8, _ bytes: ArraySlice<UInt8>) -> [UInt8] {
      [254, 255, 255, 255, id, 0, 0, 0, total, number, 0xe0, 4] + bytes
    }
    let whole = Samples.a2sPlayers
    #expect(try assembly.add(part(1, 2, 0, [1])) == nil)
    #expect(try assembly.add(part(2, 3, 2, whole[20...])) == nil)
    #expect(try assembly.add(part(2, 3, 2, whole[20...])) == nil)
    #expect(try assembly.add(part(2, 3, 0, whole[..<8])) == nil)
    #expect(try assembly.add(part(2, 3, 1, whole[8..<20])) == whole)
    #expect(try assembly.add(whole) == whole)
    #expect(throws: AnswerFailure.self) { try assembly.add(part(1, 2, 2, [])) }
    #expect(throws: AnswerFailure.self) { try assembly.add(part(1, 0, 0, [])) }
    #expect(throws: AnswerFailure.self) { try assembly.add([254, 255, 255, 255, 1, 0, 0, 128, 1, 0, 0, 0]) }
  }

  @Test("Armagetron tells names with colours, in bytes that have a sign where they are written")
  func armagetron() throws {
    let report = ServerReport(
      name: "Den \"Zoë\" ä", version: "0.2.9.1_alpha20230222 unix dedicated", count: 1, limit: 16,
      players: [Player("Zoë An")])
    #expect(try Armagetron.isSmallAnswer(Samples.armagetronSmall))
    #expect(try Armagetron.report(Samples.armagetronSmall) == nil)
    #expect(try !Armagetron.isSmallAnswer(Samples.armagetron))
    #expect(try Armagetron.report(Samples.armagetron) == report)
    // An answer may come behind another message, in one packet.
    #expect(try Armagetron.report(Samples.armagetronSmall.dropLast(2) + Samples.armagetron) == report)

    func answer(_ fields: [UInt8]) -> [UInt8] { [0, 51, 0, 0, 0, UInt8(fields.count / 2)] + fields + [0, 0] }
    let front: [UInt8] = [0x11, 0xb6, 0, 0, 0, 0]
    let three: [UInt8] = [0, 3, 0, 0]
    let name: [UInt8] = [0, 4, 0xa8, 0xc3, 0, 0x61]
    #expect(try Armagetron.report(answer(front + name + three)) == ServerReport(name: "éa", count: 3))
    // "é", of a server from before UTF-8.
    #expect(try Armagetron.report(answer(front + [0, 2, 0xff, 0xe9] + three)) == ServerReport(name: "é", count: 3))
    let below: [UInt8] = [0xff, 0xff, 0xff, 0xff]
    #expect(throws: AnswerFailure.garbage("a number in it is below 0")) {
      try Armagetron.report(answer(front + name + below))
    }
    #expect(throws: AnswerFailure.self) { try Armagetron.report(Samples.armagetron.dropLast(4)) }
  }

  @Test(
    "what Armagetron takes for a colour goes, and nothing else",
    arguments: [
      ("0xff0000Red0xRESETT x", "Red x"), ("0x12", "0x12"), ("a0xFFFFFF", "a"), ("0xgggggg!", "0xgggggg!"),
      ("00x0000000", "00"),
    ])
  func armagetronColours(_ text: String, _ shown: String) throws {
    var words: [UInt8] = []
    let bytes = Array(text.utf8) + [0, 0]
    for at in stride(from: 0, to: text.utf8.count + 1, by: 2) { words += [bytes[at + 1], bytes[at]] }
    let fields = [0, 0, 0, 0, 0, 0, 0, UInt8(text.utf8.count + 1)] + words + [0, 0, 0, 0]
    let packet = [0, 51, 0, 0, 0, UInt8(fields.count / 2)] + fields + [0, 0]
    #expect(try Armagetron.report(packet)?.name == shown)
  }

  @Test("Luanti gives a number, which is given back")
  func luanti() throws {
    #expect(Luanti.hello == [0x4f, 0x45, 0x74, 0x03, 0, 0, 0, 1])
    #expect(try Luanti.peer(Samples.luanti) == 2)
    #expect(Luanti.farewell(from: 0x1234) == [0x4f, 0x45, 0x74, 0x03, 0x12, 0x34, 0, 0, 3])
    // A ping, which comes when the server has waited for a while.
    #expect(try Luanti.peer([0x4f, 0x45, 0x74, 0x03, 0, 1, 0, 3, 0xff, 0xdd, 0, 2]) == nil)
    #expect(throws: AnswerFailure.self) { try Luanti.peer([0x4f, 0x45, 0x74, 0x04, 0, 1, 0, 3, 0, 0, 0, 1, 0, 2]) }
    #expect(throws: AnswerFailure.self) { try Luanti.peer([0x4f, 0x45, 0x74, 0x03, 0, 2, 0, 3, 0, 0, 0, 1, 0, 2]) }
  }

  @Test("Minecraft tells JSON, and a name that may be text within text")
  func minecraft() throws {
    #expect(
      try Minecraft.report(Samples.minecraft)
        == ServerReport(
          name: "Hi there!", version: "1.21.4", count: 2, limit: 20, players: [Player("Ann"), Player("Bob")]))
    #expect(try Minecraft.report(json: Array("{}".utf8)) == ServerReport())
    #expect(
      try Minecraft.report(json: Array(#"{"players":{"max":-1,"online":-7},"description":"x"}"#.utf8))
        == ServerReport(name: "x"))
    #expect(
      try Minecraft.report(json: Array(#"{"players":{"max":20,"online":0}}"#.utf8))
        == ServerReport(count: 0, limit: 20, players: []))
    let deep = #"{"description":"# + String(repeating: #"{"extra":["#, count: 300) + String(repeating: "]}", count: 300)
    #expect(throws: AnswerFailure.self) { try Minecraft.report(json: Array((deep + "}").utf8)) }
    let request = Minecraft.request(address: "::1", port: 25565)
    #expect(request == [13, 0, 255, 255, 255, 255, 15, 3] + Array("::1".utf8) + [0x63, 0xdd, 1, 1, 0])
  }

  @Test("Palworld tells JSON in three answers")
  func palworld() throws {
    let (info, metrics, players) = Samples.palworld
    #expect(
      try Palworld.report(info: info, metrics: metrics, players: players)
        == ServerReport(name: "Pal", version: "v0.3.1", count: 2, limit: 32, players: [Player("Ann"), Player("Bob")]))
  }

  @Test(
    "Palworld's console has words for its calls",
    arguments: [
      ("info", "GET info "), ("save", "POST save {}"),
      ("announce Say \"hi\" to  all", #"POST announce {"message":"Say \"hi\" to  all"}"#),
      ("shutdown 30 Back soon", #"POST shutdown {"message":"Back soon","waittime":30}"#),
      ("shutdown 5", #"POST shutdown {"message":"","waittime":5}"#),
      ("kick steam_1 be nice", #"POST kick {"message":"be nice","userid":"steam_1"}"#),
      ("unban steam_1", #"POST unban {"userid":"steam_1"}"#),
    ])
  func palworldCalls(_ command: String, _ expected: String) throws {
    let call = try Palworld.call(command)
    #expect("\(call.method) \(call.name) \(String(decoding: call.json ?? [], as: UTF8.self))" == expected)
  }

  @Test("other words are none of Palworld's", arguments: ["", "fly", "announce", "shutdown", "shutdown now", "save x"])
  func palworldRefusals(_ command: String) {
    #expect(throws: AnswerFailure.self) { try Palworld.call(command) }
  }

  @Test(
    "a head of HTTP says where the answer ends",
    arguments: [
      ("HTTP/1.1 200 OK\r\nContent-Length: 12", 200, .bytes(12)), ("HTTP/1.0 204 No", 204, .bytes(0)),
      ("HTTP/1.1 500 Oh\r\ncontent-length: 1\r\nTRANSFER-encoding:  Chunked", 500, .chunked),
      ("HTTP/1.1 200 OK\r\nX: y:z", 200, .untilClosed),
    ] as [(String, Int, HTTPExchange.Head.Length)])
  func heads(_ text: String, _ status: Int, _ length: HTTPExchange.Head.Length) throws {
    let head = try HTTPExchange.Head(Array(text.utf8))
    #expect(head.status == status)
    #expect(head.length == length)
  }

  @Test(
    "what is no head of HTTP is refused",
    arguments: [
      "", "HTTP/1.1", "HTTP/2 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 -20 OK", "HTTP/1.1 200 OK\r\nContent-Length: -1",
      "HTTP/1.1 200 OK\r\nContent-Length: 1x", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip", "HTTP/1.1 200 OK\r\nx",
    ])
  func badHeads(_ text: String) {
    #expect(throws: AnswerFailure.self) { try HTTPExchange.Head(Array(text.utf8)) }
  }

  @Test("a length beyond the bound is refused at once")
  func longHead() {
    #expect(throws: ConnectionFailure.tooLarge(bytes: 1_048_576)) {
      try HTTPExchange.Head(Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999".utf8))
    }
  }

  @Test(
    "a Quake 3 password is sent only as it can be read",
    arguments: ["", "a b", "a\"b", "a;b", "a%b", "a\\b", "//", "ä"])
  func quakePasswords(_ password: String) {
    #expect(throws: AnswerFailure.self) { try Quake3.commandRequest("status", password: password) }
  }
}
