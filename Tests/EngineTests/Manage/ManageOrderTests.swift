import BerthKit
import Testing

@testable import BerthEngine

@Suite("The words of a manage script")
struct ManageOrderTests {
  private let game = ArenaPlugin(
    query: PlayerQuery(.a2s, port: "game"), console: Console(.sourceRCON, port: "game", password: "{{settings.key}}")
  ).manifest

  private func order(_ words: String...) throws -> ManageOrder { try ManageOrder(words, app: "arena") }

  @Test("both generations' words mean the same, flags before or behind")
  func generations() throws {
    let flags = try order("--instance", "PvP", "--service", "main", "--restart")
    #expect(flags == (try order("restart", "--service", "main", "--instance", "PvP")))
    #expect(flags.verb == .restart && flags.instance == "PvP" && flags.service == "main")
    #expect(try order("--set-config", "side", "true") == order("set-config", "side", "true"))
    #expect(try order("cmd", "--service", "main", "say hello").operands == ["say hello"])
    #expect(try order("--get-services") == ManageOrder(["--get-services"], app: "arena"))
    for verb in ManageVerb.allCases where verb.isAvailable(game) {
      let rest = verb.operands.map { _ in "x" } + ["--service", "main"]
      let flag = try ManageOrder(["--\(verb.rawValue)"] + rest, app: "arena")
      #expect(try flag.verb(of: game) == verb && flag == ManageOrder([verb.rawValue] + rest, app: "arena"))
    }
  }

  @Test("what follows a flag is its value, whatever it looks like")
  func values() throws {
    let order = try order("--set-config", "--root", "--yes; $(reboot) '\"\n")
    #expect(order.operands == ["--root", "--yes; $(reboot) '\"\n"] && order.global == [])
    #expect(try self.order("--instance", "--start", "--stop").instance == "--start")
  }

  @Test("Berth's own options are passed on, and --debug is one of them")
  func globals() throws {
    let order = try order("--root", "/srv/x", "--get-ports", "--debug", "--plugins", "/p", "--json")
    #expect(order.global == ["--root", "/srv/x", "--verbose", "--plugins", "/p", "--json"])
  }

  @Test("nothing, and a word for help, ask for help")
  func help() throws {
    #expect(try order().verb == nil && order("--start", "--help").verb == nil && order("-h").verb == nil)
    let text = ManageOrder.help(game, version: "1.2.3")
    // By these a panel tells the first generation from others, and what there is.
    #expect(text.contains("\noptions:\n  -h, --help "))
    for verb in ManageVerb.allCases where verb.isAvailable(game) { #expect(text.contains("\n  --\(verb.rawValue) ")) }
    let plain = ManageOrder.help(ArenaPlugin().manifest, version: "1.2.3")
    #expect(!plain.contains("--has-players") && !plain.contains("--cmd") && !plain.contains("--backup "))
  }

  @Test("what an app cannot do is an error")
  func cannot() throws {
    for word in ["--has-players", "backup", "--restore", "--delayed-stop", "delayed-update"] {
      let order = try ManageOrder(word == "--restore" ? [word, "x"] : [word], app: "arena")
      let error = #expect(throws: BerthError.self) { try order.verb(of: ArenaPlugin().manifest) }
      #expect(error?.code == "bad-manage-word")
    }
  }

  @Test("whether somebody plays is not asked of a server that never says it")
  func silentServer() throws {
    var shy = ArenaPlugin().manifest
    shy.query = PlayerQuery(.luanti, port: "game")
    #expect(!ManageVerb.hasPlayers.isAvailable(shy) && ManageVerb.delayedStop.isAvailable(shy))
    shy.query = PlayerQuery(.quake3, port: "game")
    #expect(ManageVerb.hasPlayers.isAvailable(shy))
  }

  @Test(
    "whatever nobody knows is an error that helps",
    arguments: [
      (["--strat"], "there is no '--strat'; did you mean '--start'?"),
      (["get-service"], "did you mean 'get-services'?"),
      (["--start", "--stop"], "'start' and '--stop' exclude each other"), (["--service"], "needs a service behind it"),
      (["--restore"], "'--restore' needs FILE behind it"), (["--set-config", "a"], "needs VALUE behind it"),
      (["set-config", "a"], "'set-config' needs OPTION and VALUE"), (["--max-backups", "0", "--stop"], "not '0'"),
      (["--max-backups", "3", "--stop"], "goes with a backup"), (["start", "extra"], "there is no 'extra'"),
      (["create-service"], "'create-service' needs --service"), (["--remove-service"], "needs --service"),
    ] as [([String], String)])
  func refuses(_ words: [String], _ says: String) {
    let error = #expect(throws: BerthError.self) { try ManageOrder(words, app: "arena") }
    #expect(error?.code == "bad-manage-word" && error?.kind == .usage)
    #expect(error?.summary.contains(says) == true, "\(error?.summary ?? "")")
  }

  @Test("an installer's flags are understood, with '=' or a space before the value")
  func install() throws {
    let order = try ManageInstall(
      [
        "--instance-id=x", "--instance-name", "A=b", "--dir=/srv/a", "--port=20500", "--non-interactive",
        "--skip-firewall",
      ],
      app: "arena")
    #expect(order.id == "x" && order.name == "A=b" && order.directory == "/srv/a" && order.port == 20500)
    #expect(!order.removes && order.global == [])
    #expect(try ManageInstall(["--uninstall", "--root", "/srv/x"], app: "arena").removes)
    #expect(try ManageInstall(["--uninstall", "--root", "/srv/x"], app: "arena").global == ["--root", "/srv/x"])
    for (word, says) in [
      ("--port=0", "from 1 to 65535, not '0'"), ("--port", "needs a value"), ("--dir=", "needs a value"),
      ("--instance", "knows no '--instance'"), ("uninstall", "knows no 'uninstall'"),
    ] {
      let error = #expect(throws: BerthError.self) { try ManageInstall([word], app: "arena") }
      #expect(error?.code == "bad-manage-word" && error?.summary.contains(says) == true, "\(error?.summary ?? "")")
    }
  }
}
