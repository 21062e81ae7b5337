/// A place in memory that a container has: `/path`, or with options behind a colon, as in `/path:size=64m,mode=1777`.
enum MemoryPlace {
  private static let words = ["rw", "noexec", "exec", "nosuid", "nodev"]

  /// What is wrong with it; nil for nothing.
  static func problem(_ text: String) -> String? {
    for option in options(text) where !words.contains(option) {
      guard option.wholeMatch(of: /(size|mode|uid|gid)=[0-9]{1,12}[kmgKMG]?/) != nil else {
        return "'\(option)' is none of \(words.joined(separator: ", ")), size=…, mode=…, uid=… and gid=…"
      }
    }
    let path = path(text)
    guard path.hasPrefix("/"), Setting.isPath(path) else { return "'\(path)' is not an absolute path" }
    return path.wholeMatch(of: /[A-Za-z0-9._\/\-]+/) == nil ? "'\(path)' is not a plain path" : nil
  }

  static func path(_ text: String) -> String { String(text.prefix { $0 != ":" }) }

  private static func options(_ text: String) -> [String] {
    text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first?
      .split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
  }
}
