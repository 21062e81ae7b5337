/// An action at a moment of an instance's life, or on a calendar.
///
/// It runs as a unit of its own, shut in like its service and with the same user, folders and environment.
public struct Job: Sendable, Equatable, Codable {
  /// When in an instance's life a job runs. Its service is stopped then.
  public enum Moment: String, Sendable, Codable, CaseIterable {
    /// After the files are written and before the first start.
    case install
    /// Before the start that follows an update.
    case update
    /// After a backup was put back and before the start that follows.
    case restore
    /// In a copy with an identity of its own, before its first start: after a clone, or a restore into a new instance.
    case clone
    /// Where one of ``settings`` gets another value, also in a copy: after the files are written and before the start.
    case change
    /// Before anything of the instance is taken away.
    case remove
  }

  /// Seconds that a job may take unless it says otherwise.
  public static let defaultTimeout = 600

  public var id: String
  public var moments: [Moment]
  /// The settings whose changes it answers to; nil for a job that answers to none.
  public var settings: [String]?
  /// Times as systemd.time(7) writes them; see ``CalendarText``.
  public var calendar: String?
  /// The service whose user, environment, folder and limits it has.
  public var service: String
  public var action: Action
  public var condition: Condition?

  public init(
    _ id: String, at moments: [Moment] = [], settings: [String] = [], calendar: String? = nil, service: String = "main",
    action: Action, when condition: Condition? = nil
  ) {
    self.id = id
    self.moments = moments
    self.settings = settings.isEmpty ? nil : settings
    self.calendar = calendar
    self.service = service
    self.action = action
    self.condition = condition
  }
}
