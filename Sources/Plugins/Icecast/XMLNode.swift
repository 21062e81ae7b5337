/// The little of XML that Icecast's settings need: elements and text.
enum XMLNode {
  case element(String, [XMLNode])
  case text(String)

  /// The node as a document, two spaces a level.
  var document: String { "<?xml version=\"1.0\"?>\n" + rendered(level: 0) + "\n" }

  private func rendered(level: Int) -> String {
    let indent = String(repeating: "  ", count: level)
    switch self {
    case .text(let text): return Self.escaped(text)
    case .element(let name, let children):
      if case .text? = children.first {
        return "\(indent)<\(name)>\(children.map { $0.rendered(level: 0) }.joined())</\(name)>"
      }
      let inner = children.map { $0.rendered(level: level + 1) }.joined(separator: "\n")
      return "\(indent)<\(name)>\n\(inner)\n\(indent)</\(name)>"
    }
  }

  /// XML 1.0, §2.4: the characters that cannot stand for themselves in character data.
  ///
  /// By scalars, since to Swift a bracket with an accent above it is a character of its own.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(scalar)
      }
    }.joined()
  }
}
