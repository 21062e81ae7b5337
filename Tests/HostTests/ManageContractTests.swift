import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// What panels send and need, as data. `scripts/manage-contract reference` holds the same against warlock-manager, so that
/// both agree.
@Suite("The contract of manage scripts")
struct ManageContractTests {
  private static let arena = """
    schema: 1
    id: arena
    name: Arena
    summary: A game
    category: game
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings:
      motd: { type: string, default: "" }
      max-players: { type: int, default: 8 }
      public: { type: bool, default: "false" }
      rcon-password: { type: secret, length: 16 }
    ports:
      game: { protocol: udp, default: \(FreePorts.block(10)), help: Game traffic }
      console: { protocol: tcp, default: \(FreePorts.block(10)), bind: 127.0.0.1 }
    services:
      main:
        exec: ["{{programs.perl}}", -e, "sleep 1 while 1"]
        env: { MOTD: "{{settings.motd}}" }
        stop: { signal: SIGTERM, grace: 2s }
    query: { protocol: quake3, port: game }
    console: { protocol: source-rcon, port: console, password: "{{settings.rcon-password}}" }
    backup:
      data: { files: ["{{paths.data}}"] }
    """

  private static var root: String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  }

  private func run(_ part: String, _ script: String) async throws -> CommandResult {
    try await SubprocessRunner().run(
      Command("python3", ["\(Self.root)/scripts/manage-contract", part, script]))
  }

  @Test("each exchange has the answer that a panel needs", arguments: ["commands", "flags", "instances"])
  func exchanges(_ part: String) async throws {
    try await SandboxFixture.with { box in
      try box.addPlugin("arena", Self.arena)
      try FileManager.default.createDirectory(atPath: "\(box.root)/config", withIntermediateDirectories: true)
      let style = part == "commands" ? "app" : "instance"
      try "schema: 1\nregistrations: { folder: \(box.root)/panel, style: \(style) }\n".write(
        toFile: "\(box.root)/config/host.yaml", atomically: true, encoding: .utf8)
      let made = try await box.berth("install", "arena", "--no-start")
      try #require(made.status == 0, "\(made.errors)")
      let file = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(box.root)/panel").first)
      let folder = SandboxFixture.text("\(box.root)/panel/\(file)")
      let answer = try await run(part, "\(folder)/manage.py")
      #expect(answer.status == 0, "\(answer.output)\(answer.errorOutput)")
    }
  }

  @Test("a program that answers nothing keeps none of it")
  func control() async throws {
    let answer = try await run("commands", "/bin/true")
    #expect(answer.status == 1 && answer.output.contains("its services are listed"), "\(answer.output)")
  }
}
