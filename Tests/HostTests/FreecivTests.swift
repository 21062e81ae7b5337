import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Debian's own Freeciv, which reads its commands from its standard input and saves what it is told to.
@Suite("Freeciv")
struct FreecivTests {
  /// Installs one whose game starts with the computer's players alone.
  private func install(_ box: SandboxFixture, _ words: String...) async throws -> JSON {
    let game = ["--set", "min-players=0", "--set", "tiles=40", "--set", "ruleset=classic"]
    let run = try await box.berth(["install", "freeciv"] + game + words + ["--json"])
    try #require(run.status == 0, "\(run.errors)")
    return try run.json()
  }

  private func say(_ box: SandboxFixture, _ command: String, to id: String = "default") async throws -> String {
    let run = try await box.berth("console", "freeciv", "--instance", id, command)
    #expect(run.status == 0, "\(run.errors)")
    return run.output
  }

  /// The names of the players, which a game gives to each anew.
  ///
  /// The port is open before the server has read its settings, so that what it says first may be about these.
  private func players(_ box: SandboxFixture, of id: String = "default") async throws -> [String] {
    for _ in 0..<20 {
      let names = try await say(box, "list players", to: id).split(separator: "\n").filter { $0.contains(" [#") }
        .compactMap { $0.split(separator: " [").first.map(String.init) }
      if !names.isEmpty { return names }
    }
    return []
  }

  /// Starts the game, and waits until it is saved as of its first turn.
  private func start(_ box: SandboxFixture) async throws {
    _ = try await say(box, "start")
    for _ in 0..<100 where !(try await log(box).contains("Game saved as")) {
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  private func log(_ box: SandboxFixture) async throws -> String {
    try await box.berth("logs", "freeciv", "--instance", "default", "--lines", "2000").output
  }

  private func save(_ report: JSON) throws -> String { "\(try #require(report["dir"].text))/data/world.sav.gz" }

  private func date(_ path: String) throws -> Date {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
  }

  @Test("two stand side by side, each takes commands, and a game goes on after a stop, which waits until it is saved")
  func life() async throws {
    try await SandboxFixture.with { box in
      let report = try await install(box, "--set", "players=3")
      _ = try await install(box, "--instance-name", "other", "--set", "players=2")
      #expect(try await players(box) == ["AI*1", "AI*2", "AI*3"])
      #expect(try await players(box, of: "other") == ["AI*1", "AI*2"])
      #expect(try await say(box, "show maxplayers", to: "other").contains(" 30 "))

      try await start(box)
      let rulers = try await players(box)
      #expect(rulers.count == 3 && !rulers.contains("AI*1"), "\(rulers)")
      let before = try date(try save(report))
      let stop = try await box.berth("stop", "freeciv", "--instance", "default")
      #expect(stop.status == 0, "\(stop.errors)")
      let end = try await log(box)
      #expect(end.contains("Goodbye.") && !end.contains("Killed"), "\(end)")
      let saved = try date(try save(report))
      #expect(saved > before)

      // The game that was saved last, with what has changed in the settings.
      let change = try await box.berth("config", "set", "freeciv", "--instance", "default", "turn-time=77", "players=5")
      #expect(change.status == 0, "\(change.errors)")
      #expect(try await box.berth("start", "freeciv", "--instance", "default").status == 0)
      #expect(try await players(box) == rulers)
      #expect(try await say(box, "show timeout").contains(" 77 "))
      // Nobody has taken it up again, and it is the same game after another stop.
      #expect(try await box.berth("restart", "freeciv", "--instance", "default").status == 0)
      #expect(try await players(box) == rulers)
      #expect(try await say(box, "start").contains("Starting game."))
      #expect(try await players(box, of: "other") == ["AI*1", "AI*2"])
      #expect(try await box.berth("doctor").status == 0)
      #expect(try await box.berth("remove", "freeciv", "--all", "--yes").status == 0)
    }
  }

  @Test("a game comes back from a backup, here and in a copy")
  func backup() async throws {
    try await SandboxFixture.with { box in
      let report = try await install(box, "--set", "players=3")
      try await start(box)
      let rulers = try await players(box)
      let backup = try await box.berth("backup", "freeciv")
      #expect(backup.status == 0, "\(backup.errors)")
      // It was stopped for the copy, and so all of it is in there.
      #expect(try await players(box) == rulers)

      #expect(try await box.berth("stop", "freeciv").status == 0)
      try FileManager.default.removeItem(atPath: try save(report))
      #expect(try await box.berth("start", "freeciv").status == 0)
      #expect(try await players(box) == ["AI*1", "AI*2", "AI*3"])
      let back = try await box.berth("restore", "freeciv", "--yes")
      #expect(back.status == 0, "\(back.errors)")
      #expect(try await players(box) == rulers)

      let copy = try await box.berth(
        "clone", "freeciv", "--instance", "default", "--instance-name", "copy", "--port", "\(FreePorts.block(1))", "--yes")
      #expect(copy.status == 0, "\(copy.errors)")
      #expect(try await players(box, of: "copy") == rulers)
    }
  }

  @Test("a game that is broken on the disk is not replaced by a new one")
  func broken() async throws {
    try await SandboxFixture.with { box in
      let report = try await install(box, "--set", "players=3")
      try await start(box)
      #expect(try await box.berth("stop", "freeciv").status == 0)
      // As of a host that lost power while it wrote.
      let path = try save(report)
      let whole = try Data(contentsOf: URL(filePath: path))
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.truncate(atOffset: UInt64(whole.count / 2))
      try file.close()
      _ = try await box.berth("start", "freeciv")
      for _ in 0..<100 where !(try await log(box).contains("an not load the savegame")) {
        try await Task.sleep(for: .milliseconds(200))
      }
      _ = try await box.berth("stop", "freeciv")
      #expect(try Data(contentsOf: URL(filePath: path)) == whole.prefix(whole.count / 2))
    }
  }

  @Test(
    "no setting brings a command of its own",
    arguments: [
      "ruleset=classic\nquit", "skill=hard; quit", "ruleset=../../tmp", "players=3\nset aifill 150", "turn-time=-1",
      "skill=quit", "players=3 # four", "tiles=0",
    ])
  func hostile(_ setting: String) async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "freeciv", "--set", setting, "--json")
      #expect(run.status == 64, "\(run.output)\(run.errors)")
      #expect(try await box.berth("list", "--json").json() == .list([]))
    }
  }
}
