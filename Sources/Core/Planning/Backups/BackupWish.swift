import BerthKit

/// What a person or a timer asks of a backup.
public struct BackupWish: Sendable, Equatable {
  public var reason: BackupReason
  /// Whether it holds everything, also where a difference would do.
  public var isFull: Bool
  public var compression: ArchiveOrder.Compression
  public var labels: [String: String]
  public var note: String?
  /// Whether retention never removes it.
  public var isKept: Bool
  /// Whether the finished archive is read again and checked.
  public var isVerified: Bool
  /// Whether an instance that is stopped for its copy stays so, since it shall go.
  public var leavesStopped: Bool

  public init(
    reason: BackupReason = .asked, isFull: Bool = false, compression: ArchiveOrder.Compression = .zstd,
    labels: [String: String] = [:], note: String? = nil, isKept: Bool = false, isVerified: Bool = false,
    leavesStopped: Bool = false
  ) {
    self.reason = reason
    self.isFull = isFull
    self.compression = compression
    self.labels = labels
    self.note = note
    self.isKept = isKept
    self.isVerified = isVerified
    self.leavesStopped = leavesStopped
  }
}
