import BerthKit

/// The file by which an instance says where its pool is to reach it by a route, whichever proxy reads it.
///
/// While an instance is away its line is a comment, so that nothing has to remember what it was.
public enum PoolMember {
  /// Where an instance is reached.
  public struct Address: Sendable, Hashable {
    public let host: String
    public let port: Int
  }

  /// What a line begins with while its instance is away.
  private static let mark = "#away "

  /// The text with which nothing is passed on to the instance.
  public static func away(_ text: String) -> String {
    changing(text) { $0.isEmpty || $0.hasPrefix("#") ? String($0) : mark + $0 }
  }

  /// The text with which it is in its pool again.
  public static func back(_ text: String) -> String {
    changing(text) { $0.hasPrefix(mark) ? String($0.dropFirst(mark.count)) : String($0) }
  }

  /// Where requests go with it, or went before the instance was away.
  public static func addresses(_ text: String) -> Set<Address> {
    let lines = back(text).split(separator: "\n").filter { !$0.hasPrefix("#") }
    return Set(
      lines.compactMap { line in
        // `to 127.0.0.1:8201`, or `server [::1]:8201 max_fails=0;`
        let words = line.split(separator: " ")
        guard words.count > 1, let colon = words[1].lastIndex(of: ":") else { return nil }
        let number = words[1][words[1].index(after: colon)...].prefix { $0.isNumber }
        let host = words[1][..<colon].filter { !"[]".contains($0) }
        return Int(number).map { Address(host: host, port: $0) }
      })
  }

  private static func changing(_ text: String, _ change: (Substring) -> String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(change).joined(separator: "\n")
  }
}
