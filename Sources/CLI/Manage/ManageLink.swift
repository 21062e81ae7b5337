import BerthKit
import Foundation

/// The program called by the name `manage` or `manage.py` in an instance's folder: what it stands for.
struct ManageLink {
  /// The words of `berth` that it means.
  let words: [String]

  /// - Parameters:
  ///   - program: how it was called, with its folder.
  ///   - words: what it was told.
  /// - Returns: nil when it is Berth under its own name.
  /// - Throws: `not-in-instance` when the folder is none of an instance's.
  init?(program: String, words: [String], workingFolder: String) throws {
    let name = (program as NSString).lastPathComponent
    guard ScopePaths.manageNames.contains(name) else { return nil }
    let path = program.hasPrefix("/") ? program : "\(workingFolder)/\(program)"
    // The folder itself may be reached by a link; the program in it is one.
    let folder = URL(fileURLWithPath: (path as NSString).deletingLastPathComponent).resolvingSymlinksInPath().path
    let parts = folder.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 4, parts[parts.count - 3] == "instances" else { throw BerthError.notInInstance(folder) }
    let state = parts.dropLast(3).joined(separator: "/")
    let scope =
      state == ScopePaths.system.state
      ? ["--scope", "system"]
      : state.hasSuffix("/state") && FileManager.default.fileExists(atPath: "\(state.dropLast("state".count))config")
        ? ["--root", String(state.dropLast("/state".count))] : ["--scope", "user"]
    self.words = ["manage", parts[parts.count - 2], "--instance", parts[parts.count - 1]] + scope + words
  }
}

extension BerthError {
  static func notInInstance(_ folder: String) -> BerthError {
    BerthError(
      "not-in-instance", .usage, "'manage' stands in the folder of an instance, and '\(folder)' is none", at: folder,
      remedy: "berth list --json")
  }
}
