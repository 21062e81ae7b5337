import CArchive
import Testing

@Suite("The archive library")
struct ArchiveLibraryTests {
  @Test("can be linked, and is new enough for zstd and its threads")
  func version() {
    // Version 3.6.0 is 3006000.
    #expect(archive_version_number() >= 3_006_000)
    #expect(archive_version_number() >= ARCHIVE_VERSION_NUMBER)
  }
}
