import Synchronization

/// What is wrong with a file that is read to its end all the same, so that a person hears of everything at once.
final class Problems: Sendable {
  private let found = Mutex<[BerthError]>([])

  func add(_ error: BerthError) { found.withLock { $0.append(error) } }

  var count: Int { found.withLock { $0.count } }

  /// All of it in one error, in the order in which it was found; nil for nothing.
  var error: BerthError? {
    let all = found.withLock { $0 }
    guard var first = all.first else { return nil }
    // The same place may be read several times, such as one that others refer to.
    var seen: Set<String> = []
    let lines = all.map { "\($0.location ?? ""): \($0.summary)" }.filter { seen.insert($0).inserted }.dropFirst()
    if !lines.isEmpty { first.cause = "\(lines.count) more:\n" + lines.joined(separator: "\n") }
    return first
  }
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
