import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// A world that is written to all the time: by a mod, so that no client is needed.
@Suite("Luanti, backed up while its world is written to")
struct LuantiBackupTests {
  /// Counts the server's steps into the mod's storage, twice, and sets a node and makes new land at each of them.
  private static let mod = """
    local storage = minetest.get_mod_storage()
    local count = storage:get_int("count")
    minetest.register_node("load:brick", {})
    minetest.register_globalstep(function()
      count = count + 1
      storage:set_int("count", count)
      storage:set_int("twin", count)
      local at = {x = count % 500 * 16, y = 8, z = math.floor(count / 500) * 16}
      minetest.load_area(at)
      minetest.set_node(at, {name = "load:brick"})
      minetest.get_meta(at):set_int("count", count)
      minetest.emerge_area(at, at)
    end)
    """

  private static func ask(_ database: String, _ sql: String) async throws -> String {
    try await SubprocessRunner().succeed(Command("sqlite3", ["-readonly", "-cmd", ".timeout 5000", database, sql]))
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// What the mod has stored under both of its keys.
  private static func counts(_ world: String) async throws -> [Int] {
    let sql = "SELECT CAST(value AS TEXT) FROM entries WHERE CAST(key AS TEXT) IN ('count', 'twin')"
    return try await ask("\(world)/mod_storage.sqlite", sql).split(separator: "\n").compactMap { Int($0) }
  }

  private static func expectWhole(_ world: String) async throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: world).filter { $0.hasSuffix(".sqlite") }
    #expect(
      Set(names).isSuperset(of: ["map.sqlite", "mod_storage.sqlite", "players.sqlite", "auth.sqlite"]), "\(names)")
    for name in names { #expect(try await ask("\(world)/\(name)", "PRAGMA integrity_check") == "ok", "\(name)") }
    #expect(Int(try await ask("\(world)/map.sqlite", "SELECT count(*) FROM blocks")) ?? 0 > 0)
  }

  @Test("the server runs on, and every database is whole and of a moment during the backup", .timeLimit(.minutes(30)))
  func world() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "luanti", "--no-start", "--set", "step=0.02", "--set", "gameid=devtest")
      try chest.put("data/world/worldmods/load/init.lua", Self.mod)
      try chest.put("data/world/worldmods/load/mod.conf", "name = load\n")
      let config = (chest.text("config/minetest.conf") ?? "") + "server_map_save_interval = 0.1\nmg_name = singlenode\n"
      try chest.put("config/minetest.conf", config)
      try await box.succeed("start", "luanti")
      let world = chest.path("data/world")
      // The server writes a mod's storage for the first time after ten seconds.
      for _ in 0..<120 where (try? await Self.counts(world).first ?? 0) ?? 0 < 20 {
        try await Task.sleep(for: .milliseconds(250))
      }
      let process = try await chest.process()

      let first = try #require(try await Self.counts(world).first)
      let backup = try await chest.backup("--verify")
      let last = try #require(try await Self.counts(world).first)
      #expect(first > 0 && last > first, "it is written to meanwhile: \(first), \(last)")
      #expect(backup["pause"] == .number(0))
      #expect(try await chest.process() == process)
      #expect(!chest.exists("cache/.berth-backup"))
      try await Task.sleep(for: .milliseconds(300))
      let next = try await chest.backup()
      #expect(next["kind"].text == "diff")

      // As it came out of the archive, before a server has seen it.
      let id = try #require(backup["id"].text)
      let made = try await chest.restore("--backup", id, "--as", "Copy", "--no-start")
      let copy = try #require(made["dir"].text) + "/data/world"
      let counts = try await Self.counts(copy)
      #expect(counts.count == 2 && counts[0] == counts[1], "\(counts)")
      #expect((first...last).contains(counts[0]), "\(first) ≤ \(counts) ≤ \(last)")
      try await Self.expectWhole(copy)
      try await box.succeed("start", "luanti", "--instance", "Copy")
      #expect(try ServerClient.luanti(port: made.port) > 0)

      try chest.put("data/world/worldmods/load/init.lua", "error('spoilt')")
      try await chest.restore("--instance", "default")
      let port = try await box.succeed("status", "luanti", "--instance", "default", "--json").json().port
      #expect(try ServerClient.luanti(port: port) > 0)
      #expect(chest.text("data/world/worldmods/load/init.lua") == Self.mod)
      try await box.succeed("stop", "luanti", "--all")
      try await Self.expectWhole(world)
      try await Self.expectWhole(copy)
      // It went on from where the backup was.
      #expect(try await Self.counts(world).first ?? 0 > counts[0])
      try await chest.expectSound()
    }
  }
}
