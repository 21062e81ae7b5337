import BerthKit

/// How to take back a step that was done: what a receipt holds.
public enum Undo: Sendable, Equatable, Codable {
  /// There is nothing to take back.
  case nothing
  case removeUsers([String])
  case makeUsers([String])
  case forget(InstanceRecord)
  case register(Registration)
  case settle(InstanceRecord, InstanceRecord.State)
  case removePath(String)
  /// The folder, with its contents unless it is shared, and what was made above it as far as that is empty.
  case removeFolder(path: String, topmost: String, isShared: Bool)
  case recordChecksum(String?, path: String, instance: String)
  /// The file's former text.
  case rewrite(FileWrite)
  /// Move a tree back from where it was set aside.
  case putBack(from: String, to: String)
  /// Each former text, or nil for a file that was not there.
  case restoreUnits(app: String, former: [FileWrite], added: [String])
  case several([Undo])
  case reloadManager
  case enable([String])
  case disable([String])
  case start(InstanceRecord)
  case stop(InstanceRecord)
}

extension Undo {
  /// Whether the manager has to know the units as they are.
  var needsManager: Bool {
    switch self {
    case .enable, .disable, .start, .stop: true
    default: false
    }
  }
}

/// A step that was begun, and how to take it back.
public struct Receipt: Sendable, Equatable, Codable {
  public let step: Step
  public let undo: Undo
}
