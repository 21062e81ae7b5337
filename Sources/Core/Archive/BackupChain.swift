import BerthFiles
import BerthKit
import Glibc

/// The archives that a backup consists of, looked at before anything is written.
struct BackupChain {
  private let order: UnpackOrder
  private let last: (reader: TarReader, head: BackupHead, digest: FileDigest)

  /// - Throws: `backup-link-missing` when an archive is not there, or another one stands in its place.
  init(_ order: UnpackOrder) throws {
    self.order = order
    guard let path = order.archives.last, order.ids.count == order.archives.count else {
      throw BerthError.badBackup("no archive is named", archive: order.archives.last ?? "")
    }
    var digests: [String] = []
    for (archive, id) in zip(order.archives, order.ids).dropLast() {
      guard HostPath.exists(archive) else {
        throw BerthError.missingLink(id, archive: archive, cause: String(cString: strerror(errno)))
      }
      let (found, bytes) = try TarReader(archive).head()
      guard found.id == id else {
        throw BerthError.missingLink(id, archive: archive, cause: "it is the backup '\(found.id)'")
      }
      digests.append(FileDigest(of: bytes).hex)
    }
    let reader = try TarReader(path)
    let (head, bytes) = try reader.head()
    guard head.id == order.ids.last else {
      throw BerthError.missingLink(order.ids.last ?? "", archive: path, cause: "it is the backup '\(head.id)'")
    }
    guard head.chain.map(\.id) == order.ids.dropLast() else {
      let missing = head.chain.first { !order.ids.contains($0.id) }?.id ?? head.id
      throw BerthError.missingLink(missing, archive: path, cause: "its chain is another one")
    }
    for (index, link) in head.chain.enumerated() where link.seal.map({ $0.head != digests[index] }) ?? false {
      throw BerthError.missingLink(
        link.id, archive: order.archives[index], cause: "another archive that goes by its id stands there")
    }
    last = (reader, head, FileDigest(of: bytes))
  }

  /// The numbers of the instance's own user when the backup was made; nil where all files become the instance's.
  var owner: FileNumbers? {
    switch order.trust {
    case .own, .stranger(keepsOwners: true, _): last.head.owner
    case .stranger(keepsOwners: false, _): nil
    }
  }

  /// The list of files of the backup, and the sets that it has.
  func list() throws -> (list: FileList, sets: [SelectedSet]) {
    let path = last.reader.path
    if let index = order.index, HostPath.exists(index),
      let list = try? Verification.list(
        try WholeFile.read(index, atMost: FileList.longest), path, last.head, last.digest, order.trust)
    {
      return (list, last.head.sets)
    }
    while let member = try last.reader.next() {
      guard member.path == TarReader.listPath else { continue }
      let text = try last.reader.content(atMost: FileList.longest)
      return (try Verification.list(text, path, last.head, last.digest, order.trust), last.head.sets)
    }
    throw BerthError.badBackup("it is cut off", archive: path)
  }
}
