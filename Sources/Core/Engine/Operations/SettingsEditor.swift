import BerthHost
import BerthKit

/// The settings of an instance as a file that a person edits.
public struct SettingsEditor: Sendable {
  fileprivate let editor: Editor

  /// The file, which only its owner may read.
  public var path: String { editor.path }

  /// Lets a person edit the file.
  ///
  /// - Returns: what stands in it then.
  /// - Throws: `editor-failed`, or that there is no editor.
  public func edit() async throws -> String { try await editor.edit() }

  /// Removes the file.
  public func discard() { editor.discard() }
}

extension Berth {
  /// Puts settings into a file for a person.
  ///
  /// - Throws: a file error.
  public func editor(of record: InstanceRecord, _ lines: [SettingsSheet.Line], heading: [String]) throws
    -> SettingsEditor
  {
    SettingsEditor(
      editor: try Editor(
        SettingsSheet.text(lines, heading: heading), name: "\(record.key.app).yaml", below: paths.temporary))
  }
}
