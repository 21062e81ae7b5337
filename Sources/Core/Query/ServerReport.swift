/// What a server says of itself. What it does not say is nil, and never 0.
public struct ServerReport: Sendable, Equatable {
  /// Somebody who is on the server.
  public struct Player: Sendable, Equatable {
    /// Empty while a player is still connecting, as far as the protocol tells.
    public let name: String
    public let score: Int?
    /// Seconds since the player came.
    public let seconds: Int?

    public init(_ name: String, score: Int? = nil, seconds: Int? = nil) {
      self.name = name
      self.score = score
      self.seconds = seconds
    }
  }

  public var name: String?
  public var map: String?
  /// Of the server's program.
  public var version: String?
  /// How many people are on it. Where ``bots`` is nil, bots may be among them.
  public var count: Int?
  /// How many are on it that no person plays; nil where the protocol does not tell them apart.
  public var bots: Int?
  /// How many may be on it.
  public var limit: Int?
  /// Nil where the protocol tells no names. Some servers name a part of the players only, and some name bots too.
  public var players: [Player]?

  public init(
    name: String? = nil, map: String? = nil, version: String? = nil, count: Int? = nil, bots: Int? = nil,
    limit: Int? = nil, players: [Player]? = nil
  ) {
    self.name = name
    self.map = map
    self.version = version
    self.count = count
    self.bots = bots
    self.limit = limit
    self.players = players
  }

  /// The most players that are named.
  static let mostPlayers = 1000
}

/// Why an answer is of no use. The texts quote nothing of what a server sent.
public enum AnswerFailure: Error, Sendable, Equatable {
  /// It is not in the words of the protocol.
  case garbage(String)
  case wrongPassword
  /// The protocol has no words for what should be sent.
  case unsayable(String)
}

/// Bounds of every conversation.
public enum AnswerLimits {
  /// Bytes of one answer.
  public static let bytes = 1_048_576
  /// Seconds between two tries with packets, which may get lost.
  static let retrySeconds = 1.0
  /// Seconds of quiet that end an answer whose end nobody marks.
  static let quietSeconds = 1.0
}
