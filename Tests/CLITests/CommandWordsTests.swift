import ArgumentParser
import BerthEngine
import BerthKit
import Testing

@testable import BerthCLI

@Suite("Global options stand before the command or behind it")
struct CommandWordsTests {
  /// One with each global option, as a person may write it.
  private static let globals = [
    ["--scope", "sandbox"], ["--root", "/srv/box"], ["--root=/srv/box"], ["--plugins", "/a", "--plugins=/b"],
    ["--json"],
    ["--yes"], ["-y"], ["--wait", "5"], ["--progress=none"], ["--verbose"], ["-v"],
    ["--json", "--root", "/srv/box", "-y", "--wait=3"],
  ]

  private static let commands = [
    ["list"], ["list", "luanti"], ["app", "show", "luanti"], ["app"], ["config", "set", "luanti", "max-users=3"],
    ["install", "luanti", "--set", "motd=--json", "--label", "a=b"], ["backups", "list"], ["host", "up"],
    ["plan", "-f", "-"],
    ["console", "luanti", "--", "kick", "--json"], ["operations", "show", "3"], ["help", "install"],
  ]

  /// Each option with one command, and each command with several options.
  private static let pairs =
    globals.map { ($0, ["list", "luanti"]) }
    + commands.map { (["--json", "--root", "/srv/box", "-y", "--wait=3"], $0) }

  @Test("every option is one of the table, and every command reads it the same from both places", arguments: pairs)
  func both(_ options: [String], _ command: [String]) throws {
    let end = command.firstIndex(of: "--") ?? command.count
    let behind = command[..<end] + options + command[end...]
    let ordered = CommandWords.ordered(options + command)
    #expect(ordered == Array(behind))
    let parsed = try CommandLineProgram.command(ordered)
    #expect("\(parsed)" == "\(try CommandLineProgram.command(Array(behind)))")
    // The control: without them the command is another one.
    if command[0] != "help" { #expect("\(parsed)" != "\(try CommandLineProgram.command(command))", "\(options)") }
    #expect(CommandWords.ordered(command) == command)
  }

  @Test("of two folders or scopes none is taken silently")
  func oneReach() throws {
    let two = [
      ["--root", "/a", "list", "--root", "/b"], ["list", "--root=/a", "--root", "/b"],
      ["--scope=user", "list", "--scope", "system"],
    ]
    for words in two {
      #expect(throws: BerthError.self) { try CommandWords.requireOneReach(CommandWords.ordered(words)) }
    }
    for words in [
      ["--root", "/a", "list", "--root=/a"], ["--plugins", "/a", "list", "--plugins", "/b"],
      ["console", "luanti", "--root", "/a", "--", "say", "--root", "/b"],
    ] {
      try CommandWords.requireOneReach(CommandWords.ordered(words))
    }
  }

  @Test("the table has every global option that the help of a command shows, and no other")
  func table() {
    let own = HelpText.of(PortList.self, columns: 200).matches(of: /\n  (?:-(\w), )?--([a-z-]+)/)
      .map { (String($0.output.2), $0.output.1.map(String.init)) }
      .filter { !["version", "help"].contains($0.0) }
    #expect(own.map(\.0) == GlobalFlag.allCases.map(\.rawValue))
    #expect(own.map(\.1) == GlobalFlag.allCases.map { $0.letter.map(String.init) })
    let values = HelpText.of(PortList.self, columns: 200).matches(of: /--([a-z]+) </).map { String($0.output.1) }
    #expect(Set(values) == Set(GlobalFlag.allCases.filter(\.takesValue).map(\.rawValue)))
  }

  @Test(
    "a manage script has them before its own words, so that a value that is missing is never one of them",
    arguments: [
      (["--json", "manage", "luanti", "--set-config", "key"], ["manage", "luanti", "--json", "--set-config", "key"]),
      (
        ["--root", "R", "manage", "luanti", "install", "--port=1"],
        ["manage", "luanti", "install", "--root", "R", "--port=1"]
      ),
      (["--root", "R", "manage"], ["manage", "--root", "R"]),
    ])
  func manage(_ typed: [String], _ ordered: [String]) { #expect(CommandWords.ordered(typed) == ordered) }

  @Test(
    "what is no global option stays where it is, and is refused as what it is",
    arguments: [["--rot", "R", "list"], ["--instance", "X", "list"], ["--json=yes", "list"], ["-x", "list"]])
  func others(_ typed: [String]) {
    #expect(CommandWords.ordered(typed) == typed)
    #expect(!BerthCommand.accepts(typed))
  }

  @Test("options alone are a question for help, and one without its value is an error")
  func alone() throws {
    #expect(CommandWords.ordered(["--root", "R"]) == ["--root", "R"])
    #expect(try CommandLineProgram.command(["--root", "R"]) is BerthCommand)
    #expect(!BerthCommand.accepts(["--root"]))
  }

  @Test("a remedy of a command with options in front is one that can be typed")
  func remedies() {
    let typed = CommandWords.ordered(["--root", "/srv/box", "--plugins", "/p", "start", "luanti"])
    let invocation = Invocation(typed)
    #expect(
      invocation.resolved(.again("--wait", "60")).text == "berth start luanti --root /srv/box --plugins /p --wait 60")
    #expect(
      invocation.resolved(.berth("logs", "luanti")).text == "berth logs luanti --root /srv/box --plugins /p")
  }

  @Test("what units call keeps options of its own, which are no global ones")
  func internals() throws {
    let words = ["sqlite-snapshot", "--root", "/a", "--to", "/b", "data/*.sqlite"]
    let command = try #require(try CommandLineProgram.command(words) as? SQLiteSnapshotCommand)
    #expect(command.root == "/a" && command.to == "/b" && command.patterns == ["data/*.sqlite"])
    for type in BerthCommand.internalCommands {
      #expect(!BerthCommand.accepts([type.configuration.commandName ?? ""]), "\(type) is no command of a person's")
    }
  }

  @Test(
    "what people type by habit is taken",
    arguments: [
      ["list", "luanti"], ["list", "--app", "luanti"], ["install", "luanti", "--name", "Arena"],
      ["clone", "luanti", "--name", "Copy"], ["plan", "-f", "-"], ["apply", "--file", "-"], ["--root", "R", "ports"],
    ])
  func habits(_ words: [String]) { #expect(BerthCommand.accepts(CommandWords.ordered(words))) }

  @Test("a command that nobody knows is named, with the one that is near")
  func mistyped() throws {
    let error = #expect(throws: BerthError.self) { try CommandLineProgram.command(["isntall", "luanti"]) }
    #expect(error?.summary == "there is no command 'isntall'; did you mean 'install'?")
    for word in ["help", "install", "--help"] { _ = try? CommandLineProgram.command([word]) }
    #expect(throws: Never.self) { try CommandLineProgram.command(["list"]) }
  }

  @Test("an app that is named twice is refused")
  func twice() { #expect(!BerthCommand.accepts(["list", "luanti", "--app", "mumble"])) }
}
