import BerthKit

/// What is seen of a backup's archive without reading it.
package enum ArchiveProblem: Equatable {
  case missing
  /// It is not what was written.
  case changed(String)

  /// In words; nil where it is missing.
  package var text: String? { if case .changed(let text) = self { text } else { nil } }
}

extension HostServices {
  /// Whether a backup's archive is where it was, as long as it was, and begins and ends as it did; nil when it does.
  ///
  /// What is overwritten in its middle is found by a verification only, which reads it all.
  package func problem(with backup: BackupRecord) -> ArchiveProblem? {
    guard files.exists(backup.path) else { return .missing }
    do {
      let end = try archives.end(of: backup.path)
      guard end.size == backup.size else {
        return .changed("its archive has \(end.size) bytes, and had \(backup.size) when it was made: \(backup.path)")
      }
      guard backup.end == nil || backup.end == end.digest else {
        return .changed("its archive ends otherwise than when it was made: \(backup.path)")
      }
      guard try backup.seal == nil || backup.seal?.head == archives.headDigest(of: backup.path) else {
        return .changed("its archive begins otherwise than when it was made: \(backup.path)")
      }
      return nil
    } catch { return .changed(BerthError(anything: error).summary) }
  }

  /// The first problem with a backup or one that it needs, in words; nil when there is none.
  package func problem(withChainOf backup: BackupRecord) throws -> String? {
    for link in try registry.backups.chain(of: backup.id) {
      switch problem(with: link) {
      case .missing?: return "its archive \(link.path) is not there"
      case .changed(let text)?: return text
      case nil: if let found = link.checked { return found }
      }
    }
    return nil
  }
}
