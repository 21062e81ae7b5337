import BerthKit
import BerthPlan
import BerthRender

/// The small programs in a folder by which panels manage an instance, or all instances of an app.
///
/// They are files of their own: a panel that is told to delete a link deletes what it leads to. Their words are fixed, and
/// quoted as a shell reads them; what a panel says goes on as it is.
enum ManageScript {
  /// Those of one instance.
  static func files(of key: InstanceKey, _ context: RenderContext) -> [FileWrite] {
    files(
      in: context.paths.instance(key), app: key.app, of: ["--instance", key.id.text], context)
  }

  /// Those that speak for all instances of an app.
  static func files(ofAll app: String, _ context: RenderContext) -> [FileWrite] {
    files(in: context.paths.panel(app), app: app, of: ["--all"], context)
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
  private static func forPython(_ line: String) -> String {
    """
    python=0#; \(line)
    import os, sys
    os.execv("/bin/sh", ["sh", os.path.abspath(__file__)] + sys.argv[1:])
    """
  }
}
