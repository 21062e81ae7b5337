import BerthKit
import BerthPlan
import Foundation

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
