import BerthKit
import BerthRender
import Foundation
import FoundationXML

/// One assignment in one text, and what must hold of the outcome whatever both are.
struct ConfigTrial {
  let format: ConfigFile.Format
  let existing: String
  let path: [String]
  let value: Value?

  enum Outcome {
    case changed(String)
    /// The value cannot be said.
    case refused
    /// The file cannot be read.
    case broken
    case wrong(String)
  }

  func run() -> Outcome {
    do {
      let text = try set(existing)
      let read = try ConfigText.value(at: path, of: text, format: format, file: "f")
      guard isSame(read, value?.plain) else {
        return .wrong("read \(read.debugDescription) from \(text.debugDescription)")
      }
      let again = try set(text)
      guard again.utf8.elementsEqual(text.utf8) else { return .wrong("a second time: \(again.debugDescription)") }
      return .changed(text)
    } catch let error as BerthError {
      switch (error.code, error.kind) {
      case ("bad-config-value", .usage): return .refused
      case ("broken-config-file", .badInput): return .broken
      default: return .wrong("\(error)")
      }
    } catch {
      return .wrong("\(error)")
    }
  }

  private func set(_ text: String) throws -> String {
    try ConfigText.setting([ConfigAssignment(path, value)], in: text, format: format, file: "f", id: "f")
  }

  /// A truth or number may stand there in other letters.
  private func isSame(_ read: String?, _ wished: String?) -> Bool {
    guard let read, let wished else { return read == nil && wished == nil }
    if read.utf8.elementsEqual(wished.utf8) { return true }
    switch value {
    case .boolean?: return read.lowercased() == wished
    case .integer(let number)?: return Double(read) == Double(number)
    case .number(let number)?: return Double(read) == number
    case .text?, nil: return false
    }
  }

  /// The lines that are other ones than before: those of the old text, and of the new.
  func difference(to text: String) -> (old: [String], new: [String]) {
    func lines(_ text: String) -> [String] {
      // To all but this one, a carriage return alone ends a line too.
      let isEither = format != .properties
      return text.utf8.split(omittingEmptySubsequences: false) { $0 == 10 || ($0 == 13 && isEither) }.map { line in
        String(Substring(line.last == 13 ? line.dropLast() : line))
      }
    }
    // An editor's mark may go.
    var old = lines(existing.withoutByteOrderMark)[...]
    var new = lines(text.withoutByteOrderMark)[...]
    while let first = old.first, let other = new.first, first.utf8.elementsEqual(other.utf8) {
      old.removeFirst()
      new.removeFirst()
    }
    while let last = old.last, let other = new.last, last.utf8.elementsEqual(other.utf8) {
      old.removeLast()
      new.removeLast()
    }
    return (Array(old), Array(new))
  }
}

/// Parsers that are not ours.
enum OtherReaders {
  /// The text of the first element at a path.
  static func xml(_ text: String, at path: [String]) -> String? {
    let reader = ElementReader(path: path)
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    return parser.parse() ? reader.found : nil
  }

  static func json(_ text: String, at path: [String]) -> Any? {
    let text = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
    var place = try? JSONSerialization.jsonObject(with: Data(text.utf8))
    for key in path { place = (place as? [String: Any])?[key] }
    return place
  }

  private final class ElementReader: NSObject, XMLParserDelegate {
    let path: [String]
    var found: String?
    private var here: [String] = []
    private var text = ""
    private var isOpen = false

    init(path: [String]) { self.path = path }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      here.append(name)
      if here == path, found == nil { isOpen = true }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { if isOpen { text += string } }
    func parser(_ parser: XMLParser, foundCDATA block: Data) {
      if isOpen { text += String(decoding: block, as: UTF8.self) }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      if isOpen, here == path { (found, isOpen) = (text, false) }
      here.removeLast()
    }
  }
}
