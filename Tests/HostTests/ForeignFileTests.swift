import Foundation
import TestSupport
import Testing

@Suite("A data file of root's")
struct ForeignFileTests {
  @Test("is named by the doctor and by a start, and an update gives it to the instance and has it read")
  func mended() async throws {
    // A person has nobody else's files to give away.
    guard getuid() == 0 else { return }
    try await SandboxFixture.with { box in
      try box.addPlugin(
        "reader",
        ChestPlugin.yaml(
          port: FreePorts.block(3), id: "reader",
          exec: "$| = 1; print open(F, q(<), q(world)) ? qq(world: ) . <F> : qq(no world: $!); sleep 1 while 1"))
      let chest = try await Chest.install(box, "reader")
      try await chest.expectSound()
      // As an operator leaves it who brings a file along with mv.
      let world = chest.path("data/world")
      #expect(
        FileManager.default.createFile(
          atPath: world, contents: Data("a map".utf8), attributes: [.posixPermissions: 0o600]))
      let doctor = try await box.berth("doctor", "--json")
      #expect(doctor.status == 1)
      #expect(try doctor.json()[0]["problem"].text == "\(world) does not belong to its user")
      #expect(try doctor.json()[0]["remedy"].text?.hasPrefix("berth update reader --instance default") == true)

      let restart = try await box.berth("restart", "reader")
      #expect(
        restart.status == 0 && restart.errors.contains("\(world) does not belong to its user"), "\(restart.errors)")
      #expect(try await log(box, until: "no world").contains("no world: Permission denied"))
      let update = try await box.berth("update", "reader")
      #expect(update.status == 0, "\(update.errors)")
      #expect(try await log(box, until: "world: a map").contains("world: a map"))
      try await chest.expectSound()
      let again = try await box.berth("restart", "reader")
      #expect(again.status == 0 && !again.errors.contains("belong"), "\(again.errors)")
    }
  }

  @Test("that has another name elsewhere stays root's, and the doctor says so")
  func shared() async throws {
    // A person has nobody else's files to give away.
    guard getuid() == 0 else { return }
    try await SandboxFixture.with { box in
      try box.addPlugin("chest", ChestPlugin.yaml(port: FreePorts.block(3)))
      let chest = try await Chest.install(box)
      let secret = "\(box.root)/secret"
      #expect(FileManager.default.createFile(atPath: secret, contents: Data("root's own".utf8)))
      #expect(link(secret, chest.path("data/name")) == 0)
      for _ in 0..<2 {
        let doctor = try await box.berth("doctor", "--json")
        #expect(try doctor.json().list.map { $0["code"].text } == ["foreign-file"], "\(doctor.output)")
        try await box.succeed("update", "chest")
      }
      var info = stat()
      #expect(lstat(secret, &info) == 0 && info.st_uid == 0)
    }
  }

  @Test("and a config file that its service may not read are named once each")
  func once() async throws {
    guard getuid() == 0 else { return }
    try await SandboxFixture.with { box in
      let config = "config:\n  app.conf: { format: properties, values: { greeting: \"{{settings.greeting}}\" } }"
      try box.addPlugin("idle", FixturePlugins.idle(extra: config))
      try await box.succeed("install", "idle", "--no-start")
      let conf = "\(box.root)/state/instances/idle/default/config/app.conf"
      func problems() async throws -> [String] {
        try await box.berth("doctor", "--json").json().list.compactMap { $0["problem"].text }
          .filter { $0.contains(conf) }
      }
      #expect(chmod(conf, 0) == 0)
      #expect(try await problems() == ["its user may not read \(conf), by the mode"])
      #expect(chmod(conf, 0o600) == 0 && chown(conf, 0, 0) == 0)
      #expect(try await problems() == ["\(conf) does not belong to its user"])
      try await box.succeed("update", "idle")
      #expect(try await problems().isEmpty)
    }
  }

  private func log(_ box: SandboxFixture, until text: String) async throws -> String {
    var log = ""
    for _ in 0..<100 {
      log = try await box.berth("logs", "reader", "--lines", "20").output
      if log.contains(text) { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    return log
  }
}
