extension String {
  /// The lines of a text of others. A carriage return and the line feed behind it are one character to Swift, so that such an
  /// end of a line would not be seen.
  var lines: [String] {
    guard utf8.contains(UInt8(ascii: "\n")) else { return [self] }
    return unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }
}
