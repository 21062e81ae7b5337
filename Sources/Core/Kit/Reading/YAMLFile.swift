import Yams

/// A YAML file that Berth reads strictly: its path, and what it should be, which decides the errors about it.
struct YAMLFile: Sendable {
  /// What the file should be.
  enum Kind: Sendable {
    case plugin, fleet, host, settings

    /// Bytes. A manifest is a page of text; a fleet file may list thousands of instances.
    var largestSize: Int {
      switch self {
      case .plugin, .host, .settings: 256 * 1024
      case .fleet: 8 * 1024 * 1024
      }
    }
  }

  /// The path that errors name.
  let path: String
  let kind: Kind
  /// Whether `<<` puts other mappings' keys into one (YAML 1.1), as in files that other programs read as well.
  var mergesKeys = false
  /// Where it is noted what is wrong; without it, the first of it is thrown.
  var problems: Problems?

  /// An error of the file's kind.
  ///
  /// - Parameters:
  ///   - line: from 1; nil when it is the whole file.
  ///   - key: the key path.
  func error(_ problem: String, line: Int?, key: String?, cause: String? = nil) -> BerthError {
    let place = line.map { "\(path):\($0)" } ?? path
    return switch kind {
    case .plugin: .badManifest(problem, at: place, key: key, cause: cause)
    case .fleet: .badFleet(problem, at: place, key: key, cause: cause)
    case .host: .badHostConfig(problem, at: place, key: key, cause: cause)
    case .settings: .badSettings(problem, at: place, key: key, cause: cause)
    }
  }

  /// The top of the document.
  ///
  /// - Throws: an error of the file's kind when the text is too large, empty or not YAML.
  func root(of text: String) throws -> YAMLValue {
    guard text.utf8.count <= kind.largestSize else {
      throw error("the file is larger than \(kind.largestSize / 1024) KiB", line: nil, key: nil)
    }
    if let line = RawText.lineOfRawByte(in: text) { throw error("a byte is not UTF-8", line: line, key: nil) }
    if let line = YAMLBudget.lineOfDangerousKey(in: text) {
      throw error("beside aliases a key is plain text", line: line, key: nil)
    }
    do {
      // What a scalar means is decided by what it stands for, and not by how it looks.
      // The parser takes the mark for a column, and the second line for one further left.
      guard let node = try Yams.compose(yaml: text.withoutByteOrderMark, .basic) else {
        throw error("the file is empty", line: nil, key: nil)
      }
      guard YAMLBudget.holds(node, bytes: text.utf8.count, spare: kind.largestSize / 2) else {
        throw error("aliases multiply what stands in the file; write it out", line: nil, key: nil)
      }
      return YAMLValue(node: node, path: "", file: self)
    } catch let problem as YamlError {
      throw describe(problem)
    }
  }

  /// What the YAML parser says, as one of our errors.
  private func describe(_ problem: YamlError) -> BerthError {
    switch problem {
    case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _), .composer(_, let text, let mark, _):
      error("this is not YAML: \(text)", line: mark.line, key: nil)
    case .duplicatedKeysInMapping(let duplicates, let context):
      error(
        "the key \(duplicates.map { "'\($0)'" }.joined(separator: ", ")) stands here twice", line: context.mark.line,
        key: nil)
    default:
      error("this is not YAML", line: nil, key: nil, cause: "\(problem)")
    }
  }
}
