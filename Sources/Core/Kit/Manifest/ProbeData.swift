/// How something is put into the app's program and read back through it, so that a test sees whether data comes back.
public struct ProbeData: Sendable, Equatable, Codable {
  /// Seconds that one of its actions may take unless it says otherwise.
  public static let defaultTimeout = 30

  /// The service whose user, environment, folder and limits its programs have.
  public var service: String
  /// Puts it in, while the service runs.
  public var write: Action
  /// Reads it back, while the service runs.
  public var read: Action
  /// What stands in the answer once it was put in, and does not before.
  public var expected: String

  public init(service: String = "main", write: Action, read: Action, expect expected: String) {
    self.service = service
    self.write = write
    self.read = read
    self.expected = expected
  }
}
