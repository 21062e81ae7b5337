/// Which instance a folder is, told by its path alone.
public struct InstancePlace: Sendable, Equatable {
  public let scope: Scope
  /// The folder of the sandbox; nil in the other scopes.
  public let root: String?
  public let app: String
  public let id: String

  /// - Parameter folder: an absolute path without links in it.
  /// - Returns: nil when it is no instance's, wherever the scope's folders lie.
  public init?(folder: String) {
    let parts = folder.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 4, parts[parts.count - 3] == "instances" else { return nil }
    let state = parts.dropLast(3)
    app = parts[parts.count - 2]
    id = parts[parts.count - 1]
    if state.joined(separator: "/") == ScopePaths.system.state {
      (scope, root) = (.system, nil)
    } else if state.last == "state" {
      (scope, root) = (.sandbox, state.dropLast().joined(separator: "/"))
    } else {
      (scope, root) = (.user, nil)
    }
  }
}
