import Yams

/// Keeps the work that a YAML text makes in proportion to its length.
///
/// An alias stands for a whole tree in a few bytes, and aliases of aliases for exponentially many. Two things walk such
/// trees: the YAML library, which compares the keys of a mapping, and whoever reads the result.
public enum YAMLBudget {
  /// Looks at a text before it is parsed.
  ///
  /// - Returns: the line of a key that is a list, a mapping or an alias, where the text has aliases too; nil for none.
  ///   More may be found than there is, since only those quotes are known that people write most.
  public static func lineOfDangerousKey(in text: String) -> Int? {
    guard text.utf8.contains(UInt8(ascii: "&")), text.utf8.contains(UInt8(ascii: "*")) else { return nil }
    return unquoted(text).withUnsafeBufferPointer { bytes in
      guard has(UInt8(ascii: "&"), bytes), has(UInt8(ascii: "*"), bytes) else { return nil }
      return firstComplexKey(bytes)
    }
  }

  /// Whether a tree is not much larger than the text that it was read from, aliases worked in.
  ///
  /// - Parameters:
  ///   - bytes: of the text.
  ///   - spare: how many more aliases may add.
  public static func holds(_ root: Node, bytes: Int, spare: Int) -> Bool {
    // An escape such as `\L` stands for one byte more than it has itself.
    var left = 2 * bytes + spare
    return take(root, from: &left)
  }

  private static func take(_ node: Node, from left: inout Int) -> Bool {
    switch node {
    case .scalar(let scalar):
      left -= 1 + scalar.string.utf8.count
      return left >= 0
    case .mapping(let mapping):
      left -= 1
      for (key, value) in mapping { guard take(key, from: &left), take(value, from: &left) else { return false } }
      return left >= 0
    case .sequence(let sequence):
      left -= 1
      for element in sequence { guard take(element, from: &left) else { return false } }
      return left >= 0
    case .alias: return true
    }
  }

  /// The text without what stands between quotes behind `key: `, as far as no other quote has come.
  ///
  /// `: ` ends whatever was before, so that a quote behind it is one, or a part of a text. Where any other quote stands,
  /// what it means depends on all before it, and everything is looked at from there on.
  private static func unquoted(_ text: String) -> [UInt8] {
    var bytes = Array(text.utf8)
    var index = 0
    var last: UInt8 = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        guard last == UInt8(ascii: ":"), " \t".utf8.contains(bytes[index - 1]),
          let end = closing(byte, bytes, from: index + 1)
        else { break }
        for inside in (index + 1)..<end { bytes[inside] = UInt8(ascii: "x") }
        index = end
      }
      if !" \t".utf8.contains(byte) { last = byte }
      index += 1
    }
    return bytes
  }

  /// Where a quoted text ends on its line; nil where it goes on.
  private static func closing(_ quote: UInt8, _ bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index < bytes.count, bytes[index] != UInt8(ascii: "\n"), bytes[index] != UInt8(ascii: "\r") {
      if quote == UInt8(ascii: "\""), bytes[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if bytes[index] == quote {
        guard quote == UInt8(ascii: "'"), index + 1 < bytes.count, bytes[index + 1] == quote else { return index }
        index += 1
      }
      index += 1
    }
    return nil
  }

  /// Whether a sign stands where an anchor or an alias may, with a name behind it.
  private static func has(_ sign: UInt8, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    for index in bytes.indices.dropLast() where bytes[index] == sign && isNameByte(bytes[index + 1]) {
      if index == 0 || isBeforeToken(bytes[index - 1]) { return true }
    }
    return false
  }

  private static func firstComplexKey(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var line = 1
    // The latest byte that is no blank, and whether the word that it ends is an alias.
    var last: UInt8 = 0
    var isAlias = false
    for index in bytes.indices {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        line += byte == UInt8(ascii: "\n") ? 1 : 0
        if last == UInt8(ascii: "?") { return line }
        (last, isAlias) = (0, false)
        continue
      case UInt8(ascii: " "), UInt8(ascii: "\t"):
        // `? ` begins a key of any kind.
        if last == UInt8(ascii: "?"), bytes[index - 1] == last, index < 2 || isBeforeToken(bytes[index - 2]) {
          return line
        }
        continue
      case UInt8(ascii: ":"):
        if isAlias || last == UInt8(ascii: "]") || last == UInt8(ascii: "}") { return line }
      case UInt8(ascii: "*") where index == 0 || isBeforeToken(bytes[index - 1]): isAlias = true
      default:
        if index > 0, isBeforeToken(bytes[index - 1]), last != UInt8(ascii: "*") { isAlias = false }
      }
      last = byte
    }
    return nil
  }

  private static func isBeforeToken(_ byte: UInt8) -> Bool { " \t\r\n[]{},:-?\u{feff}".utf8.contains(byte) }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
