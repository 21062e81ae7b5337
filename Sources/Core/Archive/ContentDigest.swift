import BerthFiles
import Crypto

/// The SHA-256 of a file's content as it comes, piece by piece.
///
/// For a file with holes it is made of two: that of the data alone, and that of where the data stands. So holes cost
/// nothing, however large they are.
struct ContentDigest {
  private var data = SHA256()
  private var places = SHA256()
  private var start: Int64 = 0
  private var end: Int64 = 0
  private let isSparse: Bool
  /// Bytes of data so far.
  private(set) var dense: Int64 = 0
  /// The place behind the latest piece.
  var length: Int64 { end }

  init(isSparse: Bool) { self.isSparse = isSparse }

  mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
    guard !bytes.isEmpty else { return }
    data.update(bufferPointer: bytes)
    dense += Int64(bytes.count)
    if offset != end { closeExtent(); start = offset }
    // What no file can be is found to be longer than it says.
    end = offset.addingReportingOverflow(Int64(bytes.count)).overflow ? .max : offset + Int64(bytes.count)
  }

  mutating func finish() -> FileDigest {
    let data = FileDigest(self.data.finalize())
    guard isSparse else { return data }
    closeExtent()
    var both = Bytes()
    data.appendHex(to: &both)
    FileDigest(places.finalize()).appendHex(to: &both)
    return FileDigest(of: both)
  }

  private mutating func closeExtent() {
    if end > start { places.update(data: Array("\(start) \(end)\n".utf8)) }
  }
}
