/// A path with wildcards, matched by bytes: `*` and `?` within a name, `**` for any number of folders.
///
/// Wildcards match a dot at the beginning of a name too. `**` stands for folders only where it is a name of its own:
/// `data/**/map` matches `data/map` and `data/a/b/map`, and `data/**` everything below `data` and `data` itself.
/// A match takes time in proportion to the lengths of path and pattern multiplied, whatever the pattern.
public struct PathPattern: Sendable, Hashable {
  private enum Part: Sendable, Hashable {
    case name([UInt8])
    case folders
  }

  /// The most bytes that a pattern has.
  public static let longest = 1024

  public let text: String
  private let parts: [Part]

  public init(_ text: String) {
    self.text = text
    parts = text.utf8.split(separator: UInt8(ascii: "/")).map {
      $0.elementsEqual("**".utf8) ? .folders : .name(Array($0))
    }
  }

  public static func == (left: Self, right: Self) -> Bool { left.text == right.text }

  public func hash(into hasher: inout Hasher) { hasher.combine(text) }

  /// What keeps a text from being a pattern, in words that follow its name; nil when it is one.
  public static func problem(in text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > longest { return "is longer than \(longest) bytes" }
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) {
      return "has a control character"
    }
    let names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if names.first?.isEmpty == true { return "begins with '/', and is relative to the instance" }
    if names.contains(where: \.isEmpty) { return "has an empty name between or after its slashes" }
    if names.contains(where: { $0.elementsEqual("..".utf8) }) { return "has '..' in it" }
    if names.contains(where: { $0.elementsEqual(".".utf8) }) { return "has '.' as a name" }
    return nil
  }

  /// Whether the pattern is for this very path.
  public func matches(_ path: some Collection<UInt8>) -> Bool {
    Self.withBytes(path) { path in
      var rest = Names(path)
      var part = 0
      // Where to go on when what follows the latest `**` does not fit: one name later.
      var retry: (part: Int, rest: Names)?
      while true {
        if part < parts.count, parts[part] == .folders {
          part += 1
          retry = (part, rest)
          continue
        }
        var after = rest
        let name = after.next()
        if let name, part < parts.count, case .name(let pattern) = parts[part], Self.fits(name, pattern) {
          part += 1
          rest = after
          continue
        }
        if name == nil, part == parts.count { return true }
        guard var again = retry, again.rest.next() != nil else { return false }
        retry = again
        part = again.part
        rest = again.rest
      }
    }
  }

  /// Whether something below a folder may match.
  public func mayMatch(below folder: some Collection<UInt8>) -> Bool {
    Self.withBytes(folder) { folder in
      // The parts that may come next, of which there are several behind `**`.
      var next = [Bool](repeating: false, count: parts.count + 1)
      next[0] = true
      var names = Names(folder)
      while let name = names.next() {
        var following = [Bool](repeating: false, count: parts.count + 1)
        for part in parts.indices where next[part] {
          switch parts[part] {
          case .folders:
            following[part] = true
            next[part + 1] = true
          case .name(let pattern): if Self.fits(name, pattern) { following[part + 1] = true }
          }
        }
        next = following
      }
      return next.dropLast().contains(true)
    }
  }

  private static func withBytes<Result>(
    _ path: some Collection<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    path.withContiguousStorageIfAvailable(body) ?? Array(path).withUnsafeBufferPointer(body)
  }

  /// Goes back to the latest `*` only, as no earlier one can do better.
  private static func fits(_ name: UnsafeBufferPointer<UInt8>, _ pattern: [UInt8]) -> Bool {
    let (star, one) = (UInt8(ascii: "*"), UInt8(ascii: "?"))
    var (at, next) = (0, 0)
    var retry: (at: Int, next: Int)?
    while at < name.count || next < pattern.count {
      if next < pattern.count, pattern[next] == star {
        next += 1
        retry = (at, next)
      } else if at < name.count, next < pattern.count, pattern[next] == one || pattern[next] == name[at] {
        at += 1
        next += 1
      } else if let again = retry, again.at < name.count {
        retry = (again.at + 1, again.next)
        (at, next) = (again.at + 1, again.next)
      } else {
        return false
      }
    }
    return true
  }
}

/// The names of a path, one after the other.
private struct Names {
  private var rest: UnsafeBufferPointer<UInt8>

  init(_ path: UnsafeBufferPointer<UInt8>) { rest = path }

  mutating func next() -> UnsafeBufferPointer<UInt8>? {
    while rest.first == UInt8(ascii: "/") { rest = UnsafeBufferPointer(rebasing: rest.dropFirst()) }
    guard !rest.isEmpty else { return nil }
    let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.count
    defer { rest = UnsafeBufferPointer(rebasing: rest[end...]) }
    return UnsafeBufferPointer(rebasing: rest[..<end])
  }
}
