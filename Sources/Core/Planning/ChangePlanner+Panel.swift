import BerthKit
import BerthPlan
import BerthRender

/// What panels manage an app's instances by.
extension Difference {
  /// Links to Berth itself that an older one made where scripts are by now.
  var formerLinks: [String] {
    let home = planner.facts.context.paths.instance(record.key)
    let view = planner.view
    return ScopePaths.scripts.map { "\(home)/\($0)" }.filter {
      view.exists($0) && !view.isFile($0) && !view.isFolder($0)
    }
  }

  /// The text that a file has now; nil where there is none, and for whatever gives way to a script.
  func textNow(_ file: FileWrite) throws -> String? {
    let view = planner.view
    guard ManageScript.isOne(file.path, of: record.key, planner.facts.context.paths) else {
      return try view.text(file.path)
    }
    return view.isFile(file.path) ? try? view.text(file.path) : nil
  }

  /// The link to the backups, where it leads elsewhere: the folder of a sandbox was moved, or that of all backups changed.
  var strayLinks: [String] {
    let paths = planner.facts.context.paths
    let (home, view) = (paths.instance(record.key), planner.view)
    let link = "\(home)/\(ScopePaths.backupsLink)"
    let real = view.realPath(link)
    let isLink = view.exists(link) && real != "\(view.realPath(home))/\(ScopePaths.backupsLink)"
    return isLink && real != view.realPath(paths.backups(of: record.key)) ? [link] : []
  }

  /// The files that all instances share: units, and scripts for panels.
  var sharedFiles: [FileWrite] { planner.facts.shared + panel }

  /// Those of the scripts for panels that differ from what is there.
  func changedPanel() throws -> [FileWrite] { try panel.filter { try textNow($0) != $0.text } }

  /// The folder of those scripts, where it is missing.
  func panelFolders() throws -> [Step] {
    try planner.facts.panelFolders(panel).filter(isMissing)
  }

  /// What panels managed all instances by, where they manage each by itself from now on.
  var stalePanel: [String] {
    let known = planner.view.panel(of: former, planner.facts.context.paths)
    // Another folder for such files has one of its own by then.
    return panel.isEmpty ? known : known.filter { $0 == former.registration && $0 != record.registration }
  }

  private var panel: [FileWrite] { planner.facts.panel(planner.facts.registration(of: record.key)) }
}
