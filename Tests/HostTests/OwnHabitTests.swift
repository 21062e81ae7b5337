import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Debian's own game servers on files as their people and packages write them; each is asked what it took.
@Suite("Real servers on files in their own habits")
struct OwnHabitTests {
  /// Puts a person's text in the place of a config file, and lets Berth mend it.
  private func mend(_ box: SandboxFixture, _ app: String, _ file: String, _ text: String) async throws {
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    let update = try await box.berth("update", app)
    #expect(update.status == 0, "\(update.errors)")
    let again = try await box.berth("update", app, "--check", "--json")
    #expect(again.status == 0, "\(again.output)\(again.errors)")
  }

  private func home(_ box: SandboxFixture, _ app: String) -> String { "\(box.root)/state/instances/\(app)/default" }

  @Test(
    "OpenArena takes Berth's settings between block comments, 'seta' and what runs behind a '#', and keeps a person's")
  func openArena() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth(
        "install", "openarena", "--set", "server-name=Den one", "--set", "motd=Hello there", "--set", "max-clients=9",
        "--set", "password=sesame")
      try #require(run.status == 0, "\(run.errors)")
      let file = "\(home(box, "openarena"))/data/baseoa/server.cfg"
      let own = try String(contentsOfFile: "/etc/openarena-server/server.cfg", encoding: .utf8)
      try await mend(
        box, "openarena", file,
        own + """
          /* what follows was tried once; sv_hostname Tried
             seta sv_hostname "Tried"
          */
          seta sv_hostname "An old name" // of last year
          sets Admin "Zoë; set sv_maxclients 3"
          seta g_allowVote "0"
          set timelimit 7
          seta fraglimit "33" // of last year
          # the club's; set sv_hostname Hash; set g_password other
          """)
      func told(_ name: String) async throws -> String {
        // The server answers an address once a second.
        try await Task.sleep(for: .milliseconds(1200))
        let run = try await box.berth("console", "openarena", name)
        return run.output.firstMatch(of: /is:"([^"]*)"/).map { String($0.1) } ?? run.output + run.errors
      }
      #expect(try await box.berth("players", "openarena", "--json").json()["server"].text == "Den one")
      #expect(try await told("sv_maxclients") == "9")
      #expect(try await told("g_motd") == "Hello there")
      #expect(try await told("g_needpass") == "1")
      #expect(try await told("g_allowVote") == "0")
      #expect(try await told("Admin") == "Zoë; set sv_maxclients 3")
      #expect(try await told("fraglimit") == "20")
      #expect(SandboxFixture.text(file).contains("\n// of last year\nseta fraglimit 20\n"))
      #expect(SandboxFixture.text(file).contains("# the club's; set sv_hostname Hash"))
      // A comment without an end would swallow the rest, and the server would play no map.
      let text = SandboxFixture.text(file)
      try (text + "/* notes\n").write(toFile: file, atomically: false, encoding: .utf8)
      let refused = try await box.berth("config", "set", "openarena", "frag-limit=30", "--json")
      #expect(refused.status == 65)
      #expect(try refused.failure()["code"].text == "broken-config-file")
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      // The setting, and not what the file names as its first map.
      #expect(try await box.berth("players", "openarena", "--json").json()["map"].text == "oa_dm1")
    }
  }

  @Test("Teeworlds takes Berth's settings from its package's own file")
  func teeworlds() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "teeworlds", "--set", "motd=He said \"hi\"", "--set", "max-clients=7")
      try #require(run.status == 0, "\(run.errors)")
      let own = try String(contentsOfFile: "/etc/teeworlds/server.cfg", encoding: .utf8)
      let file = "\(home(box, "teeworlds"))/config/server.cfg"
      try await mend(
        box, "teeworlds", file, own + "SV_MAX_CLIENTS 3; sv_motd \"a; b\" # old\n// x; sv_max_clients 2\nsv_warmup 33")
      #expect(try await box.berth("console", "teeworlds", "sv_motd").output == "[Console]: Value: He said \"hi\"\n")
      #expect(try await box.berth("console", "teeworlds", "sv_max_clients").output == "[Console]: Value: 7\n")
      #expect(try await box.berth("console", "teeworlds", "sv_warmup").output == "[Console]: Value: 33\n")
      #expect(try await box.berth("console", "teeworlds", "sv_vote_kick_bantime").output == "[Console]: Value: 60\n")
    }
  }

  @Test("Mumble takes Berth's settings from its package's own file, and an odd quote in it hides none of them")
  func mumble() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "mumble", "--set", "users=37")
      try #require(run.status == 0, "\(run.errors)")
      let own = try String(contentsOfFile: "/etc/mumble-server.ini", encoding: .utf8)
      let file = "\(home(box, "mumble"))/config/mumble.ini"
      try await mend(box, "mumble", file, own.replacing("\nusers=100", with: "\nusers = 3\nrememberchannel=\"a\n\nx\""))
      let report = try await box.berth("players", "mumble", "--json").json()
      #expect(report["max"].integer == 37)
      #expect(SandboxFixture.text(file).contains("\nusers = 37\n"))
      // What Qt reads at the top is Berth's wherever it stands, also behind an editor's mark.
      let mark = "\u{FEFF}users=9\n"
      try await mend(
        box, "mumble", file, mark + own.replacing("\nusers=100", with: "\n") + "\n[General]\nusers=7\nport=1\n")
      #expect(try await box.berth("players", "mumble", "--json").json()["max"].integer == 37)
      // Berth's key within what Qt takes for one value would hold for some readers only.
      try own.replacing("\nusers=100", with: "\nrememberchannel=\"a\nusers=3\n\"\n")
        .write(toFile: file, atomically: false, encoding: .utf8)
      let refused = try await box.berth("update", "mumble", "--json")
      #expect(refused.status == 65)
      #expect(try refused.failure()["code"].text == "broken-config-file")
    }
  }

  @Test("Luanti takes Berth's settings among groups, long texts and lines without blanks")
  func luanti() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "luanti", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let port = try #require(try run.json()["ports"][0]["port"].integer)
      let own = try String(contentsOfFile: "/etc/minetest/minetest.conf", encoding: .utf8)
      let file = "\(home(box, "luanti"))/config/minetest.conf"
      try await mend(
        box, "luanti", file,
        own.replacing(" = ", with: "=")
          + "motd = \"\"\"\nport = 7\n\"\"\"\nnoise = {\n  port = 8\n}\nport=9\npath = C:\\\nport = 10\n")
      let lines = try await LogWatch.lines(box, "luanti", until: "listening on")
      #expect(lines.contains { $0.contains("listening on") && $0.contains(":\(port)") }, "\(lines.suffix(20))")
      #expect(try await box.berth("status", "luanti", "--json").json()["status"].text == "running")
      #expect(SandboxFixture.text(file).contains("\nport=\(port)\n"))
    }
  }

  @Test("Armagetron reads a byte for each letter, and is given no other letters")
  func armagetron() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "armagetron", "--set", "server-name=Zoë's grid", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let file = "\(home(box, "armagetron"))/config/settings_custom.cfg"
      let bytes = try #require(FileManager.default.contents(atPath: file))
      #expect(bytes.firstRange(of: Data("SERVER_NAME Zo".utf8) + [0xEB]) != nil)
      #expect(try await box.berth("players", "armagetron", "--json").json()["server"].text == "Zoë's grid")
      let refused = try await box.berth("config", "set", "armagetron", "server-name=Łódź", "--json")
      #expect(refused.status == 64)
      #expect(try refused.failure()["code"].text == "bad-config-value")
      #expect(FileManager.default.contents(atPath: file) == bytes)
      #expect(try await box.berth("update", "armagetron", "--check").status == 0)
    }
  }
}
