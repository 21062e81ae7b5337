import BerthKit

/// Keeps the unit in place that recovers broken operations when the host boots.
///
/// It belongs to no instance, and so to no plan. It is there before an operation begins that makes or changes an instance,
/// and goes when there is none left.
public struct BootRecovery: Sendable {
  private let files: any FileTree
  private let paths: ScopePaths
  /// The unit's file and its text.
  private let unit: (path: String, text: String)

  public init(files: any FileTree, paths: ScopePaths, unit: (path: String, text: String)) {
    self.files = files
    self.paths = paths
    self.unit = unit
  }

  /// Puts the unit in place where it is missing or differs. The manager need not know it before the next boot.
  ///
  /// - Throws: a file error.
  public func install() throws {
    if !files.exists(unit.path) || (try? files.read(unit.path))?.isSame(as: unit.text) != true {
      try files.makeFolder(paths.units, mode: 0o755, owner: nil)
      try files.write(unit.text, to: unit.path, mode: 0o644, owner: nil, anchor: nil)
    }
    guard !files.exists(paths.recoveryLink) else { return }
    try files.makeFolder(paths.wants, mode: 0o755, owner: nil)
    try files.makeLink(paths.recoveryLink, to: unit.path)
  }

  public func remove() throws {
    try files.remove(paths.recoveryLink)
    try files.remove(unit.path)
  }
}
