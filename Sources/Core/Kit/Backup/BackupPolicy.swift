/// When an instance is backed up by itself, and which of its backups stay.
public struct BackupPolicy: Sendable, Hashable, Codable {
  /// Times as systemd.time(7) writes them, `off` for never; nil when nobody said.
  public var schedule: String?
  /// Nil when nobody said: then everything stays.
  public var keep: Retention?

  public init(schedule: String? = nil, keep: Retention? = nil) {
    self.schedule = schedule
    self.keep = keep
  }

  /// The word that turns a schedule off.
  public static let off = "off"

  public var isEmpty: Bool { self == BackupPolicy() }

  /// What it does not say is taken from another.
  public func filled(from other: BackupPolicy) -> BackupPolicy {
    BackupPolicy(schedule: schedule ?? other.schedule, keep: keep ?? other.keep)
  }

  /// The calendar that a timer is made for; nil for none.
  public var calendar: String? { schedule == Self.off ? nil : schedule }
}

/// How many backups stay: the newest ones, and the newest of each of so many days, weeks and months.
public struct Retention: Sendable, Hashable, Codable {
  public var last: Int?
  public var daily: Int?
  public var weekly: Int?
  public var monthly: Int?

  public init(last: Int? = nil, daily: Int? = nil, weekly: Int? = nil, monthly: Int? = nil) {
    self.last = last
    self.daily = daily
    self.weekly = weekly
    self.monthly = monthly
  }
}
