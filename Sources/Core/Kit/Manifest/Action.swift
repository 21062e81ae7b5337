/// One thing to do: a program with its arguments, or a line for the app's console.
public struct Action: Sendable, Equatable, Codable {
  /// The argument vector. Its first element is a program, the others may hold placeholders. Empty for a line.
  public var exec: [Template]
  /// What the running app's console is told; nil for a program.
  public var console: Template?
  /// Seconds until it counts as failed.
  public var timeout: Int

  public init(exec: [Template], timeout: Int) {
    self.exec = exec
    self.timeout = timeout
  }

  public init(console: Template, timeout: Int) {
    exec = []
    self.console = console
    self.timeout = timeout
  }
}
