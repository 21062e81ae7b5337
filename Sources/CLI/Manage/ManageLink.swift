import BerthHost
import BerthKit
import Foundation

/// The program called by the name `manage` or `manage.py` in an instance's folder: what it stands for.
enum ManageLink {
  /// What this program was told, as words of `berth`.
  ///
  /// - Throws: `not-in-instance` when it was called by a manage script's name in a folder that is none of an instance's.
  static let words = Result { try words(program: CommandLine.arguments[0], Array(CommandLine.arguments.dropFirst())) }

  private static func words(program: String, _ words: [String]) throws -> [String] {
    guard ScopePaths.manageNames.contains((program as NSString).lastPathComponent) else {
      return CommandWords.ordered(words)
    }
    let path = program.hasPrefix("/") ? program : "\(HostEnvironment().workingFolder)/\(program)"
    // The folder itself may be reached by a link; the program in it is one.
    let folder = LinuxFileTree().realPath(ScopePaths.folder(of: path))
    guard let place = InstancePlace(folder: folder) else { throw BerthError.notInInstance(folder) }
    let scope = place.root.map { ["--root", $0] } ?? ["--scope", place.scope.rawValue]
    return ["manage", place.app, "--instance", place.id] + scope + words
  }
}

extension BerthError {
  static func notInInstance(_ folder: String) -> BerthError {
    BerthError(
      "not-in-instance", .usage, "'manage' stands in the folder of an instance, and '\(folder)' is none", at: folder,
      remedy: .berth("list", "--json"))
  }
}
