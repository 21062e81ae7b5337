@testable import BerthKit
import Testing

@Suite("Rules for queries and consoles") struct ConsoleRuleTests {
  private static let query = "protocol: quake3\n  port: game\n"
  private static let port = "source-rcon, port: site"
  private static let password = "password: \"{{settings.token}}\""

  @Test(
    "a protocol is a known one, over a port of its kind, with a password that nobody knows beforehand",
    arguments: [
      Refusal("protocol: quake3", "protocol: quake4", key: "query.protocol", "expected one of a2s, minecraft, mumble"),
      Refusal(query, "port: game-x\n  protocol: quake3\n", key: "query.port", "there is no port role 'game-x'"),
      Refusal(query, "port: query\n  protocol: minecraft\n", key: "query.port", "the port 'query' is not tcp"),
      Refusal(query, "port: site\n  protocol: a2s\n", key: "query.port", "the port 'site' is not udp"),
      Refusal(query, "protocol: quake3\n", key: "query", "the key 'port' is missing"),
      Refusal("query:\n  \(query)", "query: quake3\n", key: "query", "expected a mapping"),
      Refusal("source-rcon", "rcon", key: "console.protocol", "expected one of minecraft-rcon"),
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
    ])
  func refused(_ refusal: Refusal) throws { try refusal.check() }

  @Test("a query that needs a password takes it from the console")
  func palworld() throws {
    let text = try Sample.yaml(replacing: Self.query, with: "protocol: palworld-rest\n  port: site\n")
    #expect(try Sample.read(text).query?.kind == .palworldREST)
    let console = "console: { protocol: source-rcon, port: site, password: \"{{settings.token}}\" }\n"
    let error = try Sample.refusal(of: text.replacing(console, with: ""))
    #expect(error.summary.hasPrefix("'query.protocol': 'palworld-rest' asks with the password of a 'console'"))
  }
}
