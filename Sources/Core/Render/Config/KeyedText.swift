import BerthKit

/// A config file of lines with keys, in which Berth owns some of the keys and a person the rest.
///
/// Owned keys are set again where they stand, and everything else is kept to the byte. What is on the disk is data: no
/// text in it, however broken, keeps an owned key from taking effect where the program reads its file by the rules of
/// the format.
struct KeyedText {
  /// A key that Berth owns, as the manifest spells it, and its value; nil where it has none and must not stand there.
  struct Owned {
    let key: String
    let value: Value?
  }

  /// A part of the existing file: a line, or several that belong together.
  struct Entry {
    /// With the ends of its lines.
    var text: String
    /// The key that it sets, as the format compares keys; nil where it sets none that matters.
    var key: String?
    /// Whether a key behind it may not be read as one of the file: it opens a section, or a value that never ends.
    var isBarrier = false
    /// What sets the key, where ``text`` leaves it out.
    var setting: String?
    /// Keys that one program reads in it and another does not. It stays, and Berth's own lines stand behind it.
    var maySet: Set<String> = []
  }

  /// What a file is like, where a line depends on it.
  struct Habits {
    /// What stands between a key and its value.
    var separator = " = "
    /// Whether Java's `Properties.store` wrote it, with its escapes.
    var isJavas = false
  }

  /// How a format tells what a line is.
  protocol Format: ConfigFormat {
    /// The line that sets a key, without its end.
    ///
    /// - Parameters:
    ///   - entry: the line that it replaces; nil for a new one.
    ///   - habits: of the file.
    /// - Throws: ``Refused``.
    static func line(_ key: String, _ value: Value, replacing entry: String?, _ habits: Habits) throws -> String

    /// Whether a line, without its end, says the value already, to every program that reads the format.
    static func isSaid(_ value: Value, of key: String, by line: String, _ habits: Habits) -> Bool

    /// The value that an entry sets.
    static func value(in entry: String) -> String

    /// The key in the form in which two keys are the same.
    static func folded(_ key: String) -> String

    static func habits(of text: String) -> Habits

    /// Refuses a text of which a program would not read all.
    ///
    /// - Parameter keys: Berth's, as the manifest spells them.
    /// - Throws: ``Unreadable``.
    static func check(_ text: String, keys: [String]) throws

    /// The existing text in entries, which joined give the text again, except where a line has to be taken apart.
    ///
    /// - Parameter owned: Berth's keys by their folded form.
    static func entries(of text: String, owned: [String: Owned]) -> [Entry]
  }

  let format: any Format.Type
  let owned: [Owned]

  /// The file with every owned key set once.
  ///
  /// - Parameter existing: what is on the disk; empty for a new file.
  /// - Throws: ``Refused`` for a value that the format cannot say.
  func merged(into existing: String) throws -> String {
    let byKey = Dictionary(owned.map { (format.folded($0.key), $0) }, uniquingKeysWith: { _, last in last })
    let ending = existing.utf8Lines.first?.ending == "\r\n" ? "\r\n" : "\n"
    let habits = format.habits(of: existing)
    var pieces: [Piece] = []
    var barrier: Int?
    var places: [String: Int] = [:]
    for entry in format.entries(of: existing, owned: byKey) {
      guard let key = entry.key, let owned = byKey[key] else {
        if entry.isBarrier, barrier == nil { barrier = pieces.count }
        // What stands before a line that may set the key again would not hold.
        for key in entry.maySet where barrier == nil {
          if let place = places.removeValue(forKey: key) { pieces[place].text = "" }
        }
        pieces.append(Piece(text: entry.text, isOwned: false))
        continue
      }
      // Behind a barrier it would not be read, or not as this key.
      guard let value = owned.value, barrier == nil, places[key] == nil else { continue }
      places[key] = pieces.count
      let line = try text(of: owned, value, in: entry, habits)
      pieces.append(Piece(text: line + (entry.text.hasLineFeedAtEnd ? entry.text.lastEnding : ending), isOwned: true))
    }
    let missing = try owned.compactMap { owned -> Piece? in
      let key = format.folded(owned.key)
      guard let owned = byKey[key], let value = owned.value, places[key] == nil else { return nil }
      places[key] = 0
      return Piece(text: try line(of: owned, value, replacing: nil, habits) + ending, isOwned: true)
    }
    pieces.insert(contentsOf: missing, at: barrier ?? pieces.count)
    return Self.joined(pieces.filter { !$0.text.isEmpty })
  }

  /// The line of a key that stands there already: to the byte where it says the value, else in its own style.
  private func text(of owned: Owned, _ value: Value, in entry: Entry, _ habits: Habits) throws -> String {
    let lines = (entry.setting ?? entry.text).utf8Lines
    let former = lines.first.map { $0.content.droppingByteOrderMark.text } ?? ""
    // A value that cannot be said is refused wherever it stands.
    let own = try line(of: owned, value, replacing: former, habits)
    let isWhole = entry.setting == nil && lines.count == 1
    return isWhole && format.isSaid(value, of: owned.key, by: former, habits) ? former : own
  }

  private func line(of owned: Owned, _ value: Value, replacing entry: String?, _ habits: Habits) throws -> String {
    do { return try format.line(owned.key, value, replacing: entry, habits) } catch let refused as Refused {
      throw refused.of(owned.key)
    }
  }

  private struct Piece {
    var text: String
    let isOwned: Bool
  }

  private static func joined(_ pieces: [Piece]) -> String {
    var text = ""
    var before: Piece?
    for piece in pieces {
      if let before {
        if !before.text.hasLineFeedAtEnd { text += "\n" }
        // Some programs read on in the next line; an empty one between ends that.
        if piece.isOwned, !before.isOwned, before.text.utf8Lines.last?.endsInBackslash == true { text += "\n" }
      }
      text += piece.text
      before = piece
    }
    return text
  }
}

/// One line of a text and what ended it. All in bytes, since to Swift a line feed behind a carriage return and a letter
/// under its accent are single characters.
struct TextLine {
  let content: Substring.UTF8View
  /// `\n` or `\r\n`; at the end of the text also `\r` or nothing.
  let ending: String

  var text: String { String(Substring(content)) + ending }

  /// Whether an odd number of backslashes stands at the end.
  var endsInBackslash: Bool { content.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1 }
}

extension String {
  /// The text's lines; joined they give the text again. A text that ends with a line feed has no empty line behind it.
  var utf8Lines: [TextLine] {
    var lines: [TextLine] = []
    var rest = self[...].utf8
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      var content = rest[..<(end ?? rest.endIndex)]
      var ending = end == nil ? "" : "\n"
      if content.last == UInt8(ascii: "\r") {
        content = content.dropLast()
        ending = "\r" + ending
      }
      lines.append(TextLine(content: content, ending: ending))
      rest = end.map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
    }
    return lines
  }

  fileprivate var hasLineFeedAtEnd: Bool { utf8.last == UInt8(ascii: "\n") }
  fileprivate var lastEnding: String { utf8Lines.last?.ending ?? "" }
}

extension Substring.UTF8View {
  var trimmingBlanks: Self {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
    let tail = drop(while: isBlank)
    return tail.prefix(tail.count - tail.reversed().prefix(while: isBlank).count)
  }

  var droppingBlankEnd: Self { prefix(count - reversed().prefix(while: ByteText.isBlank).count) }

  /// Without the mark that some editors put at the beginning of a file, which may have become another line's.
  var droppingByteOrderMark: Self { starts(with: "\u{FEFF}".utf8) ? dropFirst(3) : self }

  /// What stands behind a word and the blanks after it; nil where it does not begin with that word.
  func dropping(word: String) -> Self? {
    guard starts(with: word.utf8) else { return nil }
    let rest = dropFirst(word.utf8.count)
    return rest.first.map(ByteText.isBlank) == true ? rest.drop(while: ByteText.isBlank) : nil
  }

  func equals(_ text: String) -> Bool { elementsEqual(text.utf8) }

  var text: String { String(Substring(self)) }
}
