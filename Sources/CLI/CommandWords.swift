import ArgumentParser
import BerthEngine
import BerthKit

/// The words of a command line in one order, whichever a person has chosen: the command first.
enum CommandWords {
  /// What this program was told, with global options behind the command.
  static let typed = ordered(Array(CommandLine.arguments.dropFirst()))

  /// Swift puts a sign in the place of each byte that is not UTF-8, and so another word would be taken than was typed.
  ///
  /// - Throws: `usage`.
  static func requireText() throws {
    for index in CommandLine.arguments.indices.dropFirst() {
      guard let word = CommandLine.unsafeArgv[index], String(validatingCString: word) == nil else { continue }
      throw BerthError(
        "usage", .usage, "argument \(index) is not UTF-8: '\(CommandLine.arguments[index])'", remedy: .berth("--help"))
    }
  }

  /// Refuses a `--root` or `--scope` that is given two values: the command would work in one place and pass over the other.
  ///
  /// - Throws: `usage`.
  static func requireOneReach(_ words: [String]) throws {
    // A manage script's words may be any text.
    guard words.first != InstanceManage.configuration.commandName else { return }
    var values: [GlobalFlag: String] = [:]
    var rest = words.prefix { $0 != "--" }[...]
    while let word = rest.popFirst() {
      guard let flag = GlobalFlag(word), [.root, .scope].contains(flag) else { continue }
      let value = word.contains("=") ? String(word.drop { $0 != "=" }.dropFirst()) : rest.popFirst() ?? ""
      if let other = values.updateValue(value, forKey: flag), other != value {
        throw BerthError(
          "usage", .usage, "\(flag.word) is given twice, as '\(value)' and as '\(other)'", remedy: .berth("--help"))
      }
    }
  }

  /// Takes the global options before the command to a place behind it.
  static func ordered(_ words: [String]) -> [String] {
    let (options, rest) = GlobalFlag.leading(words)
    guard !options.isEmpty, let verb = rest.first else { return words }
    let place: Int
    if verb == InstanceManage.configuration.commandName {
      // What a manage script is told may end with any value, so that options of Berth's come before it.
      place = rest.count > 2 && rest[2] == "install" ? 3 : min(2, rest.count)
    } else {
      place = rest.firstIndex(of: "--") ?? rest.count
    }
    return rest[..<place] + options + rest[place...]
  }
}

extension GlobalFlag {
  /// Its names for the parser.
  var names: NameSpecification {
    letter.map { [.customShort($0), .customLong(rawValue)] } ?? [.customLong(rawValue)]
  }
}
