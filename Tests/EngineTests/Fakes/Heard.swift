import Synchronization

/// What a person has heard.
final class Heard: Sendable {
  private let heard = Mutex<[String]>([])
  var lines: [String] { heard.withLock { $0 } }
  @Sendable func add(_ line: String) { heard.withLock { $0.append(line) } }
}
