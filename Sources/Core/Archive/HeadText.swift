import BerthFiles
import BerthKit
import Foundation

/// The head of a backup as JSON.
enum HeadText {
  private struct Format: Decodable { var format: Int }

  static func write(_ head: BackupHead) throws -> Bytes {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    // Without them it could not be restored.
    encoder.userInfo[.includesSecrets] = true
    return Array(try encoder.encode(head))
  }

  /// The format is looked at first, as a newer one may say the rest in other words.
  static func read(_ bytes: Bytes, archive: String) throws -> BackupHead {
    let data = Data(bytes)
    guard let format = try? JSONDecoder().decode(Format.self, from: data).format, format > 0 else {
      throw BerthError.badBackup("it does not say its format", archive: archive)
    }
    guard format <= BackupHead.newestFormat else { throw BerthError.newerBackup(format, archive: archive) }
    let head: BackupHead
    do {
      head = try JSONDecoder().decode(BackupHead.self, from: data)
    } catch {
      var bad = BerthError.badBackup("what it says of itself cannot be read", archive: archive)
      bad.cause = String(describing: error)
      throw bad
    }
    guard let problem = head.problem else { return head }
    throw BerthError.badBackup(problem, archive: archive)
  }
}
