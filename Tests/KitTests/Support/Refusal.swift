import BerthKit
import Testing

/// A change of the sample that makes it wrong, and the error that it must end in.
struct Refusal: Sendable, CustomTestStringConvertible {
  let old: String
  let new: String
  let key: String
  let says: String
  let line: String?

  var testDescription: String { "\(key): \(says)" }

  /// - Parameters:
  ///   - old: a text that stands once in the sample.
  ///   - new: what is put in its place.
  ///   - key: the key path that the error must name.
  ///   - says: how the rest of the summary must begin.
  ///   - line: a text on the line that the error must name; that of the new text when nil.
  init(_ old: String, _ new: String, key: String, _ says: String, line: String? = nil) {
    self.old = old
    self.new = new
    self.key = key
    self.says = says
    self.line = line
  }

  func check() throws {
    let text = try Sample.yaml(replacing: old, with: new)
    let error = try Sample.refusal(of: text)
    #expect(error.code == "bad-plugin")
    #expect(error.kind == .badInput)
    #expect(error.summary.hasPrefix("'\(key)': \(says)"), "\(error.summary)")
    #expect(error.location == "\(Sample.file):\(try text.line(of: line ?? new))")
    #expect(error.remedy == "berth app check \(Sample.file)")
  }
}
