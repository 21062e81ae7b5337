/// An entry as `journalctl --output=json` writes it: an object of names with texts, lists of bytes, or nothing.
///
/// A log of a hundred thousand lines is read in the time that journalctl takes to write it, which a reader of all JSON does not.
struct JournalLine {
  private(set) var fields: [String: String] = [:]

  /// - Returns: nil for what is no such object.
  init?(_ text: String) {
    var text = text
    let fields = text.withUTF8 { bytes -> [String: String]? in
      var scan = Scan(bytes: bytes)
      return scan.object()
    }
    guard let fields else { return nil }
    self.fields = fields
  }

  private struct Scan {
    let bytes: UnsafeBufferPointer<UInt8>
    var place = 0

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
      while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { place += 1 }
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
      skipSpace()
      guard next == UInt8(ascii: sign) else { return false }
      place += 1
      return true
    }

    mutating func object() -> [String: String]? {
      guard take("{") else { return nil }
      var fields: [String: String] = [:]
      if take("}") { return fields }
      repeat {
        guard take("\""), let name = string(), take(":"), let value = value() else { return nil }
        fields[name] = value.text
      } while take(",")
      return take("}") ? fields : nil
    }

    private struct Value { let text: String? }

    private mutating func value() -> Value? {
      if take("\"") { return string().map { Value(text: $0) } }
      if take("[") { return list() }
      // A number, or a word such as `null`.
      let start = place
      while let byte = next, ![UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte) { place += 1 }
      return place > start ? Value(text: nil) : nil
    }

    /// What is no UTF-8 is a list of its bytes. A field that an entry has several times is a list of texts, and counts for none.
    private mutating func list() -> Value? {
      var text: [UInt8]? = []
      if take("]") { return Value(text: "") }
      repeat {
        skipSpace()
        let start = place
        guard let item = value() else { return nil }
        let number = item.text == nil ? UInt8(String(decoding: bytes[start..<place], as: UTF8.self)) : nil
        if let number { text?.append(number) } else { text = nil }
      } while take(",")
      return take("]") ? Value(text: text.map { String(decoding: $0, as: UTF8.self) }) : nil
    }

    /// The rest of a text behind its first quote.
    private mutating func string() -> String? {
      let start = place
      while let byte = next, byte != UInt8(ascii: "\"") {
        if byte == UInt8(ascii: "\\") { return escaped(from: start) }
        place += 1
      }
      guard place < bytes.count else { return nil }
      defer { place += 1 }
      return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// The same where something is escaped.
    private mutating func escaped(from start: Int) -> String? {
      var units: [UInt16] = []
      var text = String(decoding: bytes[start..<place], as: UTF8.self)
      var plain = place
      func flush(_ end: Int) {
        if !units.isEmpty { text += String(decoding: units, as: UTF16.self) }
        units = []
        text += String(decoding: bytes[plain..<end], as: UTF8.self)
      }
      while let byte = next {
        guard byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") else {
          place += 1
          continue
        }
        if place > plain { flush(place) }
        place += 1
        if byte == UInt8(ascii: "\"") {
          plain = place
          flush(place)
          return text
        }
        guard let unit = unit() else { return nil }
        units.append(unit)
        plain = place
      }
      return nil
    }

    /// What stands behind a backslash, as a unit of UTF-16: a pair of them may stand for one character.
    private mutating func unit() -> UInt16? {
      guard let byte = next else { return nil }
      place += 1
      switch byte {
      case UInt8(ascii: "n"): return 0x0A
      case UInt8(ascii: "t"): return 0x09
      case UInt8(ascii: "r"): return 0x0D
      case UInt8(ascii: "b"): return 0x08
      case UInt8(ascii: "f"): return 0x0C
      case UInt8(ascii: "u"):
        guard place + 4 <= bytes.count else { return nil }
        defer { place += 4 }
        return UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
      default: return [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(byte) ? UInt16(byte) : nil
      }
    }
  }
}
