import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Real servers are backed up, changed and brought back")
struct RoundTripTests {
  private func ask(_ program: String, _ arguments: [String], _ environment: [String: String] = [:]) async throws
    -> String
  {
    try await SubprocessRunner().succeed(Command(program, arguments, environment: environment))
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test("Teeworlds: its name, a person's own lines and its maps, without a moment's stop; a difference brings back too")
  func teeworlds() async throws {
    try await SandboxFixture.with { box in
      // The usual one may be somebody else's by the time that it comes back.
      let port = FreePorts.block(1)
      let chest = try await Chest.install(box, "teeworlds", "--instance-name", "Arena", "--port", "\(port)")
      try chest.put("config/server.cfg", (chest.text("config/server.cfg") ?? "") + "sv_vote_kick 0\n")
      try chest.put("data/teeworlds/maps/own.map", "a map")
      let process = try await chest.process()
      let full = try await chest.backup("--note", "before")
      #expect(full["kind"].text == "full" && full["pause"] == .number(0) && full["note"].text == "before")
      try chest.put("data/teeworlds/maps/second.map", "another map")
      let next = try await chest.backup()
      #expect(next["kind"].text == "diff" && next["base"] == full["id"])
      #expect(try await chest.process() == process)

      try await box.succeed("config", "set", "teeworlds", "server-name=Changed")
      try chest.put("data/teeworlds/maps/own.map", "spoilt")
      try chest.remove("data/teeworlds/maps/second.map")
      try chest.put("data/teeworlds/maps/third.map", "of later")
      #expect(try ServerClient.teeworlds(port: port).name == "Changed")
      let back = try await chest.restore()
      #expect(back["status"].text == "running" && back.port == port)
      #expect(try ServerClient.teeworlds(port: port).name == "Arena")
      #expect(chest.text("config/server.cfg")?.contains("sv_vote_kick 0\n") == true)
      #expect(chest.text("data/teeworlds/maps/own.map") == "a map")
      #expect(chest.text("data/teeworlds/maps/second.map") == "another map")
      #expect(!chest.exists("data/teeworlds/maps/third.map"))

      try await chest.restore("--backup", try #require(full["id"].text))
      #expect(!chest.exists("data/teeworlds/maps/second.map"))
      let server = try #require(try await chest.process())
      let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(server)")[.ownerAccountID] as? Int
      let own = try FileManager.default.attributesOfItem(atPath: chest.path("data/teeworlds/maps/own.map"))
      #expect(own[.ownerAccountID] as? Int == owner)
      try await chest.expectSound()
      try await box.succeed("remove", "teeworlds", "--yes")
      // Backups outlive their instance, which comes back under its own id.
      #expect(try await chest.backups().count == 2)
      #expect(try await chest.restore()["instance_id"] == back["instance_id"])
      #expect(chest.text("data/teeworlds/maps/second.map") == "another map")
      #expect(try ServerClient.teeworlds(port: port).name == "Arena")
    }
  }

  @Test("Teeworlds: a clone has data of the same kind and a place, a port and a secret of its own")
  func clone() async throws {
    try await SandboxFixture.with { box in
      let source = try await Chest.install(box, "teeworlds", "--instance-name", "Arena", "--set", "motd=Hello")
      try source.put("data/teeworlds/maps/own.map", "a map")
      let process = try await source.process()
      let run = try await box.succeed("clone", "teeworlds", "--instance-name", "Test")
      let made = try await box.succeed("status", "teeworlds", "--instance", "Test", "--json").json()
      #expect(run.errors.contains("port game: "), "\(run.errors)")
      let copy = Chest(box: box, app: "teeworlds", folder: try #require(made["dir"].text))
      #expect(copy.text("data/teeworlds/maps/own.map") == "a map")
      let names = try await box.succeed("list", "--json").json().list
      #expect(names.map { $0["instance_name"].text } == ["Arena", "Test"])
      #expect(names[0].port != names[1].port && names[0]["services"][0]["status"].text == "running")
      #expect(try ServerClient.teeworlds(port: names[1].port).map == "dm1")
      let settings = try await Self.settings(box, "Arena")
      let cloned = try await Self.settings(box, "Test")
      #expect(cloned["motd"].text == "Hello" && settings["rcon-password"] != cloned["rcon-password"])
      #expect(copy.text("config/server.cfg")?.contains(cloned["rcon-password"].text ?? "none") == true)
      #expect(copy.text("config/server.cfg")?.contains(settings["rcon-password"].text ?? "none") == false)
      #expect(try await source.backups().isEmpty)
      let arena = try await box.succeed("status", "teeworlds", "--instance", "Arena", "--json").json()
      #expect(arena["services"][0]["main_pid"].integer == process)
      try await source.expectSound()
    }
  }

  private static func settings(_ box: SandboxFixture, _ name: String) async throws -> JSON {
    try await box.succeed("status", "teeworlds", "--instance", name, "--reveal", "--json").json()["settings"]
  }

  @Test("Redis: the keys of one moment, in place and in a new instance with a password of its own")
  func redis() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "redis")
      func cli(_ instance: String, _ words: String...) async throws -> String {
        let status = try await box.succeed("status", "redis", "--instance", instance, "--reveal", "--json").json()
        return try await ask(
          "redis-cli", ["-p", "\(status.port("redis"))"] + words,
          ["REDISCLI_AUTH": status["settings"]["password"].text ?? ""])
      }
      #expect(try await cli("default", "set", "ward", "north") == "OK")
      let process = try await chest.process()
      let backup = try await chest.backup()
      #expect(backup["pause"] == .number(0))
      #expect(try await chest.process() == process)
      // What was done before the copy is undone after it.
      #expect(try await cli("default", "config", "get", "auto-aof-rewrite-percentage").hasSuffix("100"))
      #expect(try await cli("default", "bgrewriteaof").contains("started"))
      #expect(try await cli("default", "set", "ward", "south") == "OK")
      #expect(try await cli("default", "set", "later", "1") == "OK")
      try await chest.restore()
      #expect(try await cli("default", "get", "ward") == "north")
      #expect(try await cli("default", "exists", "later") == "0")

      let copy = try await chest.restore("--as", "Copy")
      let name = try #require(copy["instance_id"].text)
      #expect(try await cli(name, "get", "ward") == "north")
      let passwords = try await [name, "default"].asyncMap {
        try await box.succeed("config", "get", "redis", "password", "--instance", $0, "--reveal").output
      }
      #expect(passwords[0] != passwords[1])
      try await chest.expectSound()
    }
  }

  @Test("Redis: what was done before a copy is undone wherever the backup fails")
  func redisFailing() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "redis")
      let status = try await box.succeed("status", "redis", "--reveal", "--json").json()
      func cli(_ words: String...) async throws -> String {
        try await ask(
          "redis-cli", ["-p", "\(status.port("redis"))"] + words,
          ["REDISCLI_AUTH": status["settings"]["password"].text ?? ""])
      }
      var points = 0
      for point in 1...200 {
        let run = try await box.berth("backup", "redis", "--json", environment: ["BERTH_FAULT": "fail:\(point)"])
        #expect(try await cli("config", "get", "auto-aof-rewrite-percentage").hasSuffix("100"), "at \(point)")
        #expect(try await cli("acl", "list").contains("-bgrewriteaof") == false, "at \(point)")
        if run.status == 0 { break }
        points = point
        let last = try await chest.status()["last_backup"]
        #expect(last["succeeded"] == .boolean(false) && last["error"].text?.contains("\(point)") == true, "\(last)")
      }
      #expect(points > 5)
      #expect(try await chest.backups().count == 1)
      #expect(try await chest.status()["last_backup"]["succeeded"].isTrue)
      try await chest.expectSound()
    }
  }

  @Test("Mosquitto: retained messages, with a stop that is measured, and the certificate")
  func mosquitto() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "mosquitto", "--set", "require-certificate=false")
      func publish(_ text: String) async throws {
        let port = try await chest.status().port("mqtt")
        _ = try await ask(
          "mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(port)", "-t", "ward", "-m", text, "-r", "-q", "1"])
      }
      func retained(_ instance: String) async throws -> String {
        let port = try await box.succeed("status", "mosquitto", "--instance", instance, "--json").json().port("mqtt")
        return try await ask("mosquitto_sub", ["-h", "127.0.0.1", "-p", "\(port)", "-t", "ward", "-C", "1", "-W", "5"])
      }
      try await publish("north")
      let certificate = chest.text("data/certificate.pem")
      let process = try await chest.process()
      let backup = try await chest.backup()
      let pause = backup["pause"].number ?? 0
      #expect(pause > 0 && pause < 30)
      #expect(try await chest.process() != process)
      #expect(try await retained("default") == "north")
      try await publish("south")
      try chest.put("data/certificate.pem", "spoilt")
      try await chest.restore()
      #expect(try await retained("default") == "north")
      #expect(chest.text("data/certificate.pem") == certificate)
      let copy = try await chest.restore("--as", "Copy")
      #expect(try await retained(try #require(copy["instance_id"].text)) == "north")
      try await chest.expectSound()
    }
  }

  @Test("Mumble: its channels and its certificate, copied by the database itself")
  func mumble() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "mumble", "--set", "users=37")
      func sql(_ text: String) async throws -> String {
        try await ask("sqlite3", ["-cmd", ".timeout 5000", chest.path("data/mumble.sqlite"), text])
      }
      // While it is stopped, so that no other user's journal stands in its way.
      func change(_ text: String) async throws {
        try await box.succeed("stop", "mumble")
        _ = try await sql(text)
        try await box.succeed("start", "mumble")
      }
      try await change("INSERT INTO channels (server_id, channel_id, parent_id, name) VALUES (1, 7, 0, 'Ward')")
      let certificate = "SELECT value FROM config WHERE key = 'certificate'"
      let before = try await sql(certificate)
      let process = try await chest.process()
      let backup = try await chest.backup()
      #expect(backup["pause"] == .number(0))
      #expect(try await chest.process() == process)
      #expect(!chest.exists("cache/.berth-backup"))
      try await change(
        "DELETE FROM channels WHERE channel_id = 7; UPDATE config SET value = 'x' WHERE key = 'welcometext'")
      try await chest.restore()
      #expect(try await sql("SELECT name FROM channels WHERE channel_id = 7") == "Ward")
      #expect(try await sql("PRAGMA integrity_check") == "ok")
      #expect(try await sql(certificate) == before && before.contains("BEGIN CERTIFICATE"))
      #expect(try ServerClient.mumble(port: try await chest.status().port) == 37)
      try await chest.expectSound()
    }
  }

  @Test("Icecast, the Swift plugin: its document comes back, with the passwords that were in it")
  func icecast() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "icecast", "--set", "location=North")
      let before = chest.text("config/icecast.xml")
      try await chest.backup("--compression", "gzip")
      try await box.succeed("config", "set", "icecast", "location=South", "admin-password=otherwise0123456789")
      #expect(chest.text("config/icecast.xml") != before)
      try await chest.restore()
      #expect(chest.text("config/icecast.xml") == before)
      #expect(try await box.succeed("config", "get", "icecast", "location").output == "North\n")
      try await chest.expectSound()
    }
  }
}
