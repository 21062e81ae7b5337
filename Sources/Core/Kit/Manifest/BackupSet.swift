/// A named part of an instance's state, and how it is copied.
public struct BackupSet: Sendable, Equatable, Codable {
  /// How a set is copied.
  public enum Method: Sendable, Equatable, Codable {
    /// Files and folders below the instance's own folders; the paths may hold wildcards.
    ///
    /// What is not hot is copied while its service is stopped.
    case files(paths: [Template], exclude: [Template], isHot: Bool)
    /// The files of a named volume. What is not hot is copied while the service is stopped.
    case volume(String, isHot: Bool)
    /// Databases of SQLite, copied by its own online backup; the paths may hold wildcards.
    case sqlite(paths: [Template])
    /// What a program writes to its standard output, and the program that takes it back from its standard input.
    case command(dump: Action, restore: Action)
  }

  /// Seconds that a dump or its restore may take unless it says otherwise.
  public static let defaultTimeout = 3600
  /// Seconds that an action before or after may take unless it says otherwise.
  public static let defaultActionTimeout = 60

  public var id: String
  public var method: Method
  /// The service whose user, environment, folder and limits its programs have, and that is stopped for what is not hot.
  public var service: String
  /// Done before the set is copied, while the service runs.
  public var before: [Action]
  /// Done afterwards, also when the copy has failed.
  public var after: [Action]

  public init(
    _ id: String, _ method: Method, service: String = "main", before: [Action] = [], after: [Action] = []
  ) {
    self.id = id
    self.method = method
    self.service = service
    self.before = before
    self.after = after
  }

  /// Whether it is copied while its service runs.
  public var isHot: Bool {
    switch method {
    case .files(_, _, let isHot), .volume(_, let isHot): isHot
    case .sqlite, .command: true
    }
  }

  /// The names of the units that work for it, beside those of the app's own jobs.
  public var dumpJob: String { "\(id)-dump" }
  public var restoreJob: String { "\(id)-restore" }
  public var beforeJob: String { "\(id)-before" }
  public var afterJob: String { "\(id)-after" }
}
