import ArgumentParser
import BerthKit
import Foundation
import Testing

@testable import BerthCLI

/// Every remedy that stands in the sources, against the parser of the command line.
@Suite("A remedy can be typed as it is shown")
struct RemedyTests {
  /// Each command that a person types, as short as it can be.
  private static let typed = [
    "app list", "app show luanti", "app check luanti", "app new mine", "app test mine", "app add ./mine",
    "app update mine", "app remove mine", "app index mine --to public", "job run luanti sweep",
    "install luanti --set max-users=3 --port 30000", "list",
    "status luanti", "start luanti", "stop luanti", "restart luanti", "enable luanti", "disable luanti", "logs luanti",
    "players luanti", "console luanti say", "metrics luanti", "capabilities luanti", "update luanti",
    "config get luanti",
    "config set luanti max-users=3", "config list luanti", "config edit luanti", "config diff luanti", "remove luanti",
    "backup luanti", "restore luanti --from archive", "restore luanti", "clone luanti", "adopt luanti folder",
    "backups list", "backups show 3f2a9c1e", "backups verify 3f2a9c1e", "backups prune --all",
    "backups set 3f2a9c1e --no-keep",
    "backups remove 3f2a9c1e", "backups export 3f2a9c1e folder", "backups import archive", "ports",
    "plan -f fleet.yaml",
    "apply -f fleet.yaml", "export", "operations list", "operations show 1", "operations recover 1", "doctor",
    "host status", "host up", "host down",
  ].map { $0.split(separator: " ").map(String.init) }

  private static func words(_ remedy: Remedy) -> [String]? {
    guard case .berth(let words) = remedy.forms.first else { return nil }
    return words
  }

  @Test("every command that a person can type is known here")
  func complete() {
    func name(_ command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? "" }
    var leaves: [[String]] = []
    for command in BerthCommand.configuration.subcommands {
      guard command.configuration.shouldDisplay, name(command) != "manage" else { continue }
      let below = command.configuration.subcommands
      if below.isEmpty { leaves.append([name(command)]) }
      for leaf in below { leaves.append([name(command), name(leaf)]) }
    }
    for leaf in leaves { #expect(Self.typed.contains { Array($0.prefix(leaf.count)) == leaf }, "\(leaf)") }
    for words in Self.typed { #expect(BerthCommand.accepts(words), "\(words)") }
  }

  @Test("every command that a remedy names is taken by the parser, with the options of the scope that it came from")
  func commands() throws {
    let calls = try RemedySources.calls([".berth"])
    #expect(calls.count > 80)
    let invocation = Invocation(["list", "--root", "/srv/box", "--plugins=/srv/a", "--plugins", "/srv/b"])
    for call in calls {
      let readings = RemedySources.readings(call)
      let words = try #require(readings.first(where: BerthCommand.accepts) ?? readings.first)
      #expect(BerthCommand.accepts(words), "\(call.place): berth \(words)")
      let whole = try #require(Self.words(invocation.resolved(Remedy([.berth(words)]))))
      #expect(BerthCommand.accepts(whole), "\(call.place): \(whole)")
      guard words.last != "--help", words.first != "manage", !words.contains("--scope") else { continue }
      #expect(whole.suffix(6) == ["--root", "/srv/box", "--plugins", "/srv/a", "--plugins", "/srv/b"], "\(whole)")
    }
  }

  @Test("whatever a remedy adds to a command, only what that command takes is shown, for every command")
  func additions() throws {
    let calls = try RemedySources.calls([".again", ".asRoot"])
    #expect(calls.count > 15)
    var remedies = calls.map { call in
      (call.place, Remedy([.again(RemedySources.readings(call)[0], asRoot: call.name == ".asRoot")]))
    }
    remedies += [("setting", .setting(["max-users"])), ("name", .newName)]
    // Many say the same.
    for (remedy, place) in Dictionary(remedies.map { ($1, $0) }, uniquingKeysWith: { first, _ in first }) {
      var isEverShown = false
      for typed in Self.typed {
        let shown = Invocation(typed + ["--root", "/srv/box"]).resolved(remedy)
        guard let words = Self.words(shown) else {
          isEverShown = isEverShown || shown.text.hasPrefix("sudo berth ")
          continue
        }
        #expect(BerthCommand.accepts(words), "\(place): \(words)")
        if words.last != "--help" {
          isEverShown = true
          #expect(
            words.contains("/srv/box") || remedy.text.contains("--scope") || remedy.text.contains("--root"),
            "\(place): \(words)")
        }
      }
      #expect(isEverShown, "\(place): no command takes \(remedy.text)")
    }
  }

  @Test("no text names a command of Berth's, nor a remedy an option, beside the words that are checked")
  func texts() throws {
    var found: [String] = []
    for (file, line, text) in try RemedySources.lines() {
      for literal in text.matches(of: /"(?:[^"\\]|\\.)*"/).map(\.output) {
        if literal.contains(/\bberth [a-z]/), !RemedySources.notes.contains(String(literal)) {
          found.append("\(file):\(line): \(literal)")
        }
      }
      if text.contains(/remedy: "(?:--|[^"]* --(?:set|port|instance|root|scope|accept|dir|yes|wait|pool|as)\b)/) {
        found.append("\(file):\(line): \(text)")
      }
    }
    #expect(found == [])
  }

  @Test("what is typed again has each option once, before nothing but itself, and shows no value of a setting")
  func again() {
    func line(_ typed: [String], _ remedy: Remedy) -> String {
      Invocation(CommandText.maskedWords(typed)).resolved(remedy).text
    }
    let box = ["--root", "/srv/my box"]
    #expect(
      line(["restore", "pier", "--from", "a.tar", "--accept", "image"] + box, .again("--accept", "media"))
        == "berth restore pier --from a.tar --accept image --root '/srv/my box' --accept media")
    #expect(
      line(["install", "luanti", "--port", "game=1", "--port=web=2", "--set", "a=b"], .again("--port", "game=N"))
        == "berth install luanti --port=web=2 --set 'a=…' --port game=N")
    #expect(
      line(["config", "set", "luanti", "a=1", "b=2"], .setting(["a"])) == "berth config set luanti 'b=…' a=VALUE")
    #expect(line(["restore", "pier"], .setting(["a"])) == "choose another value for 'a'")
    let move = Remedy.again("--port", "game=N").or(.berth("config", "set", "luanti", "--port", "game=N"))
    #expect(line(["start", "luanti"] + box, move) == "berth config set luanti --port game=N --root '/srv/my box'")
    #expect(line(["restore", "pier", "--from", "a"], .newName) == "berth restore pier --from a --as NAME")
    #expect(line(["stop", "luanti"], .again("--keep-going")) == "berth stop luanti --keep-going")
    #expect(line(["list", "--scope", "system"], .asRoot()) == "sudo berth list --scope system")
    #expect(line(["manage", "luanti", "--start"], .again("--wait", "60")) == "berth --help")
    #expect(
      line(["manage", "luanti", "remove-service"] + box, .berth("manage", "luanti", "--help"))
        == "berth manage luanti --root '/srv/my box' --help")
  }
}

/// The calls that make remedies, as the sources have them.
private enum RemedySources {
  struct Call {
    let name: String
    let place: String
    let arguments: [String]
  }

  /// Texts that are no remedy: what a written fleet file begins with, and what a program calls itself.
  static let notes = [
    ##""# 'berth plan -f FILE' shows what it would change here, and 'berth apply -f FILE' does it.""##,
    ##""berth probe""##, ##""berth speak""##, ##""berth await-end""##,
  ]

  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources")

  private static func files() throws -> [(name: String, text: String)] {
    let all = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
    return try all.filter { $0.hasSuffix(".swift") }.sorted().map {
      ($0, try String(contentsOf: sources.appending(path: $0), encoding: .utf8))
    }
  }

  /// Lines of code, without comments and help texts.
  static func lines() throws -> [(file: String, line: Int, text: String)] {
    try files().flatMap { name, text -> [(file: String, line: Int, text: String)] in
      var isBlock = false
      return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
        let quotes = line.ranges(of: "\"\"\"").count
        defer { if quotes % 2 == 1 { isBlock.toggle() } }
        guard !isBlock, quotes == 0, !line.drop(while: { $0 == " " }).hasPrefix("//") else { return nil }
        return (name, index + 1, String(line))
      }
    }
  }

  static func calls(_ names: [String]) throws -> [Call] {
    var calls: [Call] = []
    for (file, text) in try files()
    where !file.hasSuffix("Errors/Remedy.swift") && !file.hasSuffix("CLI/Invocation.swift") {
      for name in names {
        var rest = text[...]
        while let start = rest.range(of: "\(name)(") {
          let line = text[..<start.lowerBound].count { $0 == "\n" } + 1
          calls.append(Call(name: name, place: "\(file):\(line)", arguments: arguments(text[start.upperBound...])))
          rest = text[start.upperBound...]
        }
      }
    }
    return calls
  }

  /// What stands between parentheses, at the commas outside of strings and parentheses.
  private static func arguments(_ text: Substring) -> [String] {
    var found: [String] = []
    var word = ""
    // Parentheses, and strings with what is put into them.
    var open: [Character] = ["("]
    var isEscaped = false
    for character in text {
      let isText = open.last == "\""
      if isEscaped {
        isEscaped = false
        if isText, character == "(" { open.append("(") }
      } else if isText {
        if character == "\\" { isEscaped = true }
        if character == "\"" { open.removeLast() }
      } else if character == "\"" || character == "(" {
        open.append(character)
      } else if character == ")" {
        open.removeLast()
        if open.isEmpty { break }
      } else if character == ",", open.count == 1 {
        found.append(word)
        word = ""
        continue
      }
      word.append(character)
    }
    return (found + [word]).map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
  }

  /// The words of a call, with something in the place of what is only known later.
  static func readings(_ call: Call) -> [[String]] {
    ["start", "up"].map { verb in
      call.arguments.map { argument in
        if argument == "verb" { return verb }
        guard argument.hasPrefix("\""), argument.hasSuffix("\"") else { return "1" }
        return filled(argument.dropFirst().dropLast())
      }
    }
  }

  private static func filled(_ text: Substring) -> String {
    var filled = ""
    var depth = 0
    var before: Character?
    for character in text {
      if depth == 0, before == "\\", character == "(" {
        filled.removeLast()
        filled.append("1")
        depth = 1
      } else if depth > 0 {
        if character == "(" { depth += 1 }
        if character == ")" { depth -= 1 }
      } else {
        filled.append(character)
      }
      before = character
    }
    return filled
  }
}
