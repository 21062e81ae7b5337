import BerthKit

/// Keeps secrets out of texts that are shown.
public enum SecretMask {
  /// What stands for a secret.
  public static let mask = "••••••"
  /// What stands for a secret that is another one than before.
  public static let changedMask = "•••••• (changed)"

  /// The text with every secret replaced, in whatever way a config file may have quoted it.
  ///
  /// - Parameter secrets: the values; empty ones are passed over.
  public static func masked(_ text: String, secrets: [String]) -> String {
    covered(text, Forms(secrets)) { _ in mask }
  }

  /// What is to be masked where these settings have their values.
  ///
  /// - Parameters:
  ///   - secrets: values of secret settings.
  ///   - settings: all settings, by key. A value of a variable of an instance's own may be as short as `1`, which is a part of
  ///     much that is no secret, so that it is masked together with its name.
  public static func secrets(_ secrets: [String], and settings: [String: String]) -> [String] {
    secrets
      + settings.flatMap { key, value in
        guard let variable = OwnVariable(key: key) else { return [String]() }
        guard value.utf8.count < shortest else { return [value] }
        let member = (try? ComposeText.json([variable.name: ComposeText.literal(value)])) ?? value
        return ["\(variable.name)=\(value)", String(member.dropFirst(4).dropLast(2))]
      }
  }

  /// The fewest bytes of a text that is masked wherever it stands, though nobody calls it a secret.
  private static let shortest = 6

  /// The difference of two texts in the format of `diff -u`, without their secrets.
  ///
  /// Lines that differ in nothing but a secret are shown nevertheless, with ``changedMask`` on the new side.
  ///
  /// - Parameters:
  ///   - old: nil when there was no file.
  ///   - new: nil when there is to be none.
  ///   - oldSecrets: the values that were in force.
  ///   - newSecrets: the values that will be.
  public static func maskedDiff(
    old: String?, new: String?, path: String, oldSecrets: [String], newSecrets: [String]
  ) -> String {
    guard old != nil || new != nil else { return "" }
    // Compared before they are masked, as that makes different lines the same.
    var lines = UnifiedDiff.lines(from: old ?? "", to: new ?? "")
    let all = Forms(oldSecrets + newSecrets)
    let fresh = old == nil ? Forms([]) : Forms(newSecrets.filter { !oldSecrets.contains($0) })
    var removed: Set<String> = []
    for index in lines.indices {
      let text = lines[index].text
      var shown = covered(text, all) { _ in mask }
      switch lines[index].change {
      case .same: removed = []
      case .removed: removed.insert(shown)
      case .added:
        let isSameButForSecrets = removed.contains(shown)
        shown = covered(text, all) { isSameButForSecrets || fresh.contains($0) ? changedMask : mask }
      }
      lines[index].text = shown
    }
    let hunks = DiffHunk.all(of: lines, context: 3)
    if hunks.isEmpty, (old == nil) == (new == nil) { return "" }
    return UnifiedDiff.heading(old: old, new: new, path: path) + UnifiedDiff.joined(hunks)
  }

  /// Every way in which secrets may stand in a file.
  private struct Forms {
    /// By their first byte, so that most places of a text are passed over at once.
    private let byFirst: [UInt8: [[UInt8]]]

    init(_ secrets: [String]) {
      let forms = Set(secrets.flatMap { QuotedForms.all(of: $0) }.map { Array($0.utf8) }.filter { !$0.isEmpty })
      byFirst = Dictionary(grouping: forms.sorted { $0.count > $1.count }) { $0[0] }
    }

    /// The length of the longest form that begins at a place.
    func length(at index: Int, in bytes: [UInt8]) -> Int? {
      byFirst[bytes[index]]?.first { form in
        index + form.count <= bytes.count && bytes[index..<(index + form.count)].elementsEqual(form)
      }?.count
    }

    /// Whether a form stands in these bytes.
    func contains(_ bytes: ArraySlice<UInt8>) -> Bool {
      let bytes = Array(bytes)
      return bytes.indices.contains { length(at: $0, in: bytes) != nil }
    }
  }

  /// Replaces what secrets cover. Where two overlap, one mask covers both, so that no end of either is left.
  private static func covered(_ text: String, _ forms: Forms, _ mask: (ArraySlice<UInt8>) -> String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard let length = forms.length(at: index, in: bytes) else {
        result.append(bytes[index])
        index += 1
        continue
      }
      var end = index + length
      var inside = index + 1
      while inside < end {
        if let length = forms.length(at: inside, in: bytes) { end = max(end, inside + length) }
        inside += 1
      }
      result += Array(mask(bytes[index..<end]).utf8)
      index = end
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// How the formats of config files write one text.
private enum QuotedForms {
  static func all(of text: String) -> [String] {
    [
      text,
      // In single quotes, as YAML has it; in double quotes: words and JSON, then env.
      text.replacing("'", with: "''"), text.backslashing("\\\""), text.backslashing("\\\"/"),
      text.backslashing("\"\\$`"),
      // A file of Docker Compose, which is JSON with `$$` in it.
      ComposeText.literal(text).backslashing("\\\""),
      entities(in: text, [:]), entities(in: text, ["\"": "&quot;"]),
      entities(in: text, ["\"": "&quot;", "'": "&apos;"]), entities(in: text, ["\"": "&quot;", "'": "&#39;"]),
    ]
  }

  /// As XML writes it: the three characters that it always escapes, and some more.
  private static func entities(in text: String, _ more: [Unicode.Scalar: String]) -> String {
    let names: [Unicode.Scalar: String] = more.merging(["&": "&amp;", "<": "&lt;", ">": "&gt;"]) { $1 }
    return text.unicodeScalars.map { names[$0] ?? String($0) }.joined()
  }
}
