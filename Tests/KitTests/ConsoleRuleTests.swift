@testable import BerthKit
import Testing

@Suite("Rules for queries and consoles") struct ConsoleRuleTests {
  private static let query = "protocol: teeworlds\n  port: game\n"
  private static let port = "quake3-rcon, port: game"
  private static let password = "password: \"{{settings.token}}\""

  @Test(
    "a protocol is a known one, over a port of its kind, with a password that nobody knows beforehand",
    arguments: [
      Refusal(
        "protocol: teeworlds", "protocol: quake4", key: "query.protocol",
        "expected one of a2s, armagetron, luanti, minecraft, mumble"),
      Refusal(query, "port: game-x\n  protocol: quake3\n", key: "query.port", "there is no port role 'game-x'"),
      Refusal(query, "port: query\n  protocol: minecraft\n", key: "query.port", "the port 'query' is not tcp"),
      Refusal(query, "port: site\n  protocol: a2s\n", key: "query.port", "the port 'site' is not udp"),
      Refusal(query, "port: site\n  protocol: armagetron\n", key: "query.port", "the port 'site' is not udp"),
      Refusal(query, "port: site\n  protocol: luanti\n", key: "query.port", "the port 'site' is not udp"),
      Refusal(query, "protocol: quake3\n", key: "query", "the key 'port' is missing"),
      Refusal("query:\n  \(query)", "query: quake3\n", key: "query", "expected a mapping"),
      Refusal("quake3-rcon", "rcon", key: "console.protocol", "expected one of minecraft-rcon"),
      Refusal(port, "source-rcon, port: query", key: "console.port", "the port 'query' is not tcp"),
      Refusal(port, "quake3-rcon, port: site", key: "console.port", "the port 'site' is not udp"),
      Refusal(password, "password: hunter2", key: "console.password", "expected a setting of the type secret"),
      Refusal(
        password, "password: \"{{settings.title}}\"", key: "console.password", "expected a setting of the type secret"),
      Refusal(password, "password: \"{{settings.nope}}\"", key: "console.password", "there is no variable"),
      Refusal(
        password, "password: \"{{settings.token}}{{host.name}}\"", key: "console.password",
        "'{{host.name}}' is no setting"),
      Refusal(
        password, "password: \"{{settings.token}}{{settings.admin}}\"", key: "console.password",
        "'{{settings.admin}}' may be unset"),
      Refusal(", \(password)", "", key: "console", "the key 'password' is missing", line: "console: {"),
      Refusal(
        "quake3-rcon, port: game", "quake3-rcon", key: "console", "the key 'port' is missing", line: "console: {"),
      Refusal("quake3-rcon, port", "stdin, port", key: "console.port", "'stdin' has no port"),
      Refusal("quake3-rcon, port: game", "stdin", key: "console.password", "'stdin' asks for no password"),
      Refusal(
        "status: Who plays", "status: \"a\\nb\"", key: "console.commands.status", "expected one line of text"),
      Refusal("status: Who plays", "\"\": Who plays", key: "console.commands", "expected a plain key"),
      Refusal("say {{message}}", "say", key: "console.announce", "expected a command with {{message}} in it"),
      Refusal(
        "say {{message}}", "say {{message}} {{settings.title}}", key: "console.announce",
        "expected a command with {{message}} in it"),
    ])
  func refused(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a query that needs a password takes it from the console")
  func palworld() throws {
    let text = try Sample.yaml(replacing: Self.query, with: "protocol: palworld-rest\n  port: site\n")
    #expect(try Sample.read(text).query?.kind == .palworldREST)
    var manifest = try Sample.read(text)
    manifest.console = nil
    let problem = #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
    #expect(problem?.key == "query.protocol")
    #expect(problem?.text.hasPrefix("'palworld-rest' asks with the password of a 'console'") == true)
  }

  private static let line = "console: \"resume {{instance.slug}}\""

  @Test(
    "what a console is told is a line that an instance can always say to a program of its own",
    arguments: [
      Refusal(line, "console: \"\"", key: "backup.world.after[1].console", "expected a command", line: "console: \"\""),
      Refusal(line, "console: \"a\\nb\"", key: "backup.world.after[1].console", "a newline or control character"),
      Refusal(
        line, "console: \"{{settings.token}}\"", key: "backup.world.after[1].console",
        "'{{settings.token}}' is a secret"),
      Refusal(
        line, "console: \"{{settings.admin}}\"", key: "backup.world.after[1].console",
        "'{{settings.admin}}' may be unset"),
      Refusal(
        line, "console: \"{{ports.site}}\"", key: "backup.world.after[1].console", "the port 'site' belongs to 'web'"),
      Refusal(line, "console: x, exec: [/bin/x]", key: "backup.world.after[1]", "expected either 'exec' or 'console'"),
      Refusal(
        "quake3-rcon, port: game", "source-rcon, port: site", key: "backup.world.after[1].console",
        "the port 'site' belongs to 'web'", line: line),
      Refusal(
        "setup: { at: [install, update], service: main, exec: [/usr/bin/setup, \"{{paths.cache}}\"]",
        "setup: { at: [install, update], service: main, console: x", key: "jobs.setup.console", "unknown key"),
    ])
  func lines(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a line needs a console, and a service that is a program")
  func needs() {
    var manifest = Sample.manifest
    manifest.console = nil
    let without = #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
    #expect(
      without == ManifestValidator.Problem(key: "backup.world.after[1].console", text: "the app has no 'console'"))
    manifest = Sample.manifest
    manifest.services[2].stop.first = Action(console: "x", timeout: 5)
    let inside = #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
    #expect(inside?.key == "services.shelf.stop.first.console")
    #expect(inside?.text == "'console' goes with a service that is a program")
  }
}
