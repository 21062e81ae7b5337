import BerthKit
import Foundation

/// Colours in a text that is still to be made visible.
///
/// Until it is written a colour is a mark that nobody can guess who has a say in the text, so that none but Berth's own become
/// escape sequences.
enum Paint {
  private static let mark = "\u{1}\(UInt64.random(in: .min ... .max)):"

  static func coloured(_ text: String, _ code: String) -> String { "\(mark)\(code)m\(text)\(mark)0m" }

  /// The text as a terminal may have it: Berth's own colours, and everything else visible.
  static func finished(_ text: String) -> String {
    guard text.utf8.contains(1) else { return VisibleText.block(text) }
    let parts = text.components(separatedBy: mark)
    return parts.dropFirst().reduce(into: VisibleText.block(parts[0])) { result, part in
      let code = part.prefix { $0 != "m" }
      result += "\u{1B}[\(code)m\(VisibleText.block(String(part.dropFirst(code.count + 1))))"
    }
  }
}
