/// The options that every command takes, before its name or behind it.
public enum GlobalFlag: String, Sendable, CaseIterable {
  case scope, root, plugins, json, yes, wait, progress, verbose

  /// As it is typed.
  public var word: String { "--\(rawValue)" }

  /// Its short form behind one dash; nil for none.
  public var letter: Character? {
    switch self {
    case .yes: "y"
    case .verbose: "v"
    default: nil
    }
  }

  /// Whether a value follows.
  public var takesValue: Bool {
    switch self {
    case .scope, .root, .plugins, .wait, .progress: true
    case .json, .yes, .verbose: false
    }
  }

  /// Whether another command needs it as well to reach the same instances and plugins.
  public var isReach: Bool { [.scope, .root, .plugins].contains(self) }

  /// The option that a word is, with its value behind `=` or without; nil for another word.
  public init?(_ word: String) {
    let name = word.prefix { $0 != "=" }
    let found = Self.allCases.first { flag in
      name == flag.word && (flag.takesValue || name == word) || flag.letter.map { word == "-\($0)" } ?? false
    }
    guard let found else { return nil }
    self = found
  }

  /// The global options that a command line begins with, each with its value, and the words behind them.
  public static func leading(_ words: [String]) -> (options: [String], rest: [String]) {
    var end = 0
    while end < words.count, let flag = GlobalFlag(words[end]) {
      end += flag.takesValue && !words[end].contains("=") ? 2 : 1
    }
    return (Array(words.prefix(end)), Array(words.dropFirst(end)))
  }
}
