import Synchronization

/// What is wrong with a file that is read to its end all the same, so that a person hears of everything at once.
final class Problems: Sendable {
  private let found = Mutex<[BerthError]>([])

  func add(_ error: BerthError) { found.withLock { $0.append(error) } }

  var count: Int { found.withLock { $0.count } }

  /// All of it in one error; nil for nothing.
  var error: BerthError? { BerthError.together(all) }

  /// In the order in which it was found.
  var all: [BerthError] { found.withLock { $0 } }
}

extension YAMLFile {
  /// Reads a part of the file. Where everything is to be found, what is wrong with it is noted and the rest is read.
  ///
  /// - Returns: nil for a part that is wrong.
  func attempt<Part>(_ body: () throws -> Part) throws -> Part? {
    guard let problems else { return try body() }
    do { return try body() } catch let error as BerthError {
      problems.add(error)
      return nil
    }
  }
}

extension BerthError {
  /// What is wrong with one file and those beside it, in the order of files and lines.
  ///
  /// - Returns: the first, with all others as its cause; nil for nothing.
  static func together(_ errors: [BerthError]) -> BerthError? {
    let all = inOrder(errors)
    guard var first = all.first else { return nil }
    // The same place may be read several times, such as one that others refer to.
    var seen: Set<String> = []
    let lines = all.map { "\($0.location ?? ""): \($0.summary)" }.filter { seen.insert($0).inserted }.dropFirst()
    if !lines.isEmpty { first.cause = "\(lines.count) more:\n" + lines.joined(separator: "\n") }
    return first
  }

  /// Files in the order in which they are first named, and each from its top to its end. What is not in a file comes behind
  /// what is: a missing key is often the one that was mistyped.
  static func inOrder(_ errors: [BerthError]) -> [BerthError] {
    var files: [String] = []
    let places = errors.map { error -> (file: Int, line: Int) in
      let place = error.location ?? ""
      let (file, line) = parts(of: place)
      if !files.contains(file) { files.append(file) }
      return (files.firstIndex(of: file) ?? 0, error.key == nil ? .max : line)
    }
    return errors.indices.sorted { left, right in
      (places[left].file, places[left].line, left) < (places[right].file, places[right].line, right)
    }.map { errors[$0] }
  }

  /// `plugin.yaml:12`; without a line it is the whole file.
  private static func parts(of place: String) -> (file: String, line: Int) {
    guard let colon = place.lastIndex(of: ":"), let line = Int(place[place.index(after: colon)...]) else {
      return (place, 0)
    }
    return (String(place[..<colon]), line)
  }
}
