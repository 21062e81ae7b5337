import BerthKit
import Foundation
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A text in a file of its own, and the editor that a person prefers.
public struct Editor: Sendable {
  /// The file that is edited, which only its owner may read.
  public let path: String
  private let folder: TemporaryFolder

  /// - Parameters:
  ///   - text: what stands in the file at first.
  ///   - name: of the file, by whose ending an editor knows what it is.
  ///   - home: Berth's folder for what lasts as long as a command.
  /// - Throws: a file error.
  public init(_ text: String, name: String, below home: String) throws {
    folder = try TemporaryFolder(below: home)
    path = "\(folder.path)/\(name)"
    try LinuxFileTree().write(text, to: path, mode: 0o600, owner: nil, anchor: nil)
  }

  /// Lets a person edit the file.
  ///
  /// - Returns: what stands in it then.
  /// - Throws: `editor-failed`, or that there is no editor.
  public func edit() async throws -> String {
    let words = try Self.words()
    // It stays in this process group, since only that one may read from the terminal.
    let result = try await Subprocess.run(
      .path(FilePath(try SubprocessRunner.path(of: words[0]))), arguments: Arguments(Array(words.dropFirst()) + [path]),
      input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
      output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
      error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
    guard result.terminationStatus.isSuccess else { throw BerthError.editorFailed(words[0], path) }
    return try LinuxFileTree().read(path)
  }

  /// Removes the file.
  public func discard() { folder.remove() }

  /// The program with its arguments, from VISUAL or EDITOR, else the first that is there.
  ///
  /// Source: environ(7).
  private static func words() throws -> [String] {
    let environment = ProcessInfo.processInfo.environment
    for name in ["VISUAL", "EDITOR"] {
      let words = (environment[name] ?? "").split(separator: " ").map(String.init)
      if !words.isEmpty { return words }
    }
    let known = ["editor", "nano", "vi"].map { "/usr/bin/\($0)" }
    guard let found = known.first(where: LinuxFileTree().exists) else { throw BerthError.noEditor }
    return [found]
  }
}

extension BerthError {
  static func editorFailed(_ program: String, _ path: String) -> BerthError {
    BerthError(
      "editor-failed", .failure, "'\(program)' did not end well; nothing was changed", at: path,
      remedy: "set EDITOR to an editor that works")
  }

  static let noEditor = BerthError(
    "no-editor", .unavailable, "there is no editor: neither VISUAL nor EDITOR is set, and none is installed",
    remedy: "apt-get install nano")
}
