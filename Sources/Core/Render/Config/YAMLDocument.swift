import BerthKit
import Yams

/// A YAML text as Yams reads it, and the places of its nodes in the text.
struct YAMLDocument {
  /// What a place of the document holds, to compare two texts by.
  enum Leaf: Equatable {
    case scalar(tag: String, text: String)
    case emptyMapping, emptySequence

    var isNothing: Bool {
      switch self {
      case .scalar(let tag, _): tag == Tag.Name.null.rawValue
      case .emptyMapping: true
      case .emptySequence: false
      }
    }
  }

  /// Flow collections and compact ones on a line may stand in each other this deeply. The parser recurses.
  private static let deepest = 200
  private static let largestSize = 512 * 1024

  let text: ByteText
  /// nil when there is nothing but comments.
  let root: Node?
  /// The values of the whole document by their paths.
  let leaves: [[String]: Leaf]

  /// - Throws: ``Unreadable``.
  init(_ string: String) throws {
    text = ByteText(string)
    try Self.checkSize(text)
    if let line = YAMLBudget.lineOfDangerousKey(in: string) {
      throw Unreadable(line: line, problem: "beside aliases a key is plain text")
    }
    do { root = try Yams.compose(yaml: string.withoutByteOrderMark) } catch let error as YamlError {
      throw Self.unreadable(error, in: text)
    }
    var collected: [[String]: Leaf] = [:]
    // Without aliases there is no more of a document than of its text.
    var budget = text.end + 16
    if let root { try Self.collect(root, at: [], into: &collected, &budget) }
    leaves = collected
  }

  /// Where a node begins in the text; nil where the parser gives no place in it.
  func offset(of mark: Mark?) -> Int? {
    guard let mark else { return nil }
    var offset = text.start
    for _ in 1..<max(1, mark.line) {
      guard offset < text.end else { return nil }
      offset = text.nextLine(offset)
    }
    // Columns count Unicode scalars.
    for _ in 1..<max(1, mark.column) {
      guard offset < text.end else { return nil }
      offset += 1
      while offset < text.end, text.bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    }
    return offset
  }

  private static func collect(
    _ node: Node, at path: [String], into leaves: inout [[String]: Leaf], _ budget: inout Int
  ) throws {
    budget -= 1
    guard budget > 0 else { throw Unreadable(line: 1, problem: "aliases multiply what stands in the file") }
    switch node {
    case .scalar(let scalar): leaves[path] = .scalar(tag: node.tag.rawValue, text: scalar.string)
    case .mapping(let mapping):
      if mapping.isEmpty { leaves[path] = .emptyMapping }
      for (index, pair) in mapping.enumerated() {
        if let key = pair.key.scalar?.string {
          try collect(pair.value, at: path + [".\(key)"], into: &leaves, &budget)
        } else {
          try collect(pair.key, at: path + ["?\(index)"], into: &leaves, &budget)
          try collect(pair.value, at: path + [":\(index)"], into: &leaves, &budget)
        }
      }
    case .sequence(let sequence):
      if sequence.isEmpty { leaves[path] = .emptySequence }
      for (index, element) in sequence.enumerated() {
        try collect(element, at: path + ["[\(index)]"], into: &leaves, &budget)
      }
    case .alias: throw Unreadable(line: node.mark?.line ?? 1, problem: "an alias stands for nothing")
    }
  }

  private static func checkSize(_ text: ByteText) throws {
    guard text.end <= largestSize else {
      throw Unreadable(line: 1, problem: "the file is larger than \(largestSize / 1024) KiB")
    }
    var flow = 0
    var markers = 0
    for (offset, byte) in text.bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): flow += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): flow = max(0, flow - 1)
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
        let next = offset + 1 < text.end ? text.bytes[offset + 1] : UInt8(ascii: "\n")
        if ByteText.isSpace(next) { markers += 1 }
      case _ where ByteText.isLineEnd(byte): markers = 0
      default: break
      }
      guard flow < deepest, markers < deepest else {
        throw Unreadable(line: text.line(at: offset), problem: "values stand in each other too deeply")
      }
    }
    let deepestIndent = 2 * deepest
    var index = text.start
    while index < text.end {
      let indent = text.bytes[index...].prefix(deepestIndent).prefix(while: ByteText.isBlank).count
      guard indent < deepestIndent else {
        throw Unreadable(line: text.line(at: index), problem: "a line is indented too deeply")
      }
      index = text.nextLine(index)
    }
  }

  private static func unreadable(_ error: YamlError, in text: ByteText) -> Unreadable {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      Unreadable(line: mark.line, problem: problem)
    case .duplicatedKeysInMapping(let keys, let context):
      Unreadable(
        line: context.mark.line, problem: "the key \(keys.map { "'\($0)'" }.joined(separator: ", ")) stands here twice")
    case .reader(let problem, let offset, _, _):
      Unreadable(line: text.line(at: offset ?? 0), problem: problem)
    default: Unreadable(line: 1, problem: "the parser gave up")
    }
  }
}
