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

  @Test("a value may stand behind '='")
  func equals() throws {
    #expect(try order("--service=main", "--is-running") == order("--service", "main", "--is-running"))
    #expect(try order("--instance=PvP", "--root=/srv/x", "start").global == ["--root", "/srv/x"])
    #expect(try order("--restore=/b/a=b.tar.gz").operands == ["/b/a=b.tar.gz"])
    #expect(try order("--set-config=motd", "--x=y").operands == ["motd", "--x=y"])
    // Only what is behind the first one belongs to the value, and an operand has none.
    #expect(try order("set-config", "motd", "a=b").operands == ["motd", "a=b"])
  }

  @Test("the last word behind a service is a value, whatever it looks like, and an empty one that a shell drops is one")
  func lastWords() throws {
    for word in ["--help", "--stop", "--max-backups=3", "-v", "--service", "--"] {
      let order = try order("set-config", "--service", "arena@default", "motd", word)
      #expect(order.verb == .setConfig && order.operands == ["motd", word], "\(word)")
    }
    #expect(try order("cmd", "--service", "arena@default", "--say=x").operands == ["--say=x"])
    #expect(try order("set-config", "--service", "arena@default", "motd").operands == ["motd", ""])
    #expect(try order("set-config", "motd", "--root").operands == ["motd", "--root"])
    // A person without a service may have forgotten something, or asks for help.
    #expect(throws: BerthError.self) { try order("set-config", "motd") }
    #expect(throws: BerthError.self) { try order("set-config", "--service", "arena@default") }
    #expect(try order("set-config", "--help").verb == nil && order("cmd", "--help").verb == nil)
    #expect(try order("set-config", "--service", "s", "motd", "x", "--debug").global == ["--verbose"])
  }

  @Test("0 backups to keep means all of them", arguments: [["--max-backups=0"], ["--max-backups", "0"]])
  func keepsAll(_ words: [String]) throws {
    #expect(try ManageOrder(["--backup"] + words, app: "arena").maxBackups == 0)
    #expect(try ManageOrder(["backup", "--service", "arena@default"] + words, app: "arena").maxBackups == 0)
  }

  @Test("how long a panel waits may be said")
  func patience() throws {
    #expect(try order("set-config", "motd", "x").patience == 20)
    #expect(try order("--patience=3", "set-config", "motd", "x").patience == 3)
    #expect(throws: BerthError.self) { try order("--patience", "soon", "start") }
  }

  @Test("what a server is told, or a setting is set to, may be the name of a verb")
  func verbsAsOperands() throws {
    for word in ManageVerb.allCases.map(\.rawValue) + ["-1", "-", "install"] {
      let command = try order("cmd", "--service", "main", word)
      #expect(command.verb == .command && command.operands == [word] && command.service == "main")
      #expect(try order("set-config", "--service=main", "motd", word).operands == ["motd", word])
    }
    #expect(try order("cmd", "--service", "main", "--", "--help").operands == ["--help"])
    // One more is too much.
    #expect(throws: BerthError.self) { try order("cmd", "restart", "stop") }
  }

  @Test("a fork's word for a command is known, and said in the help")
  func console() throws {
    #expect(try order("--service", "main", "--rcon", "status") == order("--service", "main", "--cmd", "status"))
    #expect(ManageOrder.help(game, version: "1").contains("\n  --rcon COMMAND "))
  }

  @Test("a script for all instances has the help of the second generation, which knows services alone")
  func secondHelp() throws {
    #expect(try order("--all", "get-services").isForAll)
    let lines = ManageOrder.help(game, version: "1.2.3", isForAll: true).split(separator: "\n").map(String.init)
    #expect(!lines.contains { $0.hasPrefix("options:") })
    let start = try #require(lines.firstIndex { $0.hasPrefix("╭─ Commands") })
    let names = lines[start...].compactMap { $0.firstMatch(of: /^│ ([a-zA-Z0-9_-]+)\s+.*$/).map { String($0.1) } }
    #expect(names == ManageVerb.allCases.filter { $0.isAvailable(game) }.map(\.rawValue))
    #expect(Set(lines[start...].map(\.count)).count == 1, "the box is not straight")
  }

  @Test("an installer is meant where 'install' is the first word that is no option")
  func installs() throws {
    func rest(_ words: String...) -> [String]? { ManageInstall.words(in: words, app: "arena") }
    #expect(rest("install", "--uninstall") == ["--uninstall"])
    #expect(
      rest("--instance", "x", "--root=/srv/x", "install", "--port=1") == [
        "--instance", "x", "--root=/srv/x", "--port=1",
      ])
    #expect(rest("--all", "install") == ["--all"])
    #expect(rest("cmd", "install") == nil && rest("--instance", "install") == nil && rest("--install") == nil)
    #expect(rest() == nil && rest("--service", "x", "install") == nil)
    #expect(try ManageInstall(["--instance", "x", "--uninstall"], app: "arena").id == "x")
    #expect(try ManageInstall(["--service=arena@x", "--uninstall"], app: "arena").service == "arena@x")
    #expect(try ManageInstall(["--all"], app: "arena").isForAll)
    #expect(try ManageInstall(["--branch=main", "--non-interactive"], app: "arena") == ManageInstall([], app: "arena"))
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
      (["set-config", "a"], "'set-config' needs OPTION and VALUE"), (["--max-backups", "-1", "--backup"], "not '-1'"),
      (["--max-backups", "3", "--stop"], "goes with a backup"), (["start", "extra"], "there is no 'extra'"),
      (["create-service"], "'create-service' needs --service"), (["--remove-service"], "needs --service"),
      (["--start=now"], "'--start' takes no value"), (["--debug=yes", "start"], "'--debug' takes no value"),
      (["--max-backups=", "backup"], "not ''"), (["start", "--confirm"], "'--confirm' goes with remove"),
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
      ("--instance-nam=x", "did you mean '--instance-name'?"), ("uninstall", "knows no 'uninstall'"),
    ] {
      let error = #expect(throws: BerthError.self) { try ManageInstall([word], app: "arena") }
      #expect(error?.code == "bad-manage-word" && error?.summary.contains(says) == true, "\(error?.summary ?? "")")
    }
  }
}
