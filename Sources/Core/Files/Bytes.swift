import Glibc

/// A name or path as the file system knows it: any bytes but NUL.
package typealias Bytes = [UInt8]

extension UInt8 {
  package static let slash = UInt8(ascii: "/")
  package static let newline = UInt8(ascii: "\n")
  package static let space = UInt8(ascii: " ")
}

extension Sequence<UInt8> {
  /// Calls with a copy that C reads as a string.
  package func withCPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    let copy = Array(self)
    return try withUnsafeTemporaryAllocation(byteCount: copy.count + 1, alignment: 1) { buffer in
      buffer.copyBytes(from: copy)
      buffer[copy.count] = 0
      return try body(buffer.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
    }
  }
}

extension Bytes {
  package init(cString pointer: UnsafePointer<CChar>) {
    self = Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
  }

  /// The path without its last name; empty for a name alone.
  package var parent: ArraySlice<UInt8> { lastIndex(of: .slash).map { self[..<$0] } ?? [] }

  /// What stands behind the last slash.
  package var lastName: ArraySlice<UInt8> { lastIndex(of: .slash).map { self[($0 + 1)...] } ?? self[...] }

  /// Whether it is a path itself, or one below it.
  package func isOrIsBelow(_ folder: some Collection<UInt8>) -> Bool {
    starts(with: folder) && (count == folder.count || self[folder.count] == .slash)
  }
}
