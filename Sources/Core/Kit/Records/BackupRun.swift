/// One attempt to back an instance up, and how it ended.
public struct BackupRun: Sendable, Hashable, Codable {
  /// Grows with every run; 0 until the registry has it.
  public var number: Int64
  /// The uid of the instance.
  public let instance: String
  public let key: InstanceKey
  public let instanceName: InstanceName
  /// ISO 8601 in UTC.
  public let startedAt: String
  public let endedAt: String
  public let reason: BackupReason
  /// What went wrong; nil when it succeeded.
  public let error: String?
  /// The id of the backup that was made, which may be removed by now; nil when it failed.
  public let backup: String?
  /// Seconds for which services were stopped.
  public let pause: Double
  /// Seconds that the whole took.
  public let duration: Double

  public init(
    number: Int64 = 0, instance: String, key: InstanceKey, instanceName: InstanceName, startedAt: String,
    endedAt: String, reason: BackupReason, error: String?, backup: String?, pause: Double, duration: Double
  ) {
    self.number = number
    self.instance = instance
    self.key = key
    self.instanceName = instanceName
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.reason = reason
    self.error = error
    self.backup = backup
    self.pause = pause
    self.duration = duration
  }

  public var isSuccess: Bool { error == nil }
  /// How messages call the instance.
  public var title: String { "\(key.app)/\(instanceName)" }
}
