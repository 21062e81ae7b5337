import BerthKit
struct TarArchives: BackupArchives {
  init(identities: @escaping @Sendable (String) -> (user: UInt32, group: UInt32)?) {}
  func begin(_ order: ArchiveOrder) throws -> any ArchiveInProgress { fatalError() }
  func head(of path: String) throws -> BackupHead { fatalError() }
  func verify(_ path: String, index: String?, progress: ByteProgress) throws -> ArchiveSummary { fatalError() }
  func unpack(_ order: UnpackOrder, progress: ByteProgress) throws -> UnpackSummary { fatalError() }
  func kept(_ order: ReplaceOrder) throws -> [String] { fatalError() }
  func replace(_ order: ReplaceOrder, keeping kept: [String]) throws { fatalError() }
  func putBack(_ order: ReplaceOrder, keeping kept: [String]) throws { fatalError() }
}
