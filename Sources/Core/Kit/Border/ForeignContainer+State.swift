extension ForeignContainer {
  /// How a container is when it is found.
  public enum State: Sendable, Equatable {
    case running
    case paused
    /// It starts again and again, or its own check says that it is not well.
    case unwell
    /// It was made, and never started.
    case created
    /// With the status that its program left.
    case ended(Int)
    /// Docker is taking it away, or could not.
    case dead

    /// Whether its programs are there, so that it has its ports and may write its data.
    public var isAlive: Bool {
      switch self {
      case .running, .paused, .unwell: true
      case .created, .ended, .dead: false
      }
    }

    /// How it is brought back to that.
    var comeback: ContainerHandle.Comeback {
      switch self {
      case .running: .well
      case .paused: .paused
      case .unwell: .unwatched
      case .created, .ended, .dead: .stopped
      }
    }
  }
}

extension ContainerHandle {
  /// How a container is brought back to what it was.
  public enum Comeback: String, Sendable, Codable {
    /// It is started, and waited for until it is healthy.
    case well
    /// It is started, and nobody waits for it, as it was not well before.
    case unwatched
    /// It is started, waited for and paused.
    case paused
    /// It stays stopped.
    case stopped
  }

  /// Whether going back is of no use without it.
  public var isNeeded: Bool { !isAuxiliary && comeback != .stopped }
}
