import BerthKit

/// What a person or a script asks of the takeover of a project of Docker Compose.
public struct AdoptRequest: Sendable {
  /// What becomes of its volumes.
  public enum Volumes: String, Sendable, CaseIterable {
    /// They stay as they are, and the instance gets a copy.
    case copy
    /// The instance goes on with them, and nothing is copied but for the backup.
    case keep
  }

  public var app: String
  /// The folder of the project's Compose file.
  public var folder: String
  /// Settings over those that the project's containers have.
  public var settings: [String: String]
  /// Services of the project by those of the plugin, where their names do not say which is which.
  public var pairs: [String: String]
  public var volumes: Volumes
  /// Places in its containers whose data may stay behind, since the plugin keeps nothing there.
  public var leaving: [String]
  /// Where the instance's own folders are put; nil for Berth's state.
  public var directory: String?

  public init(
    app: String, folder: String, settings: [String: String] = [:], pairs: [String: String] = [:],
    volumes: Volumes = .copy, leaving: [String] = [], directory: String? = nil
  ) {
    self.app = app
    self.folder = folder
    self.settings = settings
    self.pairs = pairs
    self.volumes = volumes
    self.leaving = leaving
    self.directory = directory
  }
}
