/// Waits until something has become true. Tests use it for what a program does in the background, such as an instance that
/// starts with its manager.
///
/// - Parameters:
///   - what: names what is waited for, in the error.
///   - seconds: 30 by default.
/// - Throws: `NotInTime`, or what the condition throws.
public func eventually(_ what: String, within seconds: Int = 30, _ condition: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try await !condition() {
    guard ContinuousClock.now < deadline else { throw NotInTime(description: "\(what): not within \(seconds) s") }
    try await Task.sleep(for: .milliseconds(50))
  }
}

/// What a test waited for did not come.
public struct NotInTime: Error, CustomStringConvertible {
  public let description: String
}
