import BerthKit

/// `key=value` words of the command line.
enum Pairs {
  /// - Parameter option: before each of them; nil where they stand by themselves.
  /// - Throws: `usage` when a word has no `=`, or a key stands twice.
  static func parse(_ words: [String], option: String?) throws -> [String: String] {
    var pairs: [String: String] = [:]
    func shown(_ word: String) -> String { [option, word].compactMap { $0 }.joined(separator: " ") }
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        let form = Remedy.prose("write it as \(word.isEmpty || word.hasPrefix("=") ? "KEY" : word)=VALUE")
        throw BerthError(
          "usage", .usage, "'\(shown(word))' has no key before a '=': it takes key=value",
          remedy: option.map { Remedy.again($0, "KEY=VALUE").or(form) } ?? form)
      }
      let key = String(word[..<equals])
      let value = String(word[word.index(after: equals)...])
      guard value != CommandText.mask else {
        throw BerthError(
          "usage", .usage, "'\(shown(word))' has the sign for a value that Berth leaves out where it names a command",
          remedy: "type the value in its place")
      }
      guard pairs.updateValue(value, forKey: key) == nil else {
        throw BerthError("usage", .usage, "'\(shown(key))' is given twice", remedy: "give it once")
      }
    }
    return pairs
  }

  /// Labels, each of one line.
  ///
  /// - Throws: `usage` also for one with a control character, or with one that stands for a byte that is not UTF-8.
  static func labels(_ words: [String], option: String) throws -> [String: String] {
    for word in words where word.hasControlCharacter {
      throw BerthError(
        "usage", .usage, "'\(option) \(VisibleText.line(word))' has a character that is none of a line of text",
        remedy: .again(option, "KEY=VALUE").or("write it as key=value"))
    }
    return try parse(words, option: option)
  }

  /// `role=N`, or `N` alone for the app's first role, which is the empty key.
  static func parsePorts(_ words: [String]) throws -> [String: Int] {
    let pairs = try parse(words.map { $0.contains("=") ? $0 : "-=\($0)" }, option: "--port")
    return Dictionary(
      uniqueKeysWithValues: try pairs.map { role, text in
        guard let number = Int(text), (1...65535).contains(number) else {
          throw BerthError(
            "bad-port", .usage, "'\(text)' is not a port: it is a number from 1 to 65535",
            remedy: .again("--port", "ROLE=N").or("choose another number"))
        }
        return (role == "-" ? "" : role, number)
      })
  }
}

extension InstanceLimits {
  /// Limits as `--limit` takes them.
  ///
  /// - Throws: `usage` for a word that is none, or a value that cannot be.
  init(pairs: [String: String]) throws {
    self.init()
    for (key, text) in pairs {
      switch key {
      case "memory" where InstanceLimits.isMemory(text): memory = text
      case "cpus": if let number = Double(text), Self.processors.contains(number) { cpus = number } else { fallthrough }
      case "tasks":
        if key == "tasks", let number = Int(text), Self.processes.contains(number) {
          tasks = number
        } else {
          fallthrough
        }
      default:
        throw BerthError(
          "usage", .usage, "'--limit \(key)=\(text)' is none of memory=SIZE from 6M on, cpus=NUMBER and tasks=NUMBER",
          remedy: .again("--limit", "memory=2G"))
      }
    }
  }
}

/// The command line as the journal keeps it.
enum CommandText {
  /// What this program was told.
  static var typed: String { masked(Array(CommandLine.arguments.dropFirst())) }

  /// The words of manage scripts behind which a value of a setting, or a command with one, may follow.
  private static let last = ["--set-config", "set-config", "--cmd", "cmd", "--rcon", "rcon"]

  /// The words, with values of settings left out, since any of them may be a secret.
  static func masked(_ all: [String]) -> String { Command("berth", maskedWords(all)).line }

  /// What stands for the value of a setting, which may be secret.
  static let mask = "…"

  static func maskedWords(_ all: [String]) -> [String] {
    let end = all.firstIndex { word in last.contains(String(word.prefix { $0 != "=" })) }
    let words = end.map { Array(all[..<$0]) + [String(all[$0].prefix { $0 != "=" }), mask] } ?? all
    let plain = ["--label", "--port", "--limit"]
    var isSetting = false
    var isPlain = false
    return words.map { word -> String in
      defer {
        isSetting = word == "--set"
        isPlain = plain.contains(word)
      }
      let start = word.hasPrefix("--set=") ? word.index(word.startIndex, offsetBy: 6) : word.startIndex
      let mayBeSecret = isSetting || start > word.startIndex || (!word.hasPrefix("-") && !isPlain)
      guard mayBeSecret, let equals = word[start...].firstIndex(of: "=") else { return word }
      return word[..<equals] + "=" + mask
    }
  }
}
