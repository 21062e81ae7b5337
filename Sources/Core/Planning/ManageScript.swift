import BerthKit
import BerthPlan
import BerthRender

/// The small programs in a folder by which panels manage an instance, or all instances of an app.
///
/// They are files of their own: a panel that is told to delete a link deletes what it leads to. Their words are fixed, and
/// quoted as a shell reads them; what a panel says goes on as it is.
enum ManageScript {
  /// Whether a path is that of a script of an instance, or of all instances of its app.
  static func isOne(_ path: String, of key: InstanceKey, _ paths: ScopePaths) -> Bool {
    ScopePaths.scripts.contains { path.hasSuffix("/\($0)") }
      && [paths.instance(key), paths.panel(key.app)].contains(ScopePaths.folder(of: path))
  }

  /// The places of scripts in which something of somebody else's stands: another text, or a folder.
  static func foreign(_ files: [FileWrite], of key: InstanceKey, _ paths: ScopePaths, _ view: HostView) -> [String] {
    files.map(\.path).filter { path in
      guard isOne(path, of: key, paths), view.exists(path) else { return false }
      guard view.isFile(path) else { return view.isFolder(path) }
      return (try? view.text(path)).map(isOwn) != true
    }
  }

  /// Moves that away; it stays beside.
  static func clearing(_ foreign: [String], _ view: HostView) -> [Step] {
    let moves = foreign.map { FolderMove($0, to: ScopePaths.kept($0, at: view.timestamp)) }
    return moves.isEmpty ? [] : [.moveFolders(moves)]
  }

  /// Those of one instance.
  static func files(of key: InstanceKey, _ context: RenderContext) -> [FileWrite] {
    files(
      in: context.paths.instance(key), app: key.app, of: ["--instance", key.id.text], context)
  }

  /// Those that speak for all instances of an app.
  static func files(ofAll app: String, _ context: RenderContext) -> [FileWrite] {
    files(in: context.paths.panel(app), app: app, of: ["--all"], context)
  }

  /// Whether a text is one of theirs, of this version or a former one: a note, and one command.
  static func isOwn(_ text: String) -> Bool {
    let lines = text.split(separator: "\n")
    guard lines.count > 2, lines[0] == "#!/bin/sh", lines[1].hasPrefix("\(UnitRenderer.signature), for panels;") else {
      return false
    }
    let command = lines[2].hasPrefix(python) ? lines[2].dropFirst(python.count) : lines[2]
    let rest = lines.dropFirst(3).joined(separator: "\n")
    return command.hasPrefix("exec ") && command.hasSuffix(" \"$@\"") && ["", pythonLines].contains(rest)
  }

  private static func files(
    in folder: String, app: String, of chosen: [String], _ context: RenderContext
  ) -> [FileWrite] {
    let reach = chosen + context.reach
    func file(_ name: String, _ verb: [String]) -> FileWrite {
      let command = Command(context.berth, ["manage", app] + verb + reach)
      let line = "exec \(command.line) \"$@\""
      return FileWrite(
        path: "\(folder)/\(name)",
        text: """
          #!/bin/sh
          \(UnitRenderer.signature), for panels; 'berth manage \(app) --help' says what they can do.
          \(name.hasSuffix(".py") ? forPython(line) : line)

          """, mode: 0o755)
    }
    return ScopePaths.manageNames.map { file($0, []) } + [file(ScopePaths.installer, ["install"])]
  }

  /// Lines that a shell and Python both read.
  ///
  /// To a shell a `#` within a word is a letter, so that it goes on to the program and sees no line after it. To Python it begins
  /// a comment, whatever the program's words are, and Python has the shell read the file.
  private static func forPython(_ line: String) -> String { "\(python)\(line)\n\(pythonLines)" }

  private static let python = "python=0#; "
  private static let pythonLines = """
    import os, sys
    os.execv("/bin/sh", ["sh", os.path.abspath(__file__)] + sys.argv[1:])
    """
}
