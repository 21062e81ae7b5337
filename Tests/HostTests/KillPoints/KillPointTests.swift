import Foundation
import TestSupport
import Testing

/// The real program is killed before and after everything it does, one point after the other, with real units.
@Suite("A command that is killed anywhere leaves, after a recovery, all or nothing")
struct KillPointTests {
  @Test("install", .timeLimit(.minutes(30)))
  func install() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      try await NapPlugin.prepare(box, port: port)
      try await Self.interrupt(
        Interruption(box: box, name: "install", words: ["install", "nap", "--port", "\(port)"]) {
          try await box.succeed("remove", "nap", "--yes")
        })
    }
  }

  @Test("update to a plugin with another unit, config file and a migration", .timeLimit(.minutes(30)))
  func update() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      try await NapPlugin.prepare(box, port: port)
      try await box.succeed("install", "nap")
      let home = "\(box.root)/state/instances/nap/default"
      let config = "\(home)/config/app.conf"
      func written(_ text: String) throws {
        // As a person would, so that the owner stays.
        let file = try #require(FileHandle(forWritingAtPath: config))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
      }
      func edit() throws { try written("# mine\n" + SandboxFixture.text(config)) }
      try edit()
      try box.addPlugin("nap", NapPlugin.second(port: port))
      try await Self.interrupt(
        Interruption(
          box: box, name: "update", words: ["update", "nap"],
          reset: {
            try box.addPlugin("nap", NapPlugin.first(port: port))
            try written(SandboxFixture.text(config).replacing("# mine\n", with: ""))
            try await box.succeed("update", "nap")
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(home)/config") where name != "app.conf" {
              try FileManager.default.removeItem(atPath: "\(home)/config/\(name)")
            }
            try? FileManager.default.removeItem(atPath: "\(home)/cache/migrated")
            try edit()
            try box.addPlugin("nap", NapPlugin.second(port: port))
          }, traces: ["state/instances/nap/default/cache/migrated"]))
    }
  }

  @Test("apply, which makes, changes and prunes", .timeLimit(.minutes(30)))
  func apply() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(4)
      try await NapPlugin.prepare(box, port: port)
      let ids = (1...3).map { "6f9619ff-8b86-4d01-b42d-00cf4fc9640\($0)" }
      func entry(_ number: Int, _ settings: String = "") -> String {
        "  - { app: nap, name: N\(number), id: \(ids[number - 1]), ports: { game: \(port + number) }\(settings) }\n"
      }
      let head = "schema: 1\ninstances:\n"
      let one = try box.write("one.yaml", head + entry(1) + entry(2))
      let two = try box.write("two.yaml", head + entry(1, ", settings: { note: changed }") + entry(3))
      try await box.succeed("apply", "-f", one)
      try await Self.interrupt(
        Interruption(
          box: box, name: "apply", words: ["apply", "-f", two, "--prune", "--yes"],
          reset: {
            let back = try box.write("back.yaml", head + entry(1, ", settings: { note: first }") + entry(2))
            try await box.succeed("apply", "-f", back, "--prune", "--yes")
          }, stride: 3))
    }
  }

  @Test("remove", .timeLimit(.minutes(30)))
  func remove() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      try await NapPlugin.prepare(box, port: port)
      try await box.succeed("install", "nap", "--port", "\(port)")
      try await Self.interrupt(
        Interruption(box: box, name: "remove", words: ["remove", "nap", "--yes"]) {
          try await box.succeed("install", "nap", "--port", "\(port)")
        })
    }
  }

  static func interrupt(_ command: Interruption) async throws {
    let start = ContinuousClock.now
    let count = try await command.killEverywhere()
    #expect(count.points > 5)
    try await command.failEverywhere(count)
    var undos = 0
    var recoveries = 0
    if count.lastUndone > 0 {
      undos = try await command.failUndoing(at: count.lastUndone)
      recoveries = try await command.killRecovery(at: count.lastUndone, "kill-undo")
      #expect(undos * command.step > 2 && recoveries * command.step > 2)
    }
    if count.firstFinished > 0 {
      recoveries += try await command.killRecovery(at: count.firstFinished, "kill")
    }
    let seconds = (ContinuousClock.now - start).components.seconds
    print(
      "kill points: \(command.name) \(count.points), tried while taking back \(undos), in its recovery \(recoveries); \(seconds) s"
    )
  }
}
