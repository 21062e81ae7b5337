import Foundation

/// How many broken inputs a test tries: a short stride, or as many as `BERTH_FUZZ` says.
public enum Fuzz {
  /// - Parameter everyPoint: how many `make test-all` tries; as many as an ordinary run when nil.
  public static func inputs(_ stride: Int, everyPoint: Int? = nil) -> Int {
    let told = ProcessInfo.processInfo.environment["BERTH_FUZZ"].flatMap(Int.init)
    return told ?? (EveryPoint.isTried ? everyPoint : nil) ?? stride
  }
}

/// Makes broken inputs out of good ones, the same in every run.
public struct Mangler: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  public mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() >> 1) % max(1, bound) }

  public mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// Numbers at which programs break.
  public static let numbers = [
    "0", "-1", "1", "65535", "65536", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "18446744073709551615", "1e300", "-1e300", "1e-300", "1e999", "0.1", "NaN", "0x10", "01",
  ]

  /// Words at which programs break.
  public static let words = [
    "", "/", "..", "../..", "/etc/shadow", "data/../../x", "a/../b", "-v", "*", "%s", "$HOME", "\u{0}", "\n",
    "\u{1b}[2J",
    "\u{202e}", "{{paths.data}}", "{{settings.x", "}}", "null", "true", "[]", "{}", "&a", "*a", "<<", "? ", ": ", "- ",
    "#", "|", "\"", "'", "\\", "é", "🚢", String(repeating: "x", count: 300),
  ]

  /// A good input with some of its pieces cut, doubled, moved, or replaced by others and by what programs break at.
  ///
  /// - Parameter signs: the bytes at which a piece ends.
  public mutating func mangled(_ good: [UInt8], signs: [UInt8], _ extra: [String] = []) -> [UInt8] {
    var bytes = good
    for _ in 0..<(1 + below(4)) {
      guard !bytes.isEmpty else { break }
      let range = piece(of: bytes, signs)
      switch below(10) {
      case 0: bytes.removeSubrange(range)
      case 1: bytes.insert(contentsOf: bytes[range], at: range.upperBound)
      case 2: bytes.replaceSubrange(range, with: Array(bytes[piece(of: bytes, signs)]))
      case 3, 4: bytes.replaceSubrange(range, with: Array(pick(Self.numbers).utf8))
      case 5, 6: bytes.replaceSubrange(range, with: Array(pick(Self.words + extra).utf8))
      case 7: bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: next())
      case 8: bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
      default: if below(4) == 0 { bytes.removeSubrange(below(bytes.count)...) }
      }
    }
    return bytes
  }

  private mutating func piece(of bytes: [UInt8], _ signs: [UInt8]) -> Range<Int> {
    let start = below(bytes.count)
    let first = bytes[..<start].lastIndex(where: signs.contains).map { $0 + 1 } ?? 0
    let last = bytes[start...].firstIndex(where: signs.contains) ?? bytes.count
    return first..<max(first, last)
  }
}
