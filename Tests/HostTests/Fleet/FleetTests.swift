import Foundation
import TestSupport
import Testing

@Suite("A fleet file and real servers")
struct FleetTests {
  /// Three servers by number and one with a port and a password of its own.
  private static func fleet(port: Int, arenas: String = "", duel: String? = "max-clients: 2, password: hunter2")
    -> String
  {
    let head = """
      schema: 1
      name: lan
      defaults: { labels: { site: north } }
      instances:
        - { app: teeworlds, name: arena, count: 3\(arenas) }

      """
    guard let duel else { return head }
    return head + "  - { app: teeworlds, name: duel, ports: { game: \(port) }, settings: { \(duel) } }\n"
  }

  @Test("gives the ids that its plan has shown")
  func ids() async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("idle", FixturePlugins.idle(extra: "backup: { data: { files: [\"{{paths.data}}\"] } }"))
      let file = try box.write(
        "fleet.yaml",
        "schema: 1\ninstances:\n  - { app: idle, name: north, count: 3 }\n  - { app: idle, name: south }\n")
      func shown(_ words: String...) async throws -> [String] {
        try await box.berth(words + ["--json"]).json()["changes"].list.compactMap { $0["instance_id"].text }
      }
      let plan = try await shown("plan", "-f", file)
      #expect(Set(plan).count == 4)
      #expect(try await shown("apply", "-f", file) == plan)
      #expect(try await Set(box.berth("list", "--json").json().list.compactMap { $0["instance_id"].text }) == Set(plan))

      // One more, and a copy: each plan says the same until it is carried out, and something else afterwards.
      let next = try await box.berth("install", "idle", "--dry-run", "--json")
      #expect(try await box.berth("install", "idle", "--dry-run", "--json").output == next.output)
      let id = try next.json()["changes"][0]["instance_id"].text
      #expect(try await box.berth("install", "idle", "--json").json()["instance_id"].text == id)
      let copy = try await shown("clone", "idle", "--instance", "south", "--instance-name", "west", "--dry-run")
      try await box.succeed("clone", "idle", "--instance", "south", "--instance-name", "west")
      #expect(try await box.berth("list", "--json").json().list.contains { $0["instance_id"].text == copy.first })
      #expect(try await shown("install", "idle", "--dry-run").first.map { !(plan + copy + [id]).contains($0) } == true)
    }
  }

  @Test("makes what it lists, changes what differs, leaves the rest alone, and prunes only with a yes")
  func life() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      let file = try box.write("fleet.yaml", Self.fleet(port: port))
      let draft = try await box.berth("plan", "-f", file)
      #expect(draft.status == 1 && draft.output.contains("+ make teeworlds/arena-2"), "\(draft.output)\(draft.errors)")
      #expect(!draft.output.contains("hunter2"))
      #expect(!FileManager.default.fileExists(atPath: "\(box.root)/state/instances"))

      let applied = try await box.berth("apply", "-f", file, "--json")
      try #require(applied.status == 0, "\(applied.errors)")
      #expect(try applied.json().keys == ["changes", "failed", "instances"])
      #expect(try applied.json()["instances"].list.map { $0["status"].text } == Array(repeating: "running", count: 4))
      #expect(try applied.json()["changes"].list.map { $0["action"].text } == Array(repeating: "make", count: 4))
      let first = try await Servers(box)
      #expect(Set(first.ports.values).count == 4 && first.ports["duel"] == port)
      for (name, port) in first.ports { #expect(try ServerClient.teeworlds(port: port).name == name) }
      #expect(try await box.berth("list", "--label", "site=north", "--json").json().list.count == 4)

      // A second time there is nothing to do, and nothing was done.
      let again = try await box.berth("apply", "-f", file, "--prune")
      #expect(again.status == 0 && again.output == "nothing to do\n", "\(again.output)\(again.errors)")
      #expect(try await box.berth("plan", "-f", file, "--prune").status == 0)
      #expect(try await Servers(box) == first)
      #expect(try await box.berth("operations", "list", "--json").json().list.count == 1)

      // A setting and a secret of one server.
      let changed = try box.write("fleet.yaml", Self.fleet(port: port, duel: "max-clients: 4, password: hunter3"))
      let plan = try await box.berth("plan", "-f", changed)
      #expect(plan.status == 1)
      for text in ["~ change teeworlds/duel", "--- ", "+++ ", "@@ ", "-sv_max_clients 2", "+sv_max_clients 4"] {
        #expect(plan.output.contains(text), "\(text) in \(plan.output)")
      }
      #expect(!plan.output.contains("hunter") && !plan.output.contains("arena-1 "), "\(plan.output)")
      let json = try await box.berth("plan", "-f", changed, "--json")
      #expect(!json.output.contains("hunter") && json.status == 1)
      #expect(try json.json()["changes"].list.map { $0["instance_name"].text } == ["duel"])
      let step = try await box.berth("apply", "-f", changed)
      #expect(step.status == 0 && step.output.contains("1 changed, 1 restarted"), "\(step.output)\(step.errors)")
      #expect(!step.errors.contains("hunter"))
      let second = try await Servers(box)
      #expect(second.ports == first.ports)
      #expect(second.changed(since: first) == ["duel"])
      #expect(SandboxFixture.text(try second.config("duel")).contains("password hunter3"))
      for operation in try await box.berth("operations", "list", "--json").json().list {
        let shown = try await box.berth("operations", "show", "\(operation["id"].integer ?? 0)", "--json").output
        #expect(!shown.contains("hunter"))
      }

      // What a person wrote stays when Berth's own keys change.
      let handle = try #require(FileHandle(forWritingAtPath: try second.config("arena-1")))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("# by hand\nsv_warmup 3\n".utf8))
      try handle.close()
      let scored = try box.write(
        "fleet.yaml",
        Self.fleet(port: port, arenas: ", settings: { score-limit: 5 }", duel: "max-clients: 4, password: hunter3"))
      #expect(try await box.berth("apply", "-f", scored).status == 0)
      let third = try await Servers(box)
      #expect(third.changed(since: second) == ["arena-1", "arena-2", "arena-3"] && third.ports == first.ports)
      let text = SandboxFixture.text(try third.config("arena-1"))
      #expect(text.contains("# by hand\nsv_warmup 3\n") && text.contains("sv_scorelimit 5"), "\(text)")
      #expect(try ServerClient.teeworlds(port: first.ports["arena-1"] ?? 0).name == "arena-1")

      try await Self.expectExport(box)
      try await Self.expectPruning(box, third, port)
    }
  }

  /// What is exported is what is there.
  private static func expectExport(_ box: SandboxFixture) async throws {
    let text = try await box.succeed("export").output
    #expect(!text.contains("hunter3"))
    let copy = try box.write("export.yaml", text)
    let plan = try await box.berth("plan", "-f", copy)
    #expect(plan.status == 0 && plan.output == "nothing to do\n", "\(plan.output)\(plan.errors)\n\(text)")
    #expect(try await box.succeed("export", "--reveal").output.contains("hunter3"))
  }

  private static func expectPruning(_ box: SandboxFixture, _ before: Servers, _ port: Int) async throws {
    let file = try box.write("fleet.yaml", fleet(port: port, arenas: ", settings: { score-limit: 5 }", duel: nil))
    #expect(try await box.berth("plan", "-f", file).status == 0)
    let plan = try await box.berth("plan", "-f", file, "--prune")
    #expect(plan.status == 1 && plan.output.contains("- remove teeworlds/duel"), "\(plan.output)")
    let refused = try await box.berth("apply", "-f", file, "--prune", "--json")
    #expect(refused.status == 64)
    #expect(try refused.failure()["code"].text == "not-confirmed")
    #expect(try await Servers(box) == before)
    try await box.succeed("apply", "-f", file, "--prune", "--yes")
    let after = try await Servers(box)
    #expect(after.ports.keys.sorted() == ["arena-1", "arena-2", "arena-3"])
    #expect(after.pids == before.pids.filter { $0.key != "duel" })
    #expect(throws: ServerClient.NoAnswer.self) { try ServerClient.teeworlds(port: port) }
  }
}

/// All instances as they are now, by name.
struct Servers: Equatable {
  var ports: [String: Int] = [:]
  var pids: [String: Int] = [:]
  private var folders: [String: String] = [:]

  init(_ box: SandboxFixture) async throws {
    for report in try await box.succeed("list", "--json").json().list {
      let (app, name) = (report["app"].text ?? "", report["instance_name"].text ?? "")
      ports[name] = report["ports"][0]["port"].integer
      folders[name] = report["dir"].text
      pids[name] = try await box.succeed("status", app, "--instance", name, "--json").json()["services"][0]["main_pid"]
        .integer
    }
  }

  func config(_ name: String) throws -> String { "\(try #require(folders[name]))/config/server.cfg" }

  /// Those whose main process is another one now.
  func changed(since other: Servers) -> [String] { pids.keys.filter { pids[$0] != other.pids[$0] }.sorted() }
}
