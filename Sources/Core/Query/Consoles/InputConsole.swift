import BerthKit

/// Gives commands to a server that reads them from its standard input, a FIFO. What it says goes to its log.
public struct InputConsole: Sendable {
  private let path: String
  private let connector: any Connector
  private let seconds: Double

  /// - Parameters:
  ///   - path: of the FIFO.
  ///   - seconds: how long the server may take until it has room for a command.
  public init(_ path: String, through connector: any Connector, seconds: Double) {
    self.path = path
    self.connector = connector
    self.seconds = seconds
  }

  /// Writes one line.
  ///
  /// - Throws: ``ConnectionFailure`` or ``AnswerFailure``.
  public func run(_ command: String) async throws {
    try ServerConsole.requireSayable(command)
    guard command.utf8.count <= 4000 else { throw AnswerFailure.unsayable("a command of more than 4000 bytes") }
    try await connector.write(Array("\(command)\n".utf8), toPipe: path, seconds: seconds)
  }
}
