import BerthArchive
import BerthKit

/// Real archives below a temporary folder, as ``JailedFiles`` has files: what Berth takes for `/` is that folder.
///
/// It is a fake because the paths of the system scope are fixed. Owners are left out, since only root can give files away.
struct JailedArchives: BackupArchives {
  let files: JailedFiles
  private let real = TarArchives { _ in nil }

  init(files: JailedFiles) { self.files = files }

  private var root: String { files.folder.path }
  private var fault: Fault { files.fault }

  func begin(_ order: ArchiveOrder) throws -> any ArchiveInProgress {
    var jailed = order
    jailed.path = root + order.path
    jailed.index = root + order.index
    jailed.previous = order.previous.map { root + $0 }
    jailed.folders = order.folders.mapValues { root + $0 }
    return try fault.act("begin \(order.path)") {
      JailedArchive(real: try real.begin(jailed), root: root, fault: fault, path: order.path)
    }
  }

  func look(at path: String) throws -> ArchiveLook { try real.look(at: root + path) }

  func headDigest(of path: String) throws -> String { try real.headDigest(of: root + path) }

  func end(of path: String) throws -> ArchiveEnd { try real.end(of: root + path) }

  func verify(
    _ path: String, index: String?, trust: ArchiveTrust, isBounded: Bool, progress: ByteProgress
  ) throws -> ArchiveSummary {
    try real.verify(
      root + path, index: index.map { root + $0 }, trust: trust, isBounded: isBounded, progress: progress)
  }

  func unpack(_ order: UnpackOrder, progress: ByteProgress) throws -> UnpackSummary {
    var jailed = order
    jailed.archives = order.archives.map { root + $0 }
    jailed.index = order.index.map { root + $0 }
    jailed.target = root + order.target
    jailed.owner = nil
    return try fault.act("unpack \(order.target)") { try real.unpack(jailed, progress: progress) }
  }

  func spelling(of typed: String) -> String { real.spelling(of: typed) }

  func kept(_ order: ReplaceOrder) throws -> [String] { try real.kept(jailed(order)) }

  func replace(_ order: ReplaceOrder, keeping kept: [String]) throws {
    try fault.act("replace \(order.folder)") { try real.replace(jailed(order), keeping: kept) }
  }

  func putBack(_ order: ReplaceOrder, keeping kept: [String]) throws {
    try fault.act("put back \(order.folder)") { try real.putBack(jailed(order), keeping: kept) }
  }

  private func jailed(_ order: ReplaceOrder) -> ReplaceOrder {
    var jailed = order
    jailed.folder = root + order.folder
    jailed.staged = root + order.staged
    jailed.aside = root + order.aside
    return jailed
  }
}

private final class JailedArchive: ArchiveInProgress {
  let real: any ArchiveInProgress
  let root: String
  let fault: Fault
  let path: String

  init(real: any ArchiveInProgress, root: String, fault: Fault, path: String) {
    self.real = real
    self.root = root
    self.fault = fault
    self.path = path
  }

  func add(_ parts: [ArchivePart], progress: ByteProgress) throws {
    let jailed = parts.map { ArchivePart($0.set, copy: $0.copy.map { root + $0 }) }
    try fault.act("add \(parts.map(\.set).joined(separator: " ")) to \(path)") {
      try real.add(jailed, progress: progress)
    }
  }

  func finish() throws -> ArchiveSummary { try fault.act("finish \(path)") { try real.finish() } }

  // A dead process removes nothing.
  func discard() { if !fault.isDead { real.discard() } }
}
