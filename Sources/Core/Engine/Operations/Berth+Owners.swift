import BerthKit

/// Files in an instance's folders that are not its user's.
extension Berth {
  /// Those that no update gives to it, since they may be somebody's elsewhere.
  func sharedFiles(_ record: InstanceRecord) -> [Finding] {
    guard let (folders, owner) = record.ownedFolders(paths) else { return [] }
    let found = host.files.foreignFiles(in: folders, of: owner, isDeep: true)
    guard let first = found.shared.first else { return [] }
    let them = ForeignFiles.list(found.shared, of: found.sharedCount)
    return [
      Finding(
        code: "foreign-file", subject: record.title,
        problem: found.sharedCount == 1
          ? "\(them) does not belong to its user, and has another name that may be somebody else's"
          : "\(found.sharedCount) of its files do not belong to its user, and have other names that may be somebody else's: "
            + them,
        remedy: .run(Command("find", ["/", "-samefile", first])))
    ]
  }

  /// Tells before a start what its services may not be able to read. Only what lies at the top of its folders is looked at: a
  /// start does not wait for a walk through a million files, and the doctor does that.
  func tellForeignFiles(_ records: [InstanceRecord]) {
    for record in records {
      guard let (folders, owner) = record.ownedFolders(paths) else { continue }
      let found = host.files.foreignFiles(in: folders, of: owner, isDeep: false)
      for reason in found.reasons {
        let remedy = Remedy.berth("update", record.key.app, "--instance", "\(record.key.id)")
        let reach = Command(paths.words[0], Array(paths.words.dropFirst())).line
        options.notice("\(record.title): \(reason), and it may not be able to read that; run: \(remedy) \(reach)")
      }
    }
  }
}
