import BerthFiles
import BerthKit
import Foundation

/// A folder for the time of one call, below one of Berth's own: in a folder that everybody may write, such as `/tmp`,
/// somebody else could have made it first.
package struct TemporaryFolder: Sendable {
  let path: String

  /// - Parameter home: Berth's folder for these; it is made where it is missing.
  init(below home: String) throws {
    try LinuxFileTree().makeFolder(home, mode: 0o700, owner: nil)
    path = "\(home)/\(UUID().uuidString.lowercased())"
    try LinuxFileTree().makeFolder(path, mode: 0o700, owner: nil)
  }

  func remove() { TreeRemoval.remove(path) }

  /// Makes one, and removes it with everything in it however the call ends.
  package static func with<Result>(
    below home: String, isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> Result
  ) async throws -> Result {
    let folder = try TemporaryFolder(below: home)
    defer { folder.remove() }
    return try await body(URL(fileURLWithPath: folder.path))
  }
}
