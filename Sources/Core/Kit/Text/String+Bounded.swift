extension String {
  /// The text, or its beginning and its end with an ellipsis between them where it is longer than so many bytes.
  ///
  /// - Parameter most: bytes of UTF-8; the ellipsis comes on top.
  public func bounded(to most: Int) -> String {
    guard utf8.count > most else { return self }
    let (head, tail) = (most - most / 3, most / 3)
    let bytes = utf8
    var first = bytes.index(bytes.startIndex, offsetBy: head)
    var last = bytes.index(bytes.endIndex, offsetBy: -tail)
    // Not through the middle of a character's bytes.
    while first > startIndex, bytes[first] & 0xC0 == 0x80 { first = bytes.index(before: first) }
    while last < endIndex, bytes[last] & 0xC0 == 0x80 { last = bytes.index(after: last) }
    return "\(self[..<first])…\(self[last...])"
  }
}
