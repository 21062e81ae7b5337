import BerthFiles
import BerthKit
import Glibc
import Synchronization

/// Backups as tar archives.
public struct TarArchives: BackupArchives {
  /// Gives the numbers of a user; nil when there is no such user.
  public typealias Identities = @Sendable (String) -> (user: uid_t, group: gid_t)?

  private let identities: Identities
  private let bound: Expansion

  public init(identities: @escaping Identities) { self.init(bound: Expansion(), identities: identities) }

  init(bound: Expansion, identities: @escaping Identities) {
    self.bound = bound
    self.identities = identities
  }

  public func begin(_ order: ArchiveOrder) throws -> any ArchiveInProgress { try TarInProgress(order) }

  public func look(at path: String) throws -> ArchiveLook {
    let (head, bytes) = try TarReader(path).head()
    return ArchiveLook(head: head, digest: FileDigest(of: bytes).hex)
  }

  public func headDigest(of path: String) throws -> String { FileDigest(of: try TarReader(path).headBytes()).hex }

  public func end(of path: String) throws -> ArchiveEnd { try ArchiveEnd(path) }

  public func verify(
    _ path: String, index: String?, trust: ArchiveTrust, isBounded: Bool, progress: ByteProgress
  ) throws -> ArchiveSummary {
    try withoutActuallyEscaping(progress) { progress in
      var verification = try Verification(path, trust, bound: isBounded ? bound : nil, progress)
      return try verification.run(index: index)
    }
  }

  public func unpack(_ order: UnpackOrder, progress: ByteProgress) throws -> UnpackSummary {
    var owner: (user: uid_t, group: gid_t)?
    if let name = order.owner?.user {
      guard let numbers = identities(name) else { throw BerthError.unknownOwner(name) }
      owner = numbers
    }
    return try withoutActuallyEscaping(progress) { progress in
      try Unpacking.run(order, owner, bound: bound, progress)
    }
  }

  public func spelling(of typed: String) -> String { FileName.text(FileName.bytes(typed: typed)) }

  public func kept(_ order: ReplaceOrder) throws -> [String] { try Replacement(order).kept() }

  public func replace(_ order: ReplaceOrder, keeping kept: [String]) throws {
    try Replacement(order).replace(keeping: kept)
  }

  public func putBack(_ order: ReplaceOrder, keeping kept: [String]) throws {
    try Replacement(order).putBack(keeping: kept)
  }
}

/// An archive that is being written; whoever holds it may be on any thread.
final class TarInProgress: ArchiveInProgress {
  /// Nil once it is finished or given up.
  private let builder: Mutex<ArchiveBuilder?>

  init(_ order: ArchiveOrder) throws { builder = Mutex(try ArchiveBuilder(order)) }

  deinit { discard() }

  func add(_ parts: [ArchivePart], progress: ByteProgress) throws {
    try withoutActuallyEscaping(progress) { progress in
      try builder.withLock { try $0?.add(parts, progress) }
    }
  }

  func finish() throws -> ArchiveSummary {
    try builder.withLock { builder in
      guard let open = builder else { throw BerthError.archiveClosed() }
      let summary = try open.finish()
      builder = nil
      return summary
    }
  }

  func discard() {
    builder.withLock { builder in
      builder?.discard()
      builder = nil
    }
  }
}

extension ArchiveEnd {
  private static let length = 4096

  /// - Throws: a file error.
  init(_ path: String) throws {
    guard let file = try RegularFile.open(path) else { throw BerthError.fileSystem("cannot read", path) }
    var info = stat()
    var bytes = Bytes(repeating: 0, count: Self.length)
    guard fstat(file.descriptor, &info) == 0 else { throw BerthError.fileSystem("cannot look at", path) }
    let start = max(0, Int(info.st_size) - Self.length)
    let count = bytes.withUnsafeMutableBytes { pread(file.descriptor, $0.baseAddress, $0.count, start) }
    guard count >= 0 else { throw BerthError.fileSystem("cannot read", path) }
    self.init(size: Int64(info.st_size), digest: FileDigest(of: Bytes(bytes.prefix(count))).hex)
  }
}
