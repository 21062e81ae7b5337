/// A text in Valve's KeyValues, which SteamCMD answers in and keeps its records in: `"key" "value"` and `"key" { … }`.
///
/// It comes from the network, so that its length and its depth are bounded, and what is broken is none.
indirect enum KeyValues: Equatable, Sendable {
  case text(String)
  case block([Pair])

  struct Pair: Equatable, Sendable {
    let key: String
    let value: KeyValues
  }

  /// Bytes that a text has at most, and blocks that stand inside each other at most.
  static let longest = 4 << 20
  static let deepest = 64

  /// The first block of a name that has something in it.
  ///
  /// - Parameter text: where it begins on a line of its own, with anything before and behind it.
  static func block(_ name: String, in text: String) -> KeyValues? {
    let bytes = Array(text.utf8)
    guard bytes.count <= longest else { return nil }
    let head = Array("\"\(name)\"".utf8)
    for start in lineStarts(bytes) where bytes[start...].starts(with: head) {
      var scanner = KeyValueScanner(bytes, from: start + head.count)
      if scanner.next() == .open, case .block(let pairs)? = scanner.block(depth: 1), !pairs.isEmpty {
        return .block(pairs)
      }
    }
    return nil
  }

  /// Where lines begin, without the white space before their first letter.
  private static func lineStarts(_ bytes: [UInt8]) -> [Int] {
    var starts: [Int] = []
    var isBeginning = true
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        isBeginning = true
      } else if isBeginning, byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") {
        isBeginning = false
        starts.append(index)
      }
    }
    return starts
  }

  /// What stands under a name, the first time; capitals do not count.
  subscript(_ name: String) -> KeyValues? {
    guard case .block(let pairs) = self else { return nil }
    return pairs.first { $0.key.lowercased() == name.lowercased() }?.value
  }

  /// A number in decimal digits; nil when it is none.
  var number: Int? {
    guard case .text(let text) = self, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(text)
  }
}

/// Reads tokens one after the other.
private struct KeyValueScanner {
  enum Token: Equatable {
    case open, close
    case text(String)
  }

  private let bytes: [UInt8]
  private var place: Int

  init(_ bytes: [UInt8], from place: Int) {
    self.bytes = bytes
    self.place = place
  }

  /// The rest of a block, behind its opening brace; nil when it is broken.
  mutating func block(depth: Int) -> KeyValues? {
    guard depth <= KeyValues.deepest else { return nil }
    var pairs: [KeyValues.Pair] = []
    while let token = next() {
      switch token {
      case .close: return .block(pairs)
      case .open: return nil
      case .text(let key):
        switch next() {
        case .text(let text): pairs.append(.init(key: key, value: .text(text)))
        case .open:
          guard let value = block(depth: depth + 1) else { return nil }
          pairs.append(.init(key: key, value: value))
        case .close, nil: return nil
        }
      }
    }
    return nil
  }

  /// The next token; nil at the end, and at a text without an end.
  mutating func next() -> Token? {
    while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
    guard place < bytes.count else { return nil }
    switch bytes[place] {
    case UInt8(ascii: "{"):
      place += 1
      return .open
    case UInt8(ascii: "}"):
      place += 1
      return .close
    case UInt8(ascii: "\""):
      place += 1
      return quoted()
    default: return bare()
    }
  }

  private mutating func quoted() -> Token? {
    var text: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") { return .text(String(decoding: text, as: UTF8.self)) }
      guard byte == UInt8(ascii: "\\"), place < bytes.count else {
        text.append(byte)
        continue
      }
      switch bytes[place] {
      case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "t"): text.append(UInt8(ascii: "\t"))
      case let other: text.append(other)
      }
      place += 1
    }
    return nil
  }

  private mutating func bare() -> Token {
    let start = place
    while place < bytes.count, !Self.isSpace(bytes[place]), !#"{}""#.utf8.contains(bytes[place]) { place += 1 }
    return .text(String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
