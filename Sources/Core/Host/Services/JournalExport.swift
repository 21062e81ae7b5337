import BerthKit
import Glibc

/// Reads entries that `journalctl --output=export` writes, in pieces that may end anywhere.
///
/// A field is `NAME=text` on a line of its own, or a line with the name, eight bytes of a little-endian size, that many
/// bytes and a newline. An empty line ends an entry. Source: systemd.io/JOURNAL_EXPORT_FORMATS.
struct JournalExport {
  /// The most bytes that are kept of a field. journald cuts a line of a service at 48 KiB (`LineMax=`); a program that
  /// speaks to journald's own socket can write much more.
  static let limit = 64 << 10

  /// What is read of an entry. The order of the units is the order in which they are believed: everything without a leading
  /// "_" anybody may write. Such a name counts only where nothing says otherwise, which is so for the managers, who write
  /// about their units.
  private enum Field: Int {
    case userUnit, systemUnit, group, toldUserUnit, toldUnit, message, time
  }

  private static let names = [
    "_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT", "_SYSTEMD_CGROUP", "USER_UNIT", "UNIT", "MESSAGE", "__REALTIME_TIMESTAMP",
  ]
  private static let nameBytes = names.map { Array($0.utf8) }

  /// The fields to ask journalctl for. It gives the time with every entry.
  static func fields(namesUnits: Bool) -> [String] {
    namesUnits ? names.filter { !$0.hasPrefix("__") } : [names[Field.message.rawValue]]
  }

  private var rest: [UInt8] = []
  /// How many bytes that come next belong to nothing that is kept.
  private var passedOver = 0
  /// Whether the rest of a line that was too long is still to come.
  private var inLongLine = false
  private var values = Self.noValues
  private var lastTime = (seconds: -1, text: "")
  /// Whose the last entry was, and what said so. Most entries come in rows of one unit's.
  private var lastUnit = (said: [[UInt8]?](), unit: String?.none)

  private static let noValues = [[UInt8]?](repeating: nil, count: names.count)

  /// - Returns: the entries that are whole now.
  mutating func take(_ piece: some Sequence<UInt8>) -> [LogEntry] {
    rest.append(contentsOf: piece)
    var entries: [LogEntry] = []
    let read = rest.withUnsafeBytes { bytes in
      var place = bytes.startIndex
      while let next = step(bytes[place...], &entries) { place = next }
      return place
    }
    rest.removeFirst(read)
    return entries
  }

  /// - Returns: the last entry, if no empty line ended it.
  mutating func last() -> LogEntry? { entry() }

  /// Reads one field, one end of an entry, or what is passed over.
  ///
  /// - Returns: where the next begins; nil when more bytes are needed.
  private mutating func step(_ bytes: Slice<UnsafeRawBufferPointer>, _ entries: inout [LogEntry]) -> Int? {
    guard !bytes.isEmpty else { return nil }
    if passedOver > 0 {
      let count = min(passedOver, bytes.count)
      passedOver -= count
      return bytes.startIndex + count
    }
    guard let end = Self.newline(bytes) else {
      guard inLongLine || bytes.count > Self.limit else { return nil }
      if !inLongLine { keep(bytes.prefix(Self.limit)) }
      inLongLine = true
      return bytes.endIndex
    }
    let line = bytes[bytes.startIndex..<end]
    if inLongLine {
      inLongLine = false
    } else if line.isEmpty {
      if let entry = entry() { entries.append(entry) }
    } else if !keep(line.prefix(Self.limit)) {
      return sized(line, bytes[(end + 1)...])
    }
    return end + 1
  }

  /// Keeps the field of a line.
  ///
  /// - Returns: false where the line is a name alone.
  @discardableResult
  private mutating func keep(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard let sign = line.firstIndex(of: UInt8(ascii: "=")) else { return false }
    keep(line[..<sign], line[(sign + 1)...])
    return true
  }

  /// Keeps the field whose size and bytes stand behind the line with its name.
  private mutating func sized(_ name: Slice<UnsafeRawBufferPointer>, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard bytes.count >= 8 else { return nil }
    let size = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let kept = Int(min(size, UInt64(Self.limit)))
    guard bytes.count >= 8 + kept else { return nil }
    let start = bytes.startIndex + 8
    keep(name, bytes[start..<start + kept])
    passedOver = Int(clamping: size - UInt64(kept)) &+ 1
    if passedOver < 0 { passedOver = Int.max }
    return start + kept
  }

  private mutating func keep(_ name: Slice<UnsafeRawBufferPointer>, _ value: Slice<UnsafeRawBufferPointer>) {
    guard let field = Self.nameBytes.firstIndex(where: { $0.count == name.count && name.elementsEqual($0) }) else {
      return
    }
    // Of a field that an entry has several times the first counts: journald's own fields come once.
    if values[field] == nil { values[field] = Array(UnsafeRawBufferPointer(rebasing: value)) }
  }

  private subscript(field: Field) -> [UInt8]? { values[field.rawValue] }

  private mutating func entry() -> LogEntry? {
    defer { values = Self.noValues }
    guard let message = self[.message], let time = self[.time],
      let microseconds = Int(String(decoding: time, as: UTF8.self))
    else { return nil }
    let seconds = microseconds / 1_000_000
    if seconds != lastTime.seconds { lastTime = (seconds, UTCTime.text(seconds: seconds)) }
    let said = values[..<Field.message.rawValue]
    if lastUnit.said.isEmpty || !said.elementsEqual(lastUnit.said) { lastUnit = (Array(said), unit()) }
    return LogEntry(
      time: lastTime.text, unit: lastUnit.unit ?? "?", message: String(decoding: message, as: UTF8.self))
  }

  private func unit() -> String? {
    let slash = UInt8(ascii: "/"), service = Array(".service".utf8)
    let inGroup = self[.group]?.split(separator: slash).last { $0.suffix(service.count).elementsEqual(service) }
    let names = [self[.userUnit], self[.systemUnit], inGroup.map(Array.init), self[.toldUserUnit], self[.toldUnit]]
    return names.lazy.compactMap(Self.instance).first
  }

  /// The name where it is one of an instance's unit.
  private static func instance(_ bytes: [UInt8]?) -> String? {
    guard let name = bytes.map({ String(decoding: $0, as: UTF8.self) }), name.utf8.contains(UInt8(ascii: "@")),
      name.hasSuffix(".service"), !name.hasPrefix("user@")
    else {
      return nil
    }
    return name
  }

  private static func newline(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
    let part = UnsafeRawBufferPointer(rebasing: bytes)
    guard let start = part.baseAddress, let found = memchr(start, Int32(UInt8(ascii: "\n")), part.count) else {
      return nil
    }
    return bytes.startIndex + (UnsafeRawPointer(found) - start)
  }
}
