import BerthKit

extension InstanceRecord {
  /// Where an instance's own folders lie that the operator has put on another disk by a link, by their names.
  ///
  /// Only root and the scope's owner can put a link in the place of such a folder, since what it stands in is theirs. Backups
  /// read what lies behind it, and a restore exchanges that; the link stays.
  ///
  /// - Parameters:
  ///   - exists: whether something is there, a dangling link included.
  ///   - isFolder: whether a path leads to a folder, by no link that others can have made.
  /// - Throws: `not-a-folder` where one leads to none: a backup would be without it.
  package func laidElsewhere(
    _ paths: ScopePaths, exists: (String) -> Bool, isFolder: (String) -> Bool, realPath: (String) -> String
  ) throws -> [String: String] {
    let own = paths.own(self)
    let home = realPath(own)
    var places: [String: String] = [:]
    for name in ScopePaths.ownFolders {
      let path = "\(own)/\(name)"
      guard exists(path) else { continue }
      guard isFolder(path) else { throw BerthError.leadsNowhere(path) }
      let place = realPath(path)
      if place != "\(home)/\(name)" { places[name] = place }
    }
    return places
  }
}
