/// Which service manager Berth drives, and whose paths it uses.
public enum Scope: String, Sendable, Codable, CaseIterable {
  /// The host's own manager, as root.
  case system
  /// One person's `systemd --user`.
  case user
  /// A private manager of Berth's own, everything below one folder.
  case sandbox
}
