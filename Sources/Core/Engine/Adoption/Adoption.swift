import BerthKit
import Foundation

/// What a person or a script asks of the takeover of a project of Docker Compose.
public struct AdoptRequest: Sendable {
  /// What becomes of its volumes.
  public enum Volumes: String, Sendable, CaseIterable {
    /// They stay as they are, and the instance gets a copy.
    case copy
    /// The instance goes on with them, and nothing is copied but for the backup.
    case keep
  }

  public var app: String
  /// The folder of the project's Compose file.
  public var folder: String
  /// Settings over those that the project's containers have.
  public var settings: [String: String]
  public var volumes: Volumes
  /// Where the instance's own folders are put; nil for Berth's state.
  public var directory: String?

  public init(
    app: String, folder: String, settings: [String: String] = [:], volumes: Volumes = .copy, directory: String? = nil
  ) {
    self.app = app
    self.folder = folder
    self.settings = settings
    self.volumes = volumes
    self.directory = directory
  }
}

/// Where an adopted instance came from: all that it takes to go back. It lies in the instance's folder.
struct Adoption: Sendable, Hashable, Codable {
  /// The name of the project.
  let project: String
  /// The folder of its Compose file.
  let folder: String
  /// Those that ran, in the order in which they are started.
  let containers: [ContainerHandle]
  /// The volumes with which the instance goes on; nothing where it has copies.
  let moves: [FolderMove]
  /// ISO 8601 in UTC.
  let adoptedAt: String
}

extension Adoption {
  /// What an instance needs of it: the volumes with which it goes on, in the place of its empty ones, and the way back.
  func steps(_ record: InstanceRecord, _ paths: ScopePaths) throws -> [Step] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    let text = String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    let file = FileWrite(path: paths.adoption(record.key), text: text, mode: 0o600)
    return (moves.isEmpty ? [] : [.moveFolders(moves)]) + [.writeFile(file)]
  }
}
