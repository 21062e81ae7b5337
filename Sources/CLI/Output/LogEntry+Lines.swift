import BerthKit

extension LogEntry {
  /// The message with its further lines set off, so that none passes for the next message.
  var indentedMessage: String {
    // In Swift "\r\n" is one character, which is no "\n".
    guard message.utf8.contains(UInt8(ascii: "\n")) else { return message }
    return message.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
      .joined(separator: "\n    ")
  }
}
