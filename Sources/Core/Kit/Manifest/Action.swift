/// One thing to do: a program with its arguments.
public struct Action: Sendable, Equatable, Codable {
  /// The argument vector. Its first element is a program, the others may hold placeholders.
  public var exec: [Template]
  /// Seconds until it counts as failed.
  public var timeout: Int

  public init(exec: [Template], timeout: Int) {
    self.exec = exec
    self.timeout = timeout
  }
}
