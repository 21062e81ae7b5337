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

  /// What it says first.
  private static let greeting = "This is the server for Freeciv"

  private func wait(until isOver: () async throws -> Bool) async throws {
    for _ in 0..<150 {
      if try await isOver() { return }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// Gives a command and tells the answer.
  ///
  /// The port is open before the server has read its settings. It reads one line whenever some come, so that of two which have
  /// waited for it the second would wait for a third one.
  private func say(_ box: SandboxFixture, _ command: String, to name: String = "default") async throws -> String {
    try await wait { try await isReady(box, name) }
    let run = try await box.berth("console", "freeciv", "--instance", name, command)
    #expect(run.status == 0, "\(run.errors)")
    return run.output
  }

  private func isReady(_ box: SandboxFixture, _ name: String) async throws -> Bool {
    let log = try await log(box, name)
    guard let start = log.range(of: Self.greeting, options: .backwards) else { return false }
    return log[start.upperBound...].contains("Now accepting new client connections")
  }

  /// The names of the players, which a game gives to each anew.
  private func players(_ box: SandboxFixture, of name: String = "default") async throws -> [String] {
    try await say(box, "list players", to: name).split(separator: "\n").filter { $0.contains(" [#") }
      .compactMap { $0.split(separator: " [").first.map(String.init) }
  }

  /// Starts the game, and waits until it is saved as of its first turn.
  private func start(_ box: SandboxFixture, _ report: JSON) async throws {
    _ = try await say(box, "start")
    let path = try save(report)
    try await wait { FileManager.default.fileExists(atPath: path) }
  }

  private func log(_ box: SandboxFixture, _ name: String = "default") async throws -> String {
    try await box.berth("logs", "freeciv", "--instance", name, "--lines", "2000").output
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

      try await start(box, report)
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
      try await start(box, report)
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
        "clone", "freeciv", "--instance", "default", "--instance-name", "copy", "--port", "\(FreePorts.block(1))",
        "--yes")
      #expect(copy.status == 0, "\(copy.errors)")
      #expect(try await players(box, of: "copy") == rulers)
    }
  }

  @Test("after a crash a game goes on with its last turn")
  func crash() async throws {
    try await SandboxFixture.with { box in
      let report = try await install(box, "--set", "players=3")
      try await start(box, report)
      let rulers = try await players(box)
      let process = try #require(report["services"][0]["main_pid"].integer)
      #expect(kill(pid_t(process), SIGKILL) == 0)
      // Until there is a new one, what the log says is that of the one that was killed.
      try await wait { try await log(box).ranges(of: Self.greeting).count == 2 }
      #expect(try await players(box) == rulers)
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
