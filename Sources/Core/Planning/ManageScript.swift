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
      return FileWrite(
        path: "\(folder)/\(name)",
        text: """
          #!/bin/sh
          \(UnitRenderer.signature), for panels; 'berth manage \(app) --help' says what they can do.
          exec \(command.line) "$@"

          """, mode: 0o755)
    }
    return ScopePaths.manageNames.map { file($0, []) } + [file(ScopePaths.installer, ["install"])]
  }
}
