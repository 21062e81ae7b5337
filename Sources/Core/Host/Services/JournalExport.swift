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
  private enum Field: String, CaseIterable {
    case userUnit = "_SYSTEMD_USER_UNIT"
    case systemUnit = "_SYSTEMD_UNIT"
    case group = "_SYSTEMD_CGROUP"
    case toldUserUnit = "USER_UNIT"
    case toldUnit = "UNIT"
    case message = "MESSAGE"
    case time = "__REALTIME_TIMESTAMP"
  }

  /// The fields to ask journalctl for. It gives the time with every entry.
  static let fields = Field.allCases.filter { $0 != .time }.map(\.rawValue)

  private static let names = Field.allCases.map { (field: $0, bytes: Array($0.rawValue.utf8)) }

  private var rest: [UInt8] = []
  /// How many bytes that come next belong to nothing that is kept.
  private var passedOver = 0
  /// Whether the rest of a line that was too long is still to come.
  private var inLongLine = false
  private var values: [Field: String] = [:]
  private var lastTime = (seconds: -1, text: "")

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
    guard let field = Self.names.first(where: { $0.bytes.count == name.count && name.elementsEqual($0.bytes) })?.field
    else { return }
    // Of a field that an entry has several times the first counts: journald's own fields come once.
    if values[field] == nil { values[field] = String(decoding: value, as: UTF8.self) }
  }

  private mutating func entry() -> LogEntry? {
    defer { values.removeAll(keepingCapacity: true) }
    guard let message = values[.message], let microseconds = values[.time].flatMap({ Int($0) }) else { return nil }
    let seconds = microseconds / 1_000_000
    if seconds != lastTime.seconds { lastTime = (seconds, UTCTime.text(seconds: seconds)) }
    return LogEntry(time: lastTime.text, unit: unit() ?? "?", message: message)
  }

  private func unit() -> String? {
    for field in [Field.userUnit, .systemUnit] { if let unit = Self.instance(values[field]) { return unit } }
    let inGroup = values[.group]?.split(separator: "/").last { $0.hasSuffix(".service") }
    return Self.instance(inGroup.map(String.init)) ?? Self.instance(values[.toldUserUnit])
      ?? Self.instance(values[.toldUnit])
  }

  /// The name where it is one of an instance's unit.
  private static func instance(_ name: String?) -> String? {
    guard let name, name.utf8.contains(UInt8(ascii: "@")), name.hasSuffix(".service"), !name.hasPrefix("user@") else {
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
