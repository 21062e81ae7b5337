import BerthKit
import BerthPlan
import Foundation

/// Where an adopted instance came from: all that it takes to go back. It lies in the instance's folder.
package struct Adoption: Sendable, Hashable, Codable {
  /// The name of the project.
  package let project: String
  /// The folder of its Compose file.
  package let folder: String
  /// Those that ran, in the order in which they are started.
  package let containers: [ContainerHandle]
  /// The volumes with which the instance goes on; nothing where it has copies.
  package let moves: [FolderMove]
  /// ISO 8601 in UTC.
  let adoptedAt: String

  package init(project: String, folder: String, containers: [ContainerHandle], moves: [FolderMove], adoptedAt: String) {
    self.project = project
    self.folder = folder
    self.containers = containers
    self.moves = moves
    self.adoptedAt = adoptedAt
  }
}

extension Adoption {
  /// What an instance needs of it: the volumes with which it goes on, in the place of its empty ones, and the way back.
  package func steps(_ record: InstanceRecord, _ paths: ScopePaths) throws -> [Step] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    let text = String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    let file = FileWrite(path: paths.adoption(record.key), text: text, mode: 0o600)
    return (moves.isEmpty ? [] : [.moveFolders(moves)]) + [.writeFile(file)]
  }
}
