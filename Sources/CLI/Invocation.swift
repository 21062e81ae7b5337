import ArgumentParser
import BerthEngine
import BerthKit
import Glibc
import Synchronization

/// The command that was typed, from which remedies are made whole: the one place that turns them into something to paste.
struct Invocation: Sendable {
  /// What this program was told, with the values of settings left out.
  static let typed = Invocation(CommandText.maskedWords(CommandWords.typed), isRoot: geteuid() == 0)

  private let words: [String]
  /// Whether what takes root can be typed without sudo.
  private let isRoot: Bool
  /// The options by which another command reaches the same scope and plugins.
  private let reach: [(flag: String, value: String)]

  init(_ words: [String], isRoot: Bool = false) {
    self.words = words
    self.isRoot = isRoot
    reach = words.indices.compactMap { index in
      guard let flag = GlobalFlag(words[index]), flag.isReach else { return nil }
      if words[index] != flag.word { return (flag.word, String(words[index].dropFirst(flag.word.count + 1))) }
      return words.indices.contains(index + 1) ? (flag.word, words[index + 1]) : nil
    }
  }

  /// Options of which each says something more.
  private static let repeated = ["--accept", "--decline", "--plugins", "--label"]

  func resolved(_ error: BerthError) -> BerthError {
    var copy = error
    copy.remedy = error.remedy.map(resolved)
    return copy
  }

  /// The first form that the command line takes, as a whole command.
  func resolved(_ remedy: Remedy) -> Remedy {
    for form in remedy.forms {
      switch form {
      case .prose(let text): return .prose(text)
      case .berth(let words): return Remedy([.berth(reaching(words))])
      case .again(let options, let isByRoot):
        // A manage script has a language of its own, and what units call nobody types.
        guard let verb = words.first, BerthCommand.isTyped(verb) else { continue }
        let whole = with(options)
        guard Parsing.accepts(whole) else { continue }
        return isByRoot && !isRoot ? .run(Command("sudo", ["berth"] + whole)) : Remedy([.berth(whole)])
      }
    }
    let verb = words.prefix { !$0.hasPrefix("-") }.first.map { [$0] } ?? []
    return Remedy([.berth(verb.filter(BerthCommand.isTyped) + ["--help"])])
  }

  /// Another command, in the same scope.
  private func reaching(_ other: [String]) -> [String] {
    guard other.first?.hasPrefix("-") == false else { return other }
    guard other.last != "--help" else {
      // What a manage script can do is asked of the plugin, and what stands behind the word for help is not read.
      guard other.first == InstanceManage.configuration.commandName, other.count > 2 else { return other }
      return Array(other.prefix(2)) + reach.flatMap { [$0.flag, $0.value] } + other.dropFirst(2)
    }
    return reach.reduce(into: other) { words, option in
      if !other.contains(option.flag) { words += [option.flag, option.value] }
    }
  }

  /// The typed words with more options, in the place of those that say something else of the same.
  private func with(_ options: [String]) -> [String] {
    var kept = words
    for (flag, value) in Self.pairs(options) where !Self.repeated.contains(flag ?? "") {
      kept = Self.without(flag, value, in: kept)
    }
    // A sandbox's folder says its scope.
    if options.contains("--scope") { kept = Self.without("--root", "", in: kept) }
    return kept + options
  }

  /// Options with their values; no flag for a word that stands by itself, no value for a flag that does.
  private static func pairs(_ options: [String]) -> [(flag: String?, value: String?)] {
    var pairs: [(String?, String?)] = []
    var rest = options[...]
    while let word = rest.popFirst() {
      if !word.hasPrefix("-") {
        pairs.append((nil, word))
      } else if let next = rest.first, !next.hasPrefix("-") {
        pairs.append((word, rest.removeFirst()))
      } else {
        pairs.append((word, nil))
      }
    }
    return pairs
  }

  private static func without(_ flag: String?, _ value: String?, in words: [String]) -> [String] {
    let key = value.flatMap { value in value.firstIndex(of: "=").map { String(value[..<$0]) } }
    func isSame(_ other: Substring) -> Bool {
      guard let key else { return true }
      return other.hasPrefix("\(key)=") || !other.contains("=")
    }
    var kept: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      if let flag {
        if word == flag, value == nil { continue }
        if word == flag, let next = rest.first, isSame(next[...]) {
          rest.removeFirst()
          continue
        }
        if word.hasPrefix("\(flag)="), isSame(word.dropFirst(flag.count + 1)) { continue }
      } else if let key, word.hasPrefix("\(key)=") {
        continue
      }
      kept.append(word)
    }
    return kept
  }
}

extension Remedy {
  /// As it can be pasted after the command that was typed.
  var whole: String { Invocation.typed.resolved(self).text }
}

/// What the command line takes. Of a batch, all ask for the same.
private enum Parsing {
  private static let known = Mutex<[[String]: Bool]>([:])

  static func accepts(_ words: [String]) -> Bool {
    if let answer = known.withLock({ $0[words] }) { return answer }
    let answer = BerthCommand.accepts(words)
    known.withLock { $0[words] = answer }
    return answer
  }
}

extension BerthCommand {
  /// Whether the parser takes words as a command, or as a question for help.
  static func accepts(_ words: [String]) -> Bool {
    do { _ = try parseAsRoot(words) } catch { return exitCode(for: error) == .success }
    return true
  }

  /// Whether a person types a verb, and the parser reads what follows it.
  static func isTyped(_ verb: String) -> Bool {
    verb != InstanceManage.configuration.commandName
      && configuration.subcommands.contains {
        $0.configuration.commandName == verb && $0.configuration.shouldDisplay
      }
  }
}
