import BerthKit
import BerthPlan

/// What lies in an instance's folders and is not its user's, so that its services may not be able to read it.
extension Difference {
  /// Nothing unless it was asked for: every file is looked at.
  func foreignFiles() -> ForeignFiles {
    guard planner.wish.checksOwners, planner.wish.restore == nil,
      let (folders, owner) = record.ownedFolders(planner.facts.context.paths)
    else { return ForeignFiles() }
    return planner.view.foreignFiles(folders, owner)
  }

  func giving(_ foreign: ForeignFiles) -> [Step] {
    guard foreign.count + foreign.closedCount > 0,
      let (folders, owner) = record.ownedFolders(planner.facts.context.paths)
    else { return [] }
    return [.giveFiles(folders: folders, to: owner)]
  }
}

extension InstanceRecord {
  /// The folders in which everything is one user's, and that user. A container may have users of its own in there, and a
  /// person's instances are all the person's.
  package func ownedFolders(_ paths: ScopePaths) -> (folders: [String], owner: FileOwner)? {
    guard let user, images.isEmpty else { return nil }
    let own = paths.own(self)
    return (ScopePaths.ownFolders.map { "\(own)/\($0)" }, FileOwner(user: user))
  }
}

extension ForeignFiles {
  /// In a line, where there are any.
  package var reasons: [String] {
    let foreign =
      switch count {
      case 0: [String]()
      case 1: ["\(paths[0]) does not belong to its user"]
      default: ["\(count) of its files do not belong to its user: \(Self.list(paths, of: count))"]
      }
    return foreign
      + (closedCount == 0 ? [] : ["its user may not read \(Self.list(closed, of: closedCount)), by the mode"])
  }

  /// The first ones, and that there are more.
  package static func list(_ paths: [String], of count: Int) -> String {
    // The names are the instance's own.
    paths.map(VisibleText.line).joined(separator: ", ") + (count > paths.count ? ", …" : "")
  }
}
